"""The hub when things fail, and what a batch costs: one encoding, no work for who may not see it."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from inbox.live.frames import tail
from inbox.live.hub import in_parts
from inbox.live.known import learn
from inbox.live.plan import Known, Plan, frames_of, make_plan
from inbox.live.seat import Seat
from inbox.policy import Person, sees
from inbox.ports import Limits
from stream import events as ev
from stream.model import Agent, Author
from stream.store.ports import Unavailable
from tests.inbox.live.client import client, types
from tests.inbox.world import World


async def test_a_lost_database_ends_the_lines_and_nobody_misses_anything(
    served: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client(served, "ada") as ada:
        failures = [1]

        async def failing(services: Any, plan: Any) -> Known:
            if failures and plan.conversations:
                failures.pop()
                raise Unavailable("The disk is full.")
            return await learn(services, plan)

        monkeypatch.setattr("inbox.live.hub.learn", failing)
        conversation = await served.assigned("ada")
        assert await ada.code() == 4000
        await ada.cut()
        await ada.resume()
        assert conversation in ada.rows
        await served.message("c1", "live again")
        await ada.event("message.received")


async def test_a_defect_ends_the_lines_too_and_the_hub_goes_on(
    served: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client(served, "ada") as ada:
        failures = [1]

        def failing(*args: Any) -> Plan:
            if failures:
                failures.pop()
                raise ZeroDivisionError
            return make_plan(*args)

        monkeypatch.setattr("inbox.live.hub.make_plan", failing)
        await served.assigned("ada")
        assert await ada.code() == 4000
        await ada.cut()
        await ada.resume()
        await ada.quiet()
        assert "conversation.assigned" in types(ada.log)


async def test_after_a_restore_the_hub_starts_over_at_the_journals_head(
    served: World, tmp_path: Path
) -> None:
    conversation = await served.assigned("ada")
    kept = served.journal.head
    async with client(served, "ada") as ada:
        for number in range(5):
            await served.message("c1", f"lost {number}")
        await ada.until(lambda frame: frame.get("n", 0) >= served.journal.head)
        with contextlib.closing(sqlite3.connect(tmp_path / "parley.db")) as database, database:
            database.execute("DELETE FROM journal WHERE n > ?", (kept,))
            database.execute("UPDATE journal_head SET n = ?, epoch = 'another'", (kept,))
        served.journal._behind.set()
        assert await ada.code() == 4000
        hub = served.parts.hub
        async with asyncio.timeout(30):
            while hub.done != kept:
                await asyncio.sleep(0.01)
        assert (hub.reading, served.journal.head) == (kept, kept)
        await ada.cut()
        assert (await ada.resume())["t"] == "start_over"
        await ada.start()
        await served.message("c1", "after the restore")
        frame = await ada.event("message.received")
        assert (frame["event"]["conversation"], frame["n"]) == (conversation, kept + 1)


async def test_a_hint_that_breaks_the_keeper_does_not_end_the_beats(
    served: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = asyncio.Event()

    def tick(_now: float) -> None:
        if not broken.is_set():
            broken.set()
            raise ZeroDivisionError

    keeper = served.parts.keeper
    original = keeper.tick
    monkeypatch.setattr(keeper, "tick", tick)
    async with asyncio.timeout(30):
        await broken.wait()
    monkeypatch.setattr(keeper, "tick", original)
    async with client(served, "ada") as ada:
        assert (await ada.until(lambda frame: frame["t"] == "beat"))["n"] == served.journal.head


def recorded(n: int, event: ev.AnyEvent, scope: ev.Scope | None = None) -> ev.Recorded:
    return ev.Recorded(n=n, at=float(n), event=event, scope=scope)


def team_change(n: int) -> ev.Recorded:
    return recorded(n, ev.AgentConfigured(agent="ada"))


def said(n: int, **scope: Any) -> ev.Recorded:
    event = ev.MessageReceived(
        conversation="c1", version=n, message=f"m{n}", seq=n, author=Author(kind="contact"), content=f"x{n}"
    )
    return recorded(n, event, ev.Scope(**scope))


def test_a_batch_is_cut_where_rights_change() -> None:
    batch = [said(1), team_change(2), team_change(3), said(4), said(5), team_change(6)]
    assert [[one.n for one in part] for part in in_parts(batch)] == [[1, 2, 3], [4, 5, 6]]
    assert [len(part) for part in in_parts([said(1)])] == [1]


def seats(*people: Person) -> list[Seat]:
    return [Seat(person, "key", Limits()) for person in people]


def who_of(everybody: Sequence[Seat], asked: list[ev.Scope]) -> Any:
    def who(scope: ev.Scope) -> set[Seat]:
        asked.append(scope)
        return {seat for seat in everybody if sees(seat.person, scope)}

    return who


def test_a_frame_is_encoded_once_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[bytes] = []

    def counting(*args: Any, **kwargs: Any) -> bytes:
        encoded.append(tail(*args, **kwargs))
        return encoded[-1]

    monkeypatch.setattr("inbox.live.plan.tail", counting)
    admins = seats(*(Person(login=f"a{n}", role="admin") for n in range(50)))
    holders = seats(*(Person(login="ada") for _ in range(3)))
    asked: list[ev.Scope] = []
    who = who_of([*admins, *holders], asked)
    plan = make_plan([said(1, assignee="ada")], who, set())
    frames = list(frames_of(plan, Known(), who))
    assert len(frames) == 53
    assert len(encoded) == 2
    assert len({id(text) for _seat, _n, text, _lost, _patient in frames}) == 2
    assert len(asked) == 1
    assert {seat.login for seat, *_rest, patient in frames if not patient} == {"ada"}


def test_what_nobody_here_may_see_costs_nothing() -> None:
    asked: list[ev.Scope] = []
    plan = make_plan(
        [said(n, assignee="tom") for n in range(1, 100)], who_of(seats(Person(login="ada")), asked), set()
    )
    assert plan.deliveries == []
    assert plan.contents == set()


def test_contacts_and_identities_that_nobody_knows_yet_are_not_told() -> None:
    batch = [
        recorded(1, ev.ContactCreated(contact="k")),
        recorded(2, ev.IdentityBlocked(identity="i", blocked=True)),
    ]
    asked: list[ev.Scope] = []
    ada = seats(Person(login="ada"))
    who = who_of(ada, asked)
    plan = make_plan(batch, who, set(ada))
    assert plan.identities == {"i"}
    assert list(frames_of(plan, Known(), who)) == []
    kin = {"i": (ev.Scope(assignee="ada"),)}
    assert [n for _seat, n, _tail, _lost, _patient in frames_of(plan, Known(kin=kin), who)] == [2]


def test_the_workspace_divides_agents_of_equal_names() -> None:
    here, there = seats(Person(login="ada"), Person(login="ada", workspace="other"))
    who = who_of([here, there], [])
    plan = make_plan([said(1, assignee="ada", workspace="other")], who, set())
    assert [seat for seat, *_rest in frames_of(plan, Known(), who)] == [there]
    assert Agent(id="ada").workspace == "main"
