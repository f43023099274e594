"""Closed queues and shifts through a running server: pages that are open are told of a reload, and `parley explain` says why it waits."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.bench.load import signed_request
from tests.config.served import parley
from tests.floor.house import SECRET, House, crew
from tests.floor.people import Person, online


def closed_files(folder: Path) -> float:
    """The queue opens tomorrow at nine, for one hour, and agent001 has no shift; answers when it opens."""
    opens = (datetime.now(UTC) + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    path = folder / "routing.yaml"
    text = path.read_text().replace("queue0: {name: Queue 0}", "queue0: {name: Queue 0, hours: tomorrow}")
    path.write_text(
        f'{text}\ntimezone: UTC\nhours:\n  tomorrow: {{dates: {{"{opens:%Y-%m-%d}": ["09:00-10:00"]}}}}\n'
        "shifts: {once: {hours: tomorrow, agents: [agent001]}}\n"
    )
    return opens.timestamp()


async def ask(session: aiohttp.ClientSession, house: House, method: str, path: str) -> Any:
    headers = {"Authorization": f"Bearer {house.tokens['boss']}"}
    async with session.request(method, f"{house.url}/api/v1/{path}", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


@pytest.mark.timeout(120)
async def test_a_reload_that_closes_a_queue_reaches_open_pages_and_explanations(tmp_path: Path) -> None:
    house = House(crew(tmp_path, 2))
    house.plan.agents["boss"] = "admin"
    await house.prepare()
    await house.start()
    told: list[dict[str, Any]] = []

    def seen(text: bytes) -> None:
        if b'"t":"hours"' in text or b'"t":"snapshot"' in text:
            told.append(json.loads(text))

    person = Person(house.url, "agent000", house.tokens["agent000"], seen)
    try:
        async with aiohttp.ClientSession() as session:
            await online(house.url, [person], session)
            (queue,) = told[0]["queues"]
            assert (queue["closed"], len(told)) == (False, 1)
            opens = closed_files(tmp_path)
            await ask(session, house, "POST", "config/reload")
            end = time.monotonic() + 20
            while len(told) < 2 and time.monotonic() < end:
                await asyncio.sleep(0.02)
            closed = {"closed": True, "opens_at": opens, "given": False}
            duty = {"off_duty": "off shift", "duty_until": opens}
            assert told[1] == {"t": "hours", "queues": {"queue0": closed}, "agents": {"agent001": duty}}
            (queue,) = (await ask(session, house, "GET", "queues"))["items"]
            assert (queue["closed"], queue["opens_at"], queue["given"]) == (True, opens, False)
            await explained(session, house, tmp_path)
    finally:
        await person.stop()
        codes = house.stop()
    assert codes == [0], house.log()


async def explained(session: aiohttp.ClientSession, house: House, folder: Path) -> None:
    """What arrives now waits, and its explanation says until when."""
    signed = signed_request("/hooks/shop", SECRET, "m1", "c1")
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(signed)
    assert b" 20" in await asyncio.wait_for(reader.readline(), 20)
    writer.close()
    await writer.wait_closed()
    rows: list[dict[str, Any]] = []
    end = time.monotonic() + 20
    while not (rows and rows[0]["queue"]) and time.monotonic() < end:
        rows = (await ask(session, house, "GET", "conversations?view=unassigned"))["items"]
    assert rows[0]["offer"] is None
    known = {"SHOP_SECRET": "whsec_" + "a" * 32, "PARLEY_KEY": "bW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW0="}
    said = await asyncio.to_thread(parley, "explain", rows[0]["id"], "--config", folder, env=known)
    assert "queue queue0 is closed until" in said
