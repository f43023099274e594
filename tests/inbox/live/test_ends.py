"""How lines end: limits, silence, foreign pages, revoked credentials, other rights, a stop."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

import aiohttp
import msgspec
import pytest
from structlog.testing import capture_logs

from inbox import accounts
from inbox.ports import Limits
from tests.inbox.live.client import Client, client
from tests.inbox.world import TEAM, World, serve, sign_in, small_world

# --- limits and ends -------------------------------------------------------------------------------------------------


async def test_too_many_frames_end_the_line(tmp_path: Path) -> None:
    async with small_world(tmp_path, Limits(frames=10)) as world, client(world, "ada") as ada:
        for n in range(12):
            await ada.send(t="beat", n=n)
        assert await ada.code() == 4008


async def test_starting_over_and_over_ends_the_line(served: World) -> None:
    async with client(served, "ada") as ada:
        for _ in range(9):
            await ada.start()
        await ada.send(t="start")
        assert await ada.code() == 4008


async def test_a_defect_ends_the_line_and_is_told_of(served: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(_data: object) -> object:
        raise RuntimeError("a defect")

    with capture_logs() as logs:
        async with client(served, "ada") as ada:
            monkeypatch.setattr("inbox.live.frames.read_frame", defect)
            await ada.send(t="beat", n=1)
            assert await ada.code() == 1000
    assert [entry["agent"] for entry in logs if entry["event"] == "socket_defect"] == ["ada"]


async def test_a_frame_that_is_too_large_ends_the_line(served: World) -> None:
    async with client(served, "ada") as ada:
        await ada.send(t="open", conversation="x" * 70_000)
        assert await ada.code() == 1009


@pytest.mark.parametrize(
    "text", ["{", "[]", "null", '{"t":"fly"}', '{"t":"open"}', '{"t":"do","id":1}', "{" * 5000, "\ud800"]
)
async def test_nonsense_is_answered_not_obeyed(served: World, text: str) -> None:
    async with client(served, "ada") as ada:
        assert ada.socket is not None
        await ada.socket.send_bytes(text.encode("utf-8", "surrogatepass"))
        answer = await ada.until(lambda frame: frame["t"] == "error")
        assert answer["error"]["code"] == "malformed"


async def test_silence_ends_the_line_and_beats_move_the_cursor(tmp_path: Path) -> None:
    async with small_world(tmp_path, Limits(), heartbeat=1.0) as world, client(world, "tom") as tom:
        await world.assigned("ada")
        beat = await tom.until(lambda frame: frame["t"] == "beat" and frame["n"] == world.journal.head)
        assert tom.n == beat["n"]
        seat = next(iter(world.parts.hub.seats))
        seat.heard_at -= 13.0
        assert await tom.code() == 4000


async def test_a_seat_is_limited_per_login(tmp_path: Path) -> None:
    async with small_world(tmp_path, Limits(sockets_per_login=1)) as world, client(world, "ada"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await Client(world, await world.bearer("ada")).connect()
        assert refused.value.status == 429
        async with client(world, "bob"):
            pass


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "own"}, 101),
    ],
)
async def test_a_browser_s_socket_comes_from_our_page(
    served: World, http: aiohttp.ClientSession, headers: dict[str, str], status: int
) -> None:
    await sign_in(served, http, "ada")
    if headers.get("Origin") == "own":
        headers = {"Origin": served.origin}
    answer = await http.get(
        served.url("/ws"),
        headers={
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            **headers,
        },
    )
    assert answer.status == status
    answer.close()


async def test_nobody_connects_without_a_sign_in(served: World, http: aiohttp.ClientSession) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer parley_x"},
        {"Cookie": "parley=x", "Origin": served.origin},
    ):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(served.url("/ws"), headers=headers)
        assert refused.value.status == 401


@pytest.mark.parametrize("how", ["disable", "token", "sign out", "password"])
async def test_revoking_ends_open_sockets_within_two_seconds(
    served: World, http: aiohttp.ClientSession, how: str
) -> None:
    store = served.services.store
    csrf = await sign_in(served, http, "ada")
    cookie = next(cookie.value for cookie in http.cookie_jar)
    by_cookie = Client(served, {"Cookie": f"parley={cookie}", "Origin": served.origin})
    by_token = Client(served, await served.bearer("ada"))
    await by_cookie.start()
    await by_token.start()
    start = time.monotonic()
    ended = [by_cookie]
    if how == "disable":
        await accounts.disable(store, "ada", served.clock())
        ended = [by_cookie, by_token]
    elif how == "token":
        await accounts.drop_token(store, (await accounts.tokens(store))[0].id)
        ended = [by_token]
    elif how == "password":
        await accounts.set_password(store, "ada", "hash")
    else:
        await http.delete(
            served.url("/api/v1/session"), headers={"X-CSRF-Token": csrf, "Origin": served.origin}
        )
    assert [await one.code() for one in ended] == [4001] * len(ended)
    assert time.monotonic() - start < 10
    await by_cookie.cut()
    await by_token.cut()


async def test_other_rights_mean_starting_over(served: World) -> None:
    async with client(served, "tom") as tom, client(served, "ada") as ada:
        moved = tuple(
            msgspec.structs.replace(agent, queues=("billing",)) if agent.agent == "tom" else agent
            for agent in TEAM
        )
        await served.configure(*moved, digest="two")
        assert await tom.code() == 4003
        await served.message("c1")
        assert await ada.quiet() != []
    async with client(served, "ann") as ann:
        await accounts.set_role(served.services.store, "ann", "agent", served.clock())
        await served.user("ann2", role="admin")
        served.parts.keeper.recheck_soon()
        with pytest.raises(TimeoutError):
            await ann.code(0.5)
    async with client(served, "ann2") as other:
        await accounts.set_role(served.services.store, "ann2", "", served.clock())
        assert await other.code() == 4003


async def test_a_house_that_closes_its_doors_starts_everybody_over(served: World) -> None:
    served.house.append(msgspec.structs.replace(served.house[0], visibility="all"))
    async with client(served, "tom", start=False) as early:
        with contextlib.suppress(ConnectionError):
            await early.start()
    async with client(served, "tom") as tom:
        conversation = await served.assigned("ada")
        await tom.event("conversation.assigned")
        assert conversation in tom.rows
        served.house.append(msgspec.structs.replace(served.house[0], visibility="default"))
        assert await tom.code() == 4003


async def test_a_stop_lets_clients_resume(world: World) -> None:
    async with serve(world):
        ada = Client(world, await world.bearer("ada"))
        await ada.start()
        closing = asyncio.create_task(ada.code())
        await asyncio.sleep(0.05)
    assert await closing == 4000
    await ada.cut()
