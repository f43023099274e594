"""Sweeping up files that no content points to: what a refused batch, a crash between file and message, or an erasure has left.

A file's key says when it was made and which of 1,024 shards it is in. Each pass looks at its share of the shards, in pages, so that all
have been seen after `PASSES`. Left alone: what is younger than the grace (its message may still come), and what is older than the
journal (a new database at an old place of files knows nothing about them). Two installations must not share one folder or prefix.
"""

from __future__ import annotations

from stream.blobs import Blobs, made_at
from stream.ids import ALPHABET
from stream.store.ports import Store
from stream.store.program import fetch

GRACE_SECONDS = 2 * 86_400.0
"""Twice as long as an uploaded file waits for its message."""
PASSES = 24
PASS_SECONDS = 3_600.0
MOST = 10_000
"""So many files go in one pass; the rest in a later one."""
SHARDS = tuple(one + other for one in ALPHABET for other in ALPHABET)


async def sweep(store: Store, blobs: Blobs, now: float) -> int:
    """One pass at `now` (seconds since the epoch); how many files went. Raises `StoreError`."""
    first = await store.read(fetch("journal_begin"))
    if first[0][0] is None:
        return 0
    gone = 0
    for shard in SHARDS[int(now // PASS_SECONDS) % PASSES :: PASSES]:
        async for page in blobs.keys(shard):
            old = [key for key in page if first[0][0] <= made_at(key) < now - GRACE_SECONDS]
            if not old:
                continue
            kept = {row[0] for row in await store.read(fetch("blobs_kept", old))}
            for key in old:
                if key not in kept:
                    await blobs.delete(key)
                    gone += 1
                if gone >= MOST:
                    return gone
    return gone
