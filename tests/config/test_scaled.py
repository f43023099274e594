"""The same program as three processes on PostgreSQL and Redis: each has its role, all have one configuration, one key is needed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from config.keys import new_key
from config.opening import DEMO
from tests.config.served import Served, parley, served

SECRET = "whsec_c2VjcmV0IG9mIHRoZSBzYW1wbGUgYW5kIG9mIG5vYm9keQ=="
EVENT = {
    "type": "message",
    "id": "m1",
    "conversation": "c1",
    "from": {"id": "u1", "name": "Uwe"},
    "text": "Hallo",
}


@pytest.fixture
def etc(tmp_path: Path, postgres_url: str, redis_url: str) -> Path:
    folder = tmp_path / "etc"
    shutil.copytree(DEMO, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / "parley.yaml").write_text(
        f"store: ${{DATABASE}}\nbus: {redis_url}\ndata: ../data\nlog: {{format: json}}\ndrain: 5s\n"
    )
    return folder


@pytest.fixture
def known(postgres_url: str) -> dict[str, str]:
    return {
        "DATABASE": postgres_url,
        "PARLEY_KEY": new_key(),
        "PARLEY_DEMO_WEBHOOK_SECRET": SECRET,
        "PARLEY_DEMO_PARTNER": "127.0.0.1:9",
    }


@pytest.fixture
def three(etc: Path, known: dict[str, str]) -> Iterator[dict[str, Served]]:
    with ExitStack() as stack:
        servers = {}
        for role in ("connectors", "router", "inbox"):
            mine = {
                name: value for name, value in known.items() if role == "connectors" or "DEMO" not in name
            }
            args = ("--config", etc, "--roles", role, "--port", "0")
            servers[role] = stack.enter_context(served(*args, **mine))
        yield servers


def test_without_a_key_it_does_not_start(etc: Path, known: dict[str, str]) -> None:
    rest = {name: value for name, value in known.items() if name != "PARLEY_KEY"}
    said = parley("serve", "--config", etc, "--port", "0", code=1, env=rest)
    assert "PARLEY_KEY is not set" in said
    assert "parley key" in said


def test_three_processes_share_the_work(three: dict[str, Served], etc: Path, known: dict[str, str]) -> None:
    status, answer = three["connectors"].hook("partner-api", SECRET, EVENT)
    assert status == 200
    assert three["inbox"].hook("partner-api", SECRET, EVENT)[0] == 404
    assert three["connectors"].ask("/api/v1/session")[0] == 404
    assert three["inbox"].ask("/api/v1/session")[0] == 401
    three["router"].wait_for('"event": "routing"')
    for server in three.values():
        status, body = server.ask("/readyz")
        assert (status, body["config_version"]) == (200, 1)
    assert {server.ask("/readyz")[1]["config_hash"] for server in three.values()}.__len__() == 1
    said = until(
        lambda: parley("explain", _conversation(answer, etc, known), "--config", etc, code=None, env=known),
        "queued",
    )
    assert "conversation.queued" in said


def test_a_reload_reaches_every_process(three: dict[str, Served], etc: Path, known: dict[str, str]) -> None:
    team = etc / "team.yaml"
    team.write_text(team.read_text() + "  eve:\n    name: Eve\n    teams: [frontline]\n")
    assert "version 2 " in parley("reload", "--config", etc, env=known)
    for server in three.values():
        until(lambda server=server: str(server.ask("/readyz")[1]["config_version"]), "2")


def test_a_process_that_lacks_a_new_secret_keeps_the_old_configuration_and_says_so(
    three: dict[str, Served], etc: Path, known: dict[str, str]
) -> None:
    channels = etc / "channels.yaml"
    channels.write_text(
        channels.read_text() + '\nmore:\n  connector: webhook\n  config: {secrets: ["${ONLY_THERE}"]}\n'
    )
    assert "version 2 " in parley("reload", "--config", etc, env={**known, "ONLY_THERE": SECRET})
    until(lambda: str(three["connectors"].ask("/readyz")[0]), "503")
    detail = three["connectors"].ask("/readyz")[1]["checks"]["configuration"]["detail"]
    assert "version 2 cannot be used here" in detail
    assert "ONLY_THERE is not set" in detail
    assert three["connectors"].hook("partner-api", SECRET, EVENT)[0] == 200
    until(lambda: str(three["inbox"].ask("/readyz")[1]["config_version"]), "2")


def test_every_process_drains(three: dict[str, Served]) -> None:
    for server in three.values():
        assert server.stop() == 0


def until(ask: object, part: str, seconds: float = 30.0) -> str:
    """Ask until the answer has `part` in it."""
    assert callable(ask)
    end = time.monotonic() + seconds
    while True:
        said = str(ask())
        if part in said or time.monotonic() > end:
            assert part in said, said
            return said
        time.sleep(0.1)


def _conversation(answer: object, etc: Path, known: dict[str, str]) -> str:
    """The conversation of the message that the webhook's answer names."""
    import asyncio

    from stream import reads
    from stream.store import open_store

    assert isinstance(answer, dict)

    async def look() -> str:
        store = open_store(known["DATABASE"])
        await store.open()
        row = await reads.message(store, answer["ids"][0])
        await store.close()
        assert row is not None
        return row.conversation

    return asyncio.run(look())
