"""Everything beside the API: the page and its policy, webhooks, health, metrics, and what is not there."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import hashlib
import io
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import msgspec
import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from inbox import app as app_module
from inbox import metrics
from inbox.ports import Check, HookAnswer, HookRequest, Limits
from inbox.routes import OUTSIDE
from inbox.static import WEB, Page, policy
from stream.store.ports import Unavailable
from tests.inbox.world import World, open_world, serve

# --- the page --------------------------------------------------------------------------------------------------------


async def test_the_shell_is_never_kept_and_names_its_import_map(
    served: World, http: aiohttp.ClientSession
) -> None:
    for path in ("/", "/sign-in"):
        async with http.get(served.url(path)) as answer:
            text = await answer.text()
            headers = answer.headers
        assert answer.status == 200
        assert headers["Cache-Control"] == "no-cache"
        rules = dict(
            rule.strip().partition(" ")[::2] for rule in headers["Content-Security-Policy"].split(";")
        )
        found = re.search(r'<script type="importmap">(.*?)</script>', text, re.DOTALL)
        assert found
        digest = base64.b64encode(hashlib.sha256(found.group(1).encode()).digest()).decode()
        assert rules["script-src"] == f"'self' 'sha256-{digest}'"
        assert rules["default-src"] == "'none'"
        assert rules["frame-ancestors"] == "'none'"
        assert rules["base-uri"] == "'none'"
        assert rules["form-action"] == "'none'"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "/ui/0/" not in text


async def test_every_file_that_the_shell_names_is_served_and_kept(
    served: World, http: aiohttp.ClientSession
) -> None:
    async with http.get(served.url("/")) as answer:
        text = await answer.text()
    names = set(re.findall(r'"(/ui/[^"]+)"', text))
    assert len(names) > 10
    for name in names:
        async with http.get(served.url(name)) as file:
            assert file.status == 200, name
            assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert file.headers["X-Content-Type-Options"] == "nosniff"
    async with http.get(served.url(min(names).replace("/ui/", "/ui/x"))) as old:
        assert old.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "....//app.py",
        "vendor/../../app.py",
        "/etc/passwd",
        "nothing.js",
        "README.md",
        "index.html",
        "\\..\\app.py",
    ],
)
async def test_nothing_else_is_served(served: World, path: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.server.port if served.server else 0)
    writer.write(f"GET /ui/0/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    status = (await reader.readline()).split()[1]
    writer.close()
    await writer.wait_closed()
    assert status == b"404"


def test_the_build_id_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<script src="/ui/0/a.js"></script>')
    (tmp_path / "a.js").write_text("1")
    first = Page(tmp_path)
    (tmp_path / "a.js").write_text("2")
    second = Page(tmp_path)
    assert first.build != second.build
    assert f"/ui/{second.build}/a.js".encode() in second.shell.body
    assert Page(tmp_path).build == second.build
    assert set(first.assets) == {"a.js"}
    assert (WEB / "index.html").is_file()
    assert "'sha256-" not in policy("<script>alert(1)</script>")


# --- webhooks --------------------------------------------------------------------------------------------------------


async def test_a_webhook_goes_to_the_host_as_it_came(served: World, http: aiohttp.ClientSession) -> None:
    async with http.post(
        served.url("/hooks/shop?a=1&b=%20x"), data=b"\xff raw", headers={"X-Signature": "s"}
    ) as answer:
        assert (answer.status, await answer.read(), answer.headers["X-Kept"]) == (202, b"kept", "1")
    request = served.hooked[0]
    assert (request.channel, request.method, request.path) == ("shop", "POST", "/hooks/shop")
    assert (request.query, request.body, request.headers["x-signature"]) == (
        {"a": "1", "b": " x"},
        b"\xff raw",
        "s",
    )
    for method in ("GET", "PUT", "HEAD"):
        assert (await http.request(method, served.url("/hooks/shop"))).status == 202


async def test_webhooks_are_bounded(served: World, http: aiohttp.ClientSession) -> None:
    async def chunks() -> object:
        for _ in range(3):
            yield b"x" * 5_000

    assert (await http.post(served.url("/hooks/nowhere"), data=b"x")).status == 404
    assert (await http.post(served.url("/hooks/shop"), data=io.BytesIO(b"x" * 10_001))).status == 413
    assert (await http.post(served.url("/hooks/shop"), data=chunks())).status == 413
    assert (await http.post(served.url("/hooks/shop"), data=io.BytesIO(b"x" * 10_000))).status == 202


@pytest.mark.parametrize("given", [("gzip",), ("identity", "gzip"), ("deflate",)])
async def test_a_packed_webhook_is_not_unpacked(
    served: World, http: aiohttp.ClientSession, given: tuple[str, ...]
) -> None:
    """A few bytes may unpack to any number: they are refused before that, and say so."""
    headers = [("Content-Encoding", name) for name in given]
    body = gzip.compress(b"x" * 1_000_000)
    async with http.post(served.url("/hooks/shop"), data=body, headers=headers) as answer:
        assert answer.status == 415
        assert "Content-Encoding" in (await answer.json())["error"]["message"]
    assert not served.hooked


async def test_a_body_that_does_not_come_is_not_waited_for(
    served: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "BODY_SECONDS", 0.2)
    head = b"Host: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
    for path in (b"/hooks/shop", b"/api/v1/session/link"):
        assert served.server is not None
        reader, writer = await asyncio.open_connection("127.0.0.1", served.server.port)
        writer.write(b"POST " + path + b" HTTP/1.1\r\n" + head)
        async with asyncio.timeout(30):
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
        writer.close()


async def test_the_server_unpacks_nothing(served: World, http: aiohttp.ClientSession) -> None:
    """Not for the API either: what is read away after an answer would be unpacked, too."""
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    body = gzip.compress(b'{"token": "x"}')
    async with http.post(served.url("/api/v1/session/link"), data=body, headers=headers) as answer:
        assert answer.status == 400


async def test_too_many_webhooks_and_a_lost_database_say_come_again(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    async with open_world(tmp_path, settings={"limits": Limits(hooks_at_once=1)}) as world:
        gate = asyncio.Event()

        async def slow(request: HookRequest) -> HookAnswer:
            if request.body == b"lost":
                raise Unavailable("The disk is full.")
            await gate.wait()
            return HookAnswer(status=200)

        world.services = type(world.services)(
            **{
                name: getattr(world.services, name)
                for name in type(world.services).__slots__
                if name != "hooks"
            },
            hooks=slow,
        )
        async with serve(world):
            url = world.url("/hooks/shop")
            lost = await http.post(url, data=b"lost")
            assert (lost.status, lost.headers["Retry-After"]) == (503, "2")
            first = asyncio.create_task(http.post(url, data=b"a"))
            await asyncio.sleep(0.1)
            second = await http.post(url, data=b"b")
            assert (second.status, second.headers["Retry-After"]) == (503, "1")
            gate.set()
            assert (await first).status == 200


# --- health ----------------------------------------------------------------------------------------------------------


async def with_checks(
    world: World, **checks: Callable[[], Awaitable[Check]]
) -> dict[str, Callable[[], Awaitable[Check]]]:
    """Readiness of other rooms; the answer may be changed."""
    kept = {
        name: getattr(world.services, name) for name in type(world.services).__slots__ if name != "readiness"
    }
    world.services = type(world.services)(**kept, readiness=checks)
    return checks


async def test_health_and_readiness(world: World, http: aiohttp.ClientSession) -> None:
    ready = [True]

    async def leader() -> Check:
        return Check(ok=ready[0], detail="this process routes")

    async def stuck() -> Check:
        await asyncio.sleep(60)
        return Check(ok=True)

    checks = await with_checks(world, leader=leader)
    async with serve(world):
        assert (await http.get(world.url("/healthz"))).status == 200
        async with http.get(world.url("/readyz")) as answer:
            body = await answer.json()
        assert (answer.status, body["ready"], body["config_version"], body["config_hash"]) == (
            200,
            True,
            1,
            "one",
        )
        assert body["checks"]["leader"] == {"ok": True, "detail": "this process routes"}
        assert body["checks"]["database"]["ok"] is True
        ready[0] = False
        assert (await http.get(world.url("/readyz"))).status == 503
        ready[0] = True
        checks["stuck"] = stuck
        async with http.get(world.url("/readyz")) as answer:
            body = await answer.json()
        assert (answer.status, body["checks"]["stuck"]["ok"]) == (503, False)
        del checks["stuck"]
        world.parts.hub.closing = True
        assert (await http.get(world.url("/readyz"))).status == 503


async def test_details_of_readiness_stay_on_this_machine(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    outside = {"X-Forwarded-For": "203.0.113.9"}
    async with open_world(tmp_path, settings={"proxies": ["127.0.0.1"]}) as world, serve(world):
        answer = await http.get(world.url("/readyz"), headers=outside)
        assert (await answer.json())["checks"] == {"database": {"ok": True, "detail": ""}}


async def test_metrics_are_for_this_machine_the_token_and_admins(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    async with open_world(tmp_path, settings={"metrics_token": "m" * 20}) as world, serve(world):
        await world.enqueue(await world.message("c1"))
        url, outside = world.url("/metrics"), {"X-Forwarded-For": "203.0.113.9"}
        for headers, status in (
            ({}, 200),
            (outside, 401),
            ({**outside, "Authorization": "Bearer wrong"}, 401),
            ({**outside, "Authorization": "Bearer " + "m" * 20}, 200),
            ({**outside, **await world.bearer("ada")}, 403),
            ({**outside, **await world.bearer("ann")}, 200),
        ):
            assert (await http.get(url, headers=headers)).status == status, headers
        async with http.get(url) as answer:
            text = await answer.text()
        found = {
            (sample.name, tuple(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
        assert found["parley_queue_depth", ("billing",)] == 1
        assert found["parley_agents", ("offline",)] == 5
        assert found["parley_build_info", ("1.0",)] == 1
        for name in ("parley_ws_connections", "parley_ws_send_buffer_bytes", "parley_event_loop_lag_seconds"):
            assert (name, ()) in found
        assert not [name for name, labels in found if {"ada", "c1"} & set(labels)]


def test_every_metric_has_our_prefix() -> None:
    named = [value for value in vars(metrics).values() if hasattr(value, "_name")]
    assert len(named) > 10
    assert all(value._name.startswith("parley_") for value in named)


# --- what is not there -----------------------------------------------------------------------------------------------


async def test_the_sitemap_is_whole(served: World) -> None:
    assert served.server is not None
    assert isinstance(served.server.app, web.Application)
    found = {
        resource.canonical.replace("{name:.+}", "{name}")
        for resource in served.server.app.router.resources()
        if not resource.canonical.startswith("/api/")
    }
    assert found == set(OUTSIDE)


async def test_unknown_paths_and_methods(served: World, http: aiohttp.ClientSession) -> None:
    async with http.get(served.url("/api/v1/nothing")) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (404, "not_found")
    async with http.put(served.url("/api/v1/session")) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (405, "method_not_allowed")
        assert answer.headers["Allow"] == "DELETE, GET, POST"
    for path in ("/admin", "/setup", "/.git/config", "/ws"):
        assert (await http.get(served.url(path))).status in {401, 404}


async def test_a_defect_is_logged_and_says_nothing_of_itself(
    world: World, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve(world):
        headers = await world.bearer("ada")
        monkeypatch.setattr("inbox.api.house.reads.waiting_by_queue", lambda *_: 1 / 0)
        async with http.get(world.url("/api/v1/queues"), headers=headers) as answer:
            assert answer.status == 500
            assert "division" not in await answer.text()
            assert msgspec.json.decode(await answer.read())["error"]["code"] == "defect"
