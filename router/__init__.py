"""The router: which agent gets which conversation, and why. It decides; it never sends and never stores.

`engine` and everything it uses is pure; `service` is the only shell.
"""
