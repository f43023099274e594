"""A socket that comes back after the journal was trimmed starts over, and has the present state then."""

from __future__ import annotations

from stream.trimming import trim
from tests.inbox.live.client import client
from tests.inbox.world import World


async def test_who_was_away_for_longer_than_the_journal_is_kept_starts_over(served: World) -> None:
    await served.message("c0")
    async with client(served, "ada") as ada:
        await ada.cut()
        for number in range(5):
            await served.message(f"c{number}")
        while await served.journal.writer.index(400) < served.journal.head:
            pass
        assert await trim(served.services.store, 1e12) > 0
        served.journal._tail.clear()  # as in a process that was started since
        assert await ada.resume() == {"t": "start_over", "reason": "too_old"}
        assert (await ada.start())["n"] == served.journal.head
