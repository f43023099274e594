"""What a command says whose recording begins later than was asked, because the journal was trimmed (`retention.journal`)."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from stream.reads import first_number
from stream.store.ports import Store

SLACK = 60.0
"""Two clocks and the time that reading takes."""


async def where_it_begins(store: Store, begins: float, since: float) -> str:
    """A sentence, or "". A journal that is young as a whole has nothing else to tell."""
    asked = time.time() - since
    if begins <= asked + SLACK or await first_number(store) <= 1:
        return ""
    return (
        f"the journal was trimmed (retention.journal): it goes back to {_moment(begins)} only, not to {_moment(asked)};"
        " what is told here begins there"
    )


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"
