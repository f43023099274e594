"""The union of events: each is documented, folds or says why not, survives the journal, and carries no personal content."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from stream import events as ev
from stream.fold import KEEPS_SCOPE
from stream.fold.agent import AGENT_FOLDS
from stream.fold.contact import CONTACT_FOLDS, IDENTITY_FOLDS
from stream.fold.conversation import CONVERSATION_FOLDS
from stream.fold.message import MESSAGE_FOLDS
from tests.stream.stories import STORIES

EVENTS: tuple[type[Any], ...] = get_args(ev.AnyEvent)
FOLDS: dict[str, dict[type, Any]] = {
    "conversation": CONVERSATION_FOLDS,
    "message": MESSAGE_FOLDS,
    "agent": AGENT_FOLDS,
    "contact": CONTACT_FOLDS,
    "identity": IDENTITY_FOLDS,
}
UNFOLDED = {
    ev.ConfigApplied: "the active configuration is a table of its own",
    ev.ContentErased: "erasing replaces content rows, which are not folded",
}
CONTENT = ("profile", "address", "about", "content", "explain", "bundle")
DOCS = Path(__file__).parents[2] / "docs" / "events.md"


def tag(event: type[Any]) -> str:
    return str(event.__struct_config__.tag)


def documented() -> dict[str, tuple[str, str, str]]:
    lines = [line for line in DOCS.read_text("utf-8").splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert all(len(row) == 4 for row in cells)
    return {row[0].strip("`"): (row[1], row[2], row[3]) for row in cells}


def test_every_event_is_in_the_union_once_under_its_own_tag() -> None:
    defined = {
        thing
        for thing in vars(ev).values()
        if isinstance(thing, type)
        and issubclass(thing, ev.Event)
        and thing not in (ev.Event, ev.ConversationEvent)
    }
    assert defined == set(EVENTS)
    assert len({tag(event) for event in EVENTS}) == len(EVENTS)


def test_the_documentation_has_exactly_the_events() -> None:
    assert list(documented()) == [tag(event) for event in EVENTS]


@pytest.mark.parametrize("event", EVENTS, ids=tag)
def test_the_documentation_says_which_rows_change_and_what_is_content(event: type[Any]) -> None:
    rows, content, sentence = documented()[tag(event)]
    assert [row for row in rows.split(", ") if row] == [
        kind for kind, folds in FOLDS.items() if event in folds
    ]
    assert [name for name in content.split(", ") if name] == [
        n for n in CONTENT if n in event.__struct_fields__
    ]
    assert re.search(r"[.:;]$|\.$", sentence)


@pytest.mark.parametrize("event", EVENTS, ids=tag)
def test_every_event_folds_or_has_a_reason_not_to(event: type[Any]) -> None:
    assert any(event in folds for folds in FOLDS.values()) != (event in UNFOLDED)
    assert issubclass(event, ev.ConversationEvent) == (event in CONVERSATION_FOLDS)
    assert event in CONVERSATION_FOLDS or event not in KEEPS_SCOPE


def test_the_stories_tell_every_event() -> None:
    told = {type(recorded.event) for story in STORIES.values() for recorded in story().shelf.journal}
    assert told == set(EVENTS)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_events_survive_the_journal_and_leave_defaults_out(story: Any) -> None:
    for recorded in story().shelf.journal:
        text = msgspec.json.encode(recorded.event)
        assert msgspec.json.decode(text, type=ev.AnyEvent) == recorded.event
        assert b"null" not in text


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_no_event_or_row_holds_what_a_person_said_or_is_called(story: Any) -> None:
    shelf = story("xyzzy").shelf
    texts = [msgspec.json.encode(recorded.event) for recorded in shelf.journal]
    texts += [body.encode() for bodies in shelf.bodies.values() for body in bodies.values()]
    assert not [text for text in texts if b"xyzzy" in text]
    assert any("xyzzy" in body for body in shelf.content.values())


@pytest.mark.parametrize("event", EVENTS, ids=tag)
def test_an_event_of_an_older_program_is_read(event: type[Any]) -> None:
    """Fields beyond those that an event must have came later and have defaults: without them it is still read."""
    needed = {field.name: field for field in msgspec.structs.fields(event) if field.required}
    sample: dict[str, Any] = {"type": tag(event)}
    for recorded in (
        r for story in STORIES.values() for r in story().shelf.journal if type(r.event) is event
    ):
        whole = msgspec.to_builtins(recorded.event)
        sample |= {name: whole[name] for name in needed}
        break
    assert isinstance(msgspec.convert(sample, ev.AnyEvent), event)
