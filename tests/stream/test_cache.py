"""The cache of contents is bounded by bytes, whatever is put into it."""

from __future__ import annotations

from stream.cache import ENTRY_BYTES, ContentCache
from stream.model import Erased, MessageContent

HELLO = MessageContent(text="hello")


def test_the_oldest_go_when_the_bytes_are_used_up() -> None:
    cache = ContentCache(limit=16 * (ENTRY_BYTES + 100))
    for number in range(100):
        cache.put(f"c{number}", HELLO, 100)
        assert cache.bytes <= 16 * (ENTRY_BYTES + 100)
    assert cache.get("c83") is None
    assert [cache.get(f"c{number}") for number in range(84, 100)] == [HELLO] * 16


def test_one_large_row_pushes_nobody_out() -> None:
    cache = ContentCache(limit=100_000)
    cache.put("small", HELLO, 10)
    cache.put("large", HELLO, 50_000)
    assert (cache.get("small"), cache.get("large")) == (HELLO, None)


def test_a_row_put_again_counts_once_and_a_large_one_replaces_the_small() -> None:
    cache = ContentCache(limit=100_000)
    for _ in range(50):
        cache.put("c", HELLO, 100)
    assert cache.bytes == ENTRY_BYTES + 100
    mark = Erased(at=1.0)
    cache.put("c", mark, 10)
    assert cache.get("c") == mark
    cache.put("c", HELLO, 90_000)
    assert (cache.get("c"), cache.bytes) == (None, 0)


def test_what_is_dropped_or_cleared_is_gone() -> None:
    cache = ContentCache()
    cache.put("a", HELLO, 1)
    cache.put("b", HELLO, 1)
    cache.drop("a")
    cache.drop("nowhere")
    assert (cache.get("a"), cache.get("b")) == (None, HELLO)
    cache.clear()
    assert (cache.get("b"), cache.bytes) == (None, 0)
