"""How often Python's collector looks for cycles in a process that has started: the same in the server and in its writer."""

from __future__ import annotations

import gc

YOUNG = 60_000
"""Objects until it looks: a message makes a hundred and leaves no cycle, so looking every 700 costs a tenth of everything."""


def settle() -> None:
    """Leave out of every later look what the start has made, and look seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 100)
