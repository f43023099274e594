"""Who else a message goes to, as clients say it: addresses with names, checked before anything is kept. What a channel does with them is its own matter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta

from inbox.decode import Body
from inbox.errors import malformed
from inbox.ports import ChannelFacts

ONE_LINE = "^[^\\x00-\\x1f\\x7f\\u0085\\u2028\\u2029]*$(?!\\n)"
"""`$` alone would let a line end pass at the end."""
_NOT = r"\s@<>()\[\],;:\\\"\x00-\x1f\x7f"
ADDRESS = rf"^[^{_NOT}]{{1,64}}@[^{_NOT}.]+(\.[^{_NOT}.]+)*$(?!\n)"
MAX_COPIES = 50


class Copy(Body, frozen=True, kw_only=True):
    """An address that a message also goes to."""

    address: Annotated[str, Meta(min_length=3, max_length=254, pattern=ADDRESS)]
    name: Annotated[str, Meta(max_length=200, pattern=ONE_LINE)] = ""


Copies = Annotated[tuple[Copy, ...], Meta(max_length=MAX_COPIES)]


def data_of(channel: ChannelFacts | None, cc: Sequence[Copy] | None, bcc: Sequence[Copy]) -> dict[str, Any]:
    """What is kept with the message for its channel; `cc` None leaves it to the channel. Raises `ApiError` 400 where there are no copies."""
    if cc is None and not bcc:
        return {}
    if channel is None or not channel.capabilities.get("copies"):
        field = "cc" if cc is not None else "bcc"
        raise malformed(field, f"{field}: this channel sends no copies to others")
    if len(cc or ()) + len(bcc) > MAX_COPIES:
        raise malformed("bcc", f"bcc: at most {MAX_COPIES} others in all")
    data: dict[str, Any] = {} if cc is None else {"cc": _pairs(cc)}
    return {**data, "bcc": _pairs(bcc)} if bcc else data


def _pairs(copies: Sequence[Copy]) -> list[list[str]]:
    """Each address once, as channels read it."""
    once = {copy.address.lower(): copy for copy in reversed(copies)}
    return [[copy.address, copy.name] for copy in copies if once.get(copy.address.lower()) is copy]
