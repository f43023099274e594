"""How a command ended."""

from __future__ import annotations

from typing import Literal

import msgspec

from stream.events import AnyEvent
from stream.model import Conversation


class Committed(msgspec.Struct, frozen=True, kw_only=True):
    """Done: the last number, the events in order, and the id of the main thing that was made or changed."""

    n: int
    events: tuple[AnyEvent, ...] = ()
    id: str = ""
    conversation: Conversation | None = None


class Duplicate(msgspec.Struct, frozen=True, kw_only=True):
    """It was done before, at number `n`; `id` is what it made then."""

    n: int
    id: str = ""


RefusedCode = Literal[
    "not_found",
    "version",
    "offer_over",
    "capacity",
    "epoch",
    "state",
    "not_online",
    "blocked",
    "stopped",
    "lease",
    "invalid",
]


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Not done. `sentence` says why to a person; `conversation` is the state as it is, where there is one."""

    code: RefusedCode
    sentence: str
    conversation: Conversation | None = None


Result = Committed | Duplicate | Refused
