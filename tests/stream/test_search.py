"""Words: folded the same when they are kept and when they are asked for, so both databases find the same. Following in batches."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream import events as ev
from stream.bus import open_bus
from stream.indexing import MAX_TEXT, doc_of, text_of, words
from stream.journal import Journal
from stream.model import (
    AddressContent,
    Attachment,
    ConversationContent,
    DocumentContent,
    Erased,
    MessageContent,
    PersonContent,
)
from stream.search import MAX_WORDS, SearchFollower, match
from stream.store import open_store
from stream.store.ports import Unavailable
from tests.making import committed, message
from tests.stream.stories import STORIES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rechnung für März!", ["rechnung", "fur", "marz"]),
        ("Straße STRASSE Strasse", ["strasse"]),
        ("one ONE two", ["one", "two"]),
        (f"{'a' * 70} {'a' * 80}", ["a" * 64]),
        ("naïve café — œuvre", ["naive", "cafe", "œuvre"]),
        ("İstanbul ıspanak", ["istanbul", "ıspanak"]),
        ("order_42-b/c@example.org", ["order", "42", "b", "c", "example", "org"]),
        ("ＦＵＬＬ１２３ ﬁne", ["full123", "fine"]),
        ("注文した商品", ["注文", "文し", "した", "た商", "商品"]),
        ("東 京", ["東", "京"]),
        ("가나다 한국어", ["가나", "나다", "한국", "국어"]),
        ("abc注文def", ["abc", "注文", "def"]),
        ("Żółta łódź", ["zołta", "łodz"]),
        ("", []),
        ("…!?*\"'()", []),
    ],
)
def test_words_are_folded(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text(max_size=200))
def test_words_are_plain_whatever_comes(text: str) -> None:
    for word in words(text):
        assert re.fullmatch(r"[^\W_]{1,64}", word)
        assert words(word) == [word]


@given(st.text(max_size=100))
def test_a_text_is_found_by_itself_in_any_case(text: str) -> None:
    assert words(text.upper().lower()) == words(text.upper().lower().upper().lower())


def test_a_match_has_every_word_as_a_beginning_and_nothing_of_the_databases_language() -> None:
    assert match('Rechn "OR" NEAR(a) -b*', "sqlite") == '"rechn"* AND "or"* AND "near"* AND "a"* AND "b"*'
    assert match("a & !b | (c:*) 'd' \\", "postgres") == "a:* & b:* & c:* & d:*"
    assert match(" \t!", "sqlite") == match("", "postgres") == ""


def test_long_queries_words_and_texts_are_cut() -> None:
    assert match(" ".join(f"a{number}" for number in range(50)), "postgres").count(":*") == MAX_WORDS
    assert words("x" * 500) == ["x" * 64]
    assert len(words("ab " * MAX_TEXT)) == 1
    numbers = " ".join(f"{number:05}" for number in range(MAX_TEXT))
    assert words(numbers) == [*numbers[:MAX_TEXT].split()]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (MessageContent(text="t", subject="s", html="<b>h</b>", quoted="q"), "s t "),
        (
            MessageContent(
                text="t",
                attachments=(Attachment(id="a", blob="b", name="bill.pdf", content_type="x", size=1),),
            ),
            " t bill.pdf",
        ),
        (ConversationContent(key="+4912345", subject="s"), "s"),
        (PersonContent(name="Ada", attributes={"city": "Bern"}), "Ada Bern"),
        (AddressContent(value="a@x.org", display="Ada"), "a@x.org Ada"),
        (DocumentContent(body={"x": 1}), ""),
        (Erased(at=1.0), ""),
        (None, ""),
    ],
)
def test_what_of_a_content_is_searched(content: Any, text: str) -> None:
    assert text_of(content) == text


def test_every_event_with_words_is_a_document_of_what_it_is_about() -> None:
    docs = [
        (type(recorded.event), doc)
        for story in STORIES.values()
        for recorded in story().shelf.journal
        if (doc := doc_of(recorded.event)) is not None
    ]
    assert {kind for kind, _doc in docs} == {
        ev.MessageReceived, ev.ReplyQueued, ev.NoteAdded, ev.MessageEdited, ev.ConversationStarted, ev.ContactCreated,
        ev.ContactChanged, ev.IdentityAdded,
    }  # fmt: skip
    for _kind, doc in docs:
        assert (doc.kind == "contact") == bool(doc.contact) == (not doc.conversation)


async def test_the_follower_goes_on_where_it_was_and_after_a_database_that_was_away(tmp_path: Any) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    await store.open()
    journal = Journal(store, open_bus("memory:"))
    await journal.open()
    await committed(journal, message("a", "1", "erstens"))
    follower = SearchFollower(journal)
    task = asyncio.create_task(follower.run())
    await _indexed(follower, journal)
    real, failures = store.write, 2

    async def sometimes(program: Any) -> Any:
        nonlocal failures
        if failures and program.__name__ == "index":
            failures -= 1
            raise Unavailable("away")
        return await real(program)

    store.write = sometimes  # type: ignore[method-assign]  # a fault for two batches
    await committed(journal, message("a", "2", "zweitens"))
    await _indexed(follower, journal)
    task.cancel()
    again = SearchFollower(journal)
    assert await journal.writer.index(1) == journal.head
    await again.rebuild()
    assert await journal.writer.index(1) == 1
    await journal.close()
    await store.close()


async def _indexed(follower: SearchFollower, journal: Journal) -> None:
    async with asyncio.timeout(30):
        while follower.indexed < journal.head:
            await asyncio.sleep(0.02)
