"""What a server tells while a mailbox is idle: which of it is news, and what came so early that nobody would wait for it."""

from __future__ import annotations

import imapclient


def is_news(response: object, held: int) -> bool:
    """A mail came to the `held` ones or went, or the server says goodbye; `OK Still here` is none, nor is a number that was known."""
    if not isinstance(response, tuple):
        return True
    if b"EXISTS" in response:
        return held not in response
    return any(word in (b"BYE", b"EXPUNGE") for word in response)


def came_along(client: imapclient.IMAPClient, held: int) -> bool:
    """Whether news came in one piece with the server's word that it idles, as of a mail that arrives at that moment.

    They are in the library's buffer then, and `idle_check` would wait for the socket, where nothing is left.
    """
    sock = client.socket()
    patience = sock.gettimeout()
    sock.settimeout(0)
    try:
        ahead: bytes = client._imap.file.peek()  # noqa: SLF001  # the library offers no look at it
    except OSError:  # nothing is there
        return False
    finally:
        sock.settimeout(patience)
    lines = (line.split() for line in ahead.splitlines())
    return any(is_news(tuple(int(word) if word.isdigit() else word for word in line), held) for line in lines)
