"""The email channel: any mail in, answers that thread out. Importing it starts nothing, and loads the channel only when it is asked for.

`connectors.email.codec` stands on its own: who only reads mails (the child process of `wall` does) needs no client of any server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.contract import Manifest

__all__ = ["MANIFEST"]

MANIFEST: Manifest
"""Read from `manifest` when somebody asks for it."""


def __getattr__(name: str) -> Manifest:
    if name != "MANIFEST":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from connectors.email import manifest

    return manifest.MANIFEST
