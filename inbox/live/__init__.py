"""The agents' socket: what is said (`frames`), to whom (`audience`, `plan`), by whom it is kept up (`hub`), and the wire (`socket`)."""
