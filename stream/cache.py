"""The newest content rows in memory, bounded by their size: what was just appended is read by everybody, and seldom again later."""

from __future__ import annotations

from collections import OrderedDict

from stream.model import Content

CACHE_BYTES = 32 << 20
ENTRY_BYTES = 600
"""What an entry costs beside its text: the struct, its key and its place."""


class ContentCache:
    """Content rows by id; past `limit` bytes the oldest go."""

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._limit = limit
        self._rows: OrderedDict[str, tuple[Content, int]] = OrderedDict()
        self.bytes = 0

    def put(self, ident: str, content: Content, size: int) -> None:
        """Keep a row whose text has `size` characters; one that takes more than an eighth of the whole is left out."""
        if ident in self._rows:
            self.drop(ident)
        cost = size + ENTRY_BYTES
        if cost > self._limit // 8:
            return
        self._rows[ident] = (content, cost)
        self.bytes += cost
        while self.bytes > self._limit:
            _ident, (_content, gone) = self._rows.popitem(last=False)
            self.bytes -= gone

    def get(self, ident: str) -> Content | None:
        """The row, or None."""
        found = self._rows.get(ident)
        return found[0] if found is not None else None

    def drop(self, ident: str) -> None:
        """Forget a row: somebody erased it."""
        found = self._rows.pop(ident, None)
        if found is not None:
            self.bytes -= found[1]

    def clear(self) -> None:
        """Forget all."""
        self._rows.clear()
        self.bytes = 0
