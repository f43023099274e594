"""Old snapshot + events = new snapshot, wherever the snapshot was taken; each event touches the rows that it names, each once."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from stream import events as ev
from stream.fold import Key, fold_row, scope_of, touches
from stream.loading import KINDS
from stream.model import Agent, Author, Contact, Conversation, Entity, Identity, Message, Offer
from tests.stream.shelf import entities
from tests.stream.stories import STORIES


def after(rows: dict[Key, Entity], events: list[ev.Recorded]) -> dict[Key, Entity]:
    rows = dict(rows)
    for recorded in events:
        for key in touches(recorded.event):
            rows[key] = fold_row(key, rows.get(key), recorded.event, recorded.at)
    return rows


def as_read(rows: dict[Key, Entity]) -> dict[Key, Entity]:
    """The rows as a client has them that got them as JSON."""
    return {
        key: msgspec.json.decode(msgspec.json.encode(row), type=KINDS[key[0]]) for key, row in rows.items()
    }


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_a_snapshot_and_the_events_after_it_are_the_next_snapshot(story: Any) -> None:
    shelf = story().shelf
    final = entities(shelf)
    for cut in range(len(shelf.journal) + 1):
        snapshot = as_read(after({}, shelf.journal[:cut]))
        assert after(snapshot, shelf.journal[cut:]) == final


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_an_event_changes_nothing_but_what_it_touches_and_names_each_once(story: Any) -> None:
    rows: dict[Key, Entity] = {}
    for recorded in story().shelf.journal:
        keys = touches(recorded.event)
        assert len(keys) == len(set(keys))
        assert all(kind in KINDS and ident for kind, ident in keys)
        before = dict(rows)
        rows = after(rows, [recorded])
        assert {key for key in rows if rows[key] != before.get(key)} <= set(keys)
        for key in keys:
            row = rows[key]
            if isinstance(row, Conversation | Agent | Contact | Identity):
                assert row.version == getattr(before.get(key), "version", 0) + 1


def test_an_agent_named_twice_by_an_event_is_folded_once() -> None:
    event = ev.ConversationAssigned(
        conversation="c", agent="ann", units=2, how="assigned", by=STEERED, connector="webchat", released="ann",
        released_units=1,
    )  # fmt: skip
    assert touches(event) == [("conversation", "c"), ("agent", "ann")]
    row = fold_row(("agent", "ann"), Agent(id="ann", load=1, held={"webchat": 1}), event, 1.0)
    assert isinstance(row, Agent)
    assert (row.load, row.held) == (2, {"webchat": 1})


STEERED = Author(kind="system", id="router")


def test_the_scope_says_who_may_see_it_as_facts() -> None:
    row = Conversation(
        id="c", channel="w", connector="webchat", key="k", about="a", identity="i", queue="q", team="t", assignee="",
        participants=("zoe",), offer=Offer(id="o", agent="ann", expires_at=1.0, units=1),
    )  # fmt: skip
    assert scope_of(row) == ev.Scope(queue="q", team="t", offered="ann", named=("zoe",), waiting=True)
    for facts in ({"assignee": "ann"}, {"status": "resolved"}, {"status": "snoozed"}):
        assert not scope_of(msgspec.structs.replace(row, **facts)).waiting


def test_a_row_of_an_older_program_is_read_with_defaults() -> None:
    for kind, type_ in KINDS.items():
        needed = {field.name: "x" for field in msgspec.structs.fields(type_) if field.required}
        if kind == "message":
            needed |= {"seq": 1, "direction": "in", "author": {"kind": "system"}, "at": 1.0}  # type: ignore[dict-item]  # numbers
        assert isinstance(msgspec.convert(needed, type_), Contact | Conversation | Identity | Message | Agent)
