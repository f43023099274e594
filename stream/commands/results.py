"""How a command ended."""

from __future__ import annotations

from typing import Literal

import msgspec

from stream.events import AnyEvent
from stream.model import Conversation


class Committed(msgspec.Struct, frozen=True, kw_only=True):
    """Done: the last number, the events in order, the id of the main thing that was made or changed, and the conversation's id if it was in one."""

    n: int
    events: tuple[AnyEvent, ...] = ()
    id: str = ""
    conversation: str = ""


class Duplicate(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag=True):
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


class Refused(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag=True):
    """Not done. `sentence` says why to a person; `conversation` is the state as it is, where there is one."""

    code: RefusedCode
    sentence: str
    conversation: Conversation | None = None


Result = Committed | Duplicate | Refused
