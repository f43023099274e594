"""What was just appended is indexed without being read again, and comes to the same as what is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from stream import events as ev
from stream.bus import open_bus
from stream.indexing import FRESH, LONGEST_TEXT, Entry, Fresh, entry_of
from stream.journal import Journal
from stream.model import Author, Content, MessageContent
from stream.search import search
from stream.visibility import Visibility
from stream.writer import open_writing
from tests.making import committed, message

ALL = Visibility(everything=True, agent="", agents=(), teams=(), queues=(), unqueued=False)


def read(n: int) -> ev.Recorded:
    return ev.Recorded(n=n, at=0.0, event=ev.ContentErased(contents=(f"c{n}",), by="ada"))


def said(n: int, text: str) -> tuple[ev.Recorded, tuple[str, Content, int]]:
    event = ev.NoteAdded(
        conversation="cnv_1",
        message=f"msg_{n}",
        seq=n,
        content=f"c{n}",
        version=n,
        author=Author(kind="agent", id="ada"),
    )
    return ev.Recorded(n=n, at=0.0, event=event), (f"c{n}", MessageContent(text=text), len(text))


def numbers(entries: list[Entry]) -> list[int]:
    return [entry.n for entry in entries]


def test_entries_are_given_from_where_the_index_stands() -> None:
    fresh = Fresh()
    fresh.note([read(n) for n in (5, 6, 7)], [])
    fresh.note([read(8)], [])
    assert numbers(fresh.after(4, 3)) == [5, 6, 7]
    assert numbers(fresh.after(4, 3)) == [5, 6, 7], "asked again after a transaction that failed"
    assert numbers(fresh.after(6, 10)) == [7, 8]
    assert fresh.after(8, 10) == []


@pytest.mark.parametrize("at", [0, 3])
def test_who_stands_before_the_first_one_reads_the_journal(at: int) -> None:
    fresh = Fresh()
    fresh.note([read(5)], [])
    assert fresh.after(at, 10) == []
    assert numbers(fresh.after(4, 10)) == [5], "once the index has come up to it"


def test_a_gap_begins_a_new_row() -> None:
    fresh = Fresh()
    fresh.note([read(5)], [])
    fresh.note([read(9)], [])
    assert fresh.after(4, 10) == []
    assert numbers(fresh.after(8, 10)) == [9]


def test_more_than_may_wait_is_read_from_the_journal() -> None:
    fresh = Fresh()
    fresh.note([read(n) for n in range(1, FRESH + 1)], [])
    assert len(fresh.after(0, 2 * FRESH)) == FRESH
    fresh.note([read(FRESH + 1)], [])
    assert fresh.after(0, 10) == []
    assert numbers(fresh.after(FRESH, 10)) == [FRESH + 1]


def test_texts_come_along_unless_they_are_long() -> None:
    (short, content), (long, file) = said(1, "hello"), said(2, "x" * (LONGEST_TEXT + 1))
    fresh = Fresh()
    fresh.note([short, long], [content, file])
    texts = [entry.text for entry in fresh.after(0, 10)]
    assert texts[0] is not None
    assert texts[0].split() == ["hello"]
    assert texts[1] is None
    assert entry_of(1, short.event).text is None


async def test_words_of_either_kind_are_found(tmp_path: Path) -> None:
    """One message is indexed from memory, the long one by reading, both in one go; then all of it is made anew from the journal."""
    store, writer = open_writing(f"sqlite:///{tmp_path}/x.db")
    await store.open()
    journal = Journal(store, open_bus("memory:"), writer)
    await journal.open()
    texts = {"m1": "a short lamp", "m2": "a lantern " + "far " * LONGEST_TEXT}
    made = {name: await committed(journal, message("c1", name, text)) for name, text in texts.items()}
    assert await journal.writer.index(1_000) == journal.head
    for word in ("lamp", "lantern"):
        (hit,) = [hit for hit in await search(store, word, ALL, limit=5) if hit.kind == "message"]
        assert hit.conversation == made["m1"].conversation
    await journal.close()
    await store.close()
