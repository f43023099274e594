"""Reading what comes with a message to be sent: the mail that it answers, and what the agent's program said about it. Pure and tolerant."""

from __future__ import annotations

import re
from typing import Any

from connectors.contract import Outbound

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def last(message: Outbound) -> dict[str, Any]:
    """The newest mail of the customer; empty when there is none."""
    found = message.context.get("last")
    return found if isinstance(found, dict) else {}


def last_data(message: Outbound) -> dict[str, Any]:
    """What `inbound` noted about that mail."""
    found = last(message).get("data")
    return found if isinstance(found, dict) else {}


def said_data(message: Outbound) -> dict[str, Any]:
    """What came with the message itself: `cc`, `bcc`, `proactive`."""
    found = message.context.get("data")
    return found if isinstance(found, dict) else {}


def pairs(value: object) -> list[tuple[str, str]]:
    """Addresses with their names; what is no such pair is left out."""
    given = value if isinstance(value, list | tuple) else []
    return [
        (str(one[0]), str(one[1]))
        for one in given
        if isinstance(one, list | tuple) and len(one) == 2 and "@" in str(one[0])
    ]


def ident(text: str) -> str:
    """An id that may stand in a header line: printable ASCII, no blanks, not longer than a line may be; else empty."""
    text = text.strip().strip("<>")
    return text if text.isascii() and text.isprintable() and " " not in text and 0 < len(text) < 900 else ""


def clean(text: str) -> str:
    """Text for a header: one line, without control and direction characters."""
    return " ".join(_CONTROL.sub(" ", text).split())


def uncontrolled(text: str) -> str:
    """Text without control and direction characters."""
    return _CONTROL.sub("", text)
