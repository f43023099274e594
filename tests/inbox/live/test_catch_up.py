"""Beginning and going on: snapshot + events = snapshot, resumes that miss and repeat nothing, and resumes that must not be."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from inbox import accounts
from inbox.ports import Limits
from stream import commands as cmd
from stream.bus import open_bus
from stream.bus.ports import Bus
from stream.ids import new_token
from stream.journal import Journal
from stream.model import Author
from tests.inbox.live.client import Client, client, types
from tests.inbox.live.traffic import Traffic
from tests.inbox.world import TEAM, World, open_world, serve, small_world

ADA = Author(kind="agent", id="ada")

# --- resume ----------------------------------------------------------------------------------------------------------


async def test_what_was_missed_comes_once_and_in_order(served: World) -> None:
    async with client(served, "ada") as ada:
        conversation = await served.assigned("ada")
        await ada.event("conversation.assigned")
        await ada.cut()
        for number in range(5):
            await served.message("c1", f"missed {number}")
        await served.assigned("tom", "c2")
        resumed = await ada.resume(conversation)
        assert resumed == {"t": "resumed", "n": served.journal.head}
        texts = [
            frame["content"][frame["event"]["content"]]["text"]
            for frame in ada.log
            if frame["event"]["type"] == "message.received" and "content" in frame
        ]
        assert texts == [f"missed {number}" for number in range(5)]
        await served.message("c1", "live")
        assert (await ada.event("message.received"))["content"]


async def test_what_came_into_sight_and_went_meanwhile_is_told(served: World) -> None:
    async with client(served, "bob") as bob:
        first = await served.message("c1")
        await served.enqueue(first)
        await bob.event("conversation.queued")
        await bob.cut()
        await served.online("ada")
        await served.push(first, "ada")
        second = await served.message("c2")
        await served.enqueue(second)
        fleeting = await served.message("c3")
        await served.enqueue(fleeting)
        await served.push(fleeting, "ada")
        await bob.resume()
        assert set(bob.rows) == {second}


async def test_a_resume_of_much_goes_page_by_page(tmp_path: Path) -> None:
    async with open_world(tmp_path, settings={"limits": Limits(queue_frames=150)}) as world, serve(world):
        await world.configure_roomy()
        async with client(world, "ada") as ada:
            await world.assigned("ada")
            await ada.event("conversation.assigned")
            await ada.cut()
            await asyncio.gather(*(world.message("c1", f"text {number}") for number in range(700)))
            assert (await ada.resume())["t"] == "resumed"
            assert types(ada.log).count("message.received") == 700


async def test_resume_at_the_head_and_from_the_very_first(served: World) -> None:
    async with client(served, "ada") as ada:
        await ada.cut()
        assert await ada.resume() == {"t": "resumed", "n": served.journal.head}
        await ada.cut()
        assert ada.log == []


async def test_another_epoch_a_future_number_and_an_old_one_start_over(tmp_path: Path) -> None:
    async with open_world(tmp_path, settings={"limits": Limits(resume_events=10)}) as world, serve(world):
        for epoch, n, reason in (
            ("another", 3, "epoch"),
            (world.journal.epoch, world.journal.head + 1, "epoch"),
            (world.journal.epoch, 2**53, "epoch"),
        ):
            async with client(world, "ada", start=False) as ada:
                ada.epoch, ada.n = epoch, n
                assert await ada.resume() == {"t": "start_over", "reason": reason}
                assert (await ada.start())["n"] == world.journal.head
        async with client(world, "ada") as ada:
            await ada.cut()
            for number in range(12):
                await world.message(f"c{number}")
            assert await ada.resume() == {"t": "start_over", "reason": "too_old"}


async def test_rights_that_changed_meanwhile_start_over_without_a_word_of_others(served: World) -> None:
    async with client(served, "tom") as tom, client(served, "sue") as sue, client(served, "ada") as ada:
        for one in (tom, sue, ada):
            await one.cut()
        moved = tuple(
            msgspec.structs.replace(agent, queues=("billing",)) if agent.agent == "tom" else agent
            for agent in TEAM
        )
        await served.configure(*moved, digest="two")
        await served.assigned("ada", "c1", "the secret")
        for one in (tom, sue, ada):
            assert await one.resume() == {"t": "start_over", "reason": "rights"}
            assert one.log == []


async def test_an_account_s_other_role_starts_over(served: World) -> None:
    await served.user("root", role="admin")
    async with client(served, "root") as root:
        await root.cut()
        await accounts.set_role(served.services.store, "root", "", served.clock())
        await served.assigned("ada", "c1", "the secret")
        assert await root.resume() == {"t": "start_over", "reason": "rights"}
        assert root.log == []


async def test_a_conversation_closed_to_me_meanwhile_is_not_open_again(served: World) -> None:
    conversation = await served.assigned("ada")
    async with client(served, "ada") as ada:
        await ada.send(t="open", conversation=conversation)
        await ada.until(lambda frame: frame["t"] == "viewing")
        await ada.cut()
        await served.submit(
            cmd.Assign(
                token=new_token(),
                conversation=conversation,
                by=Author(kind="agent", id="ann"),
                agent="bob",
                override=True,
            )
        )
        await ada.resume(conversation)
        await served.message("c1", "the secret")
        assert "the secret" not in str(await ada.quiet())
        assert conversation not in ada.rows


async def test_somebody_else_s_cursor_shows_nothing_of_theirs(served: World) -> None:
    async with client(served, "ada") as ada, client(served, "tom", start=False) as tom:
        at = ada.n
        await served.assigned("ada", "c1", "the secret")
        tom.n, tom.epoch = at, served.journal.epoch
        await tom.resume()
        assert types(tom.log) == ["agent.status"]


@asynccontextmanager
async def second_process(world: World, bus: Bus | None = None) -> AsyncIterator[World]:
    """Another inbox on the same store and bus, with a journal of its own (which another `bus` tells nothing)."""
    journal = Journal(world.services.store, bus or world.services.bus, clock=world.clock)
    await journal.open()
    try:
        services = type(world.services)(
            **{
                **{name: getattr(world.services, name) for name in type(world.services).__slots__},
                "journal": journal,
                "settings": msgspec.structs.replace(world.services.settings, process="p2"),
            }
        )
        other = World(services, world.clock, world.house)
        async with serve(other):
            yield other
    finally:
        await journal.close()


async def test_any_process_serves_any_resume(served: World) -> None:
    async with second_process(served) as other, client(served, "ada") as ada:
        conversation = await served.assigned("ada")
        await ada.event("conversation.assigned")
        await ada.cut()
        await served.message("c1", "missed")
        ada.world = other
        assert (await ada.resume())["t"] == "resumed"
        await served.message("c1", "live over there")
        live = await ada.event("message.received")
        while "live over there" not in str(live):
            live = await ada.event("message.received")
        assert conversation in ada.rows
        async with asyncio.timeout(30):
            while "ada" not in served.parts.keeper.company.connected():
                await asyncio.sleep(0.02)
        async with client(served, "bob") as bob:
            assert bob.snapshot["presence"] == {"ada": True, "bob": True}


async def test_a_resume_waits_for_a_process_that_is_behind(
    served: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stream.journal.POLL_SECONDS", 600.0)
    deaf = open_bus("memory:")
    await deaf.open()
    async with second_process(served, deaf) as other, client(served, "ada") as ada:
        await served.assigned("ada")
        await ada.event("conversation.assigned")
        assert other.journal.head < ada.n
        await ada.cut()
        ada.world = other
        assert await ada.resume() == {"t": "resumed", "n": served.journal.head}
        await ada.cut()
        ada.n += 1
        assert (await ada.resume())["t"] == "start_over", "nobody has that"
    await deaf.close()


async def test_a_client_that_does_not_take_what_it_missed_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inbox.live.catch_up.CALM_SECONDS", 0.3)
    async with small_world(tmp_path, Limits()) as world:
        await world.configure_roomy()
        conversation = await world.assigned("ada")
        async with client(world, "ada") as ada:
            await ada.cut()
            for _ in range(220):
                await world.message("c1", "x" * 60_000)
            await ada.connect()
            ada.stop_reading()
            await ada.send(t="resume", epoch=ada.epoch, n=ada.n, open=[conversation])
            async with asyncio.timeout(20):
                while world.parts.hub.seats:
                    await asyncio.sleep(0.05)


# --- snapshot + events = snapshot --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("login", "seed"), [("ada", 7), ("tom", 7), ("sue", 7), ("ann", 7), ("sue", 8), ("ann", 9)]
)
async def test_a_snapshot_and_the_events_after_it_are_the_next_snapshot(
    served: World, login: str, seed: int
) -> None:
    traffic = Traffic(served, seed)
    await traffic.prepare()
    for _ in range(60):
        await traffic.step()
    async with client(served, login) as one, client(served, login, start=False) as other:
        started = asyncio.create_task(other.start())
        for _ in range(150):
            await traffic.step()
        await started
        for _ in range(20):
            await traffic.step()
        async with client(served, login) as fresh:
            for seen in (one, other):
                await seen.quiet()
                for ident, row in fresh.rows.items():
                    assert seen.rows[ident] == row
                assert {ident for ident, row in seen.rows.items() if shown(row, login)} == set(fresh.rows)


async def test_what_comes_back_to_the_lists_comes_whole(served: World) -> None:
    reopened, returned = await served.assigned("ada", "c1"), await served.assigned("ada", "c2")
    await served.submit(cmd.Resolve(token=new_token(), conversation=reopened, by=ADA))
    async with client(served, "ada") as ada, client(served, "sue") as sue:
        assert set(ada.rows) == {returned}
        assert not sue.rows
        await served.submit(cmd.Reopen(token=new_token(), conversation=reopened, by=ADA))
        await served.submit(
            cmd.HandBack(token=new_token(), epoch=served.epoch, conversation=returned, agent="ada")
        )
        await ada.quiet()
        await sue.quiet()
        assert reopened in ada.rows
        assert returned in sue.rows


def shown(row: object, login: str) -> bool:
    """Tell whether a snapshot holds it: own, offered, or waiting."""
    status, assignee, offer = (getattr(row, name) for name in ("status", "assignee", "offer"))
    own = status != "resolved" and (assignee == login or (offer is not None and offer.agent == login))
    return own or (status == "open" and not assignee)


# --- cut at random -----------------------------------------------------------------------------------------------------


async def live_through(one: Client, seed: int, stop: asyncio.Event) -> None:
    """Read; lose the line at random moments, also while catching up; go on from the cursor. In the end, catch up whole."""
    chance = random.Random(seed)
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        until = loop.time() + chance.uniform(0.0, 0.4)
        with contextlib.suppress(ConnectionError):
            await one.connect()
            await one.send(t="resume", epoch=one.epoch, n=one.n, open=[])
            while loop.time() < until:
                with contextlib.suppress(TimeoutError):
                    assert (await one.frame(0.05))["t"] != "start_over"
        await one.cut()
        await asyncio.sleep(chance.uniform(0.0, 0.1))
    resumed = await one.resume()
    assert resumed == {"t": "resumed", "n": one.world.journal.head}
    await one.cut()


async def test_lines_cut_at_random_miss_and_repeat_nothing(served: World) -> None:
    traffic = Traffic(served, 11)
    await traffic.prepare()
    logins = ["ada", "bob", "tom", "sue", "ann"]
    clients = []
    for index in range(10):
        login = logins[index % len(logins)]
        one = Client(served, await served.bearer(login))
        await one.start()
        await one.cut()
        clients.append(one)
    async with client(served, "ann") as steady:
        stop = asyncio.Event()
        lives = [asyncio.create_task(live_through(one, index, stop)) for index, one in enumerate(clients)]
        for _ in range(200):
            await traffic.step()
        stop.set()
        async with asyncio.timeout(60):
            await asyncio.gather(*lives)
        await steady.quiet()
        everything = [frame["n"] for frame in steady.log]
    begun = max(one.snapshot["n"] for one in clients)
    seen: list[list[int]] = []
    for index, login in enumerate(logins):
        logs = [[frame["n"] for frame in one.log] for one in clients[index :: len(logins)]]
        assert all(log == sorted(set(log)) for log in logs)
        seen = [[n for n in log if n > begun] for log in logs]
        assert len({tuple(log) for log in seen}) == 1, login
        assert seen[0]
    assert [n for n in everything if n > begun] == seen[-1]
