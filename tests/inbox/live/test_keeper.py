"""The hub's companions: crowds, silence, credentials, and hints between processes."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiohttp
import msgspec
import pytest

from inbox import accounts
from inbox.live.company import SILENT_SECONDS
from inbox.live.keeper import ACCOUNTS, FAR, FEW
from inbox.ports import Limits
from stream import commands as cmd
from stream.ids import new_token
from stream.journal import QueueFull
from stream.model import Author
from tests.inbox.live.client import Client, client
from tests.inbox.world import World, sign_in, small_world


async def test_a_crowd_is_told_in_one_frame(served: World) -> None:
    crowd = [f"agent{number}" for number in range(FEW + 1)]
    async with client(served, "ada") as ada:
        hint = msgspec.json.encode({"process": "p2", "agents": crowd})
        await served.services.bus.publish("presence", hint)
        frame = await ada.until(lambda frame: frame["t"] == "presence" and "agents" in frame)
        assert frame["agents"] == dict.fromkeys(sorted(crowd), True)


async def test_who_was_at_a_process_that_died_is_gone(served: World) -> None:
    async with client(served, "ada") as ada:
        conversation = await served.assigned("ada")
        await ada.send(t="open", conversation=conversation)
        for topic, body in (
            ("presence", {"process": "p2", "agents": ["tom"]}),
            ("viewing", {"process": "p2", "conversation": conversation, "agents": ["tom"]}),
        ):
            await served.services.bus.publish(topic, msgspec.json.encode(body))
        await ada.until(lambda frame: frame["t"] == "viewing" and "tom" in frame["agents"])
        loop = asyncio.get_running_loop()
        for seat in served.parts.hub.seats:
            seat.heard_at = loop.time() + SILENT_SECONDS
        served.parts.keeper.company.note_present("p1", ["ada"], loop.time() + SILENT_SECONDS)
        served.parts.keeper.tick(loop.time() + SILENT_SECONDS + 1)
        seen = await ada.quiet()
        assert {"t": "presence", "agent": "tom", "connected": False} in seen
        assert {"t": "viewing", "conversation": conversation, "agents": ["ada"]} in seen


async def test_a_hint_of_another_process_has_credentials_judged_at_once(tmp_path: Path) -> None:
    async with small_world(tmp_path, Limits(), recheck_seconds=60.0) as world, client(world, "ada") as ada:
        await accounts.disable(world.services.store, "ada", world.clock())
        await world.services.bus.publish(ACCOUNTS, b"ada")
        start = time.monotonic()
        assert await ada.code() == 4001
        assert time.monotonic() - start < 20


async def test_working_on_the_socket_keeps_a_session_from_going_idle_being_there_does_not(
    served: World, http: aiohttp.ClientSession
) -> None:
    await sign_in(served, http, "ada")
    cookie = next(cookie.value for cookie in http.cookie_jar)
    ada = Client(served, {"Cookie": f"parley={cookie}", "Origin": served.origin})
    conversation = await served.assigned("ada")
    await ada.start()
    served.clock.ahead = 8 * 3600.0
    await ada.do("read", conversation, seq=1)
    await served.parts.keeper.recheck()
    served.clock.ahead = 16 * 3600.0
    await served.parts.keeper.recheck()
    row = (await accounts.sessions_of(served.services.store, "ada"))[0]
    assert abs(row.seen_at - (time.time() + 8 * 3600.0)) < 60
    served.clock.ahead = 21 * 3600.0
    served.parts.keeper.recheck_soon()
    assert await ada.code() == 4001
    await ada.cut()


async def test_a_blocked_address_is_told_to_who_sees_the_contact(served: World) -> None:
    conversation = await served.assigned("ada")
    identity = (await served.row(conversation)).identity
    async with client(served, "ada") as ada, client(served, "tom") as tom:
        await served.submit(
            cmd.BlockIdentity(
                token=new_token(), identity=identity, blocked=True, by=Author(kind="agent", id="ann")
            )
        )
        assert (await ada.event("identity.blocked"))["event"]["identity"] == identity
        await tom.quiet()
        assert tom.log == []


async def test_a_database_that_is_away_is_said_and_the_line_stays(
    served: World, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await served.assigned("ada")
    async with client(served, "ada") as ada:

        async def full(_command: cmd.Command) -> cmd.Result:
            raise QueueFull("Too many commands wait.")

        monkeypatch.setattr(served.journal, "submit", full)
        done = await ada.do("resolve", conversation)
        assert (done["ok"], done["code"], done["message"]) == (
            False,
            "unavailable",
            "Too many commands wait.",
        )
        async with http.post(
            served.url(f"/api/v1/conversations/{conversation}/resolve"), headers=await served.bearer("ada")
        ) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
            assert (await answer.json())["error"]["code"] == "unavailable"
        monkeypatch.undo()
        assert (await ada.do("resolve", conversation))["ok"] is True


async def test_who_says_nothing_is_sent_away(served: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inbox.live.socket.GREETING_SECONDS", 0.2)
    async with client(served, "ada", start=False) as ada:
        await ada.connect()
        assert await ada.code() == 4000


async def test_who_sees_little_of_a_busy_house_is_told_where_it_is(served: World) -> None:
    async with client(served, "ada"):
        (seat,) = served.parts.hub.seats
        seat.queue.clear()
        hub, now = served.parts.hub, asyncio.get_running_loop().time()
        seat.beat_at = now + 25.0
        told = hub.done
        hub.done = seat.last + seat.limits.resume_events // FAR
        served.parts.keeper.tick(now)
        assert not seat.queue
        hub.done += 1
        served.parts.keeper.tick(now)
        assert [n for n, _tail in seat.queue] == [hub.done]
        seat.queue.clear()
        hub.done = told
