"""/healthz, /readyz and /metrics: for balancers, operators and Prometheus."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from inbox import metrics
from inbox.auth import address_of, ask
from inbox.call import PARTS, json_response
from inbox.errors import ApiError, error_response
from inbox.origin import is_loopback
from inbox.policy import may
from inbox.ports import Check, Services
from stream import reads
from stream.dead import count_dead
from stream.model import Agent
from stream.store.ports import StoreError
from stream.store.program import fetch

CHECK_SECONDS = 2.0


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """Whether this process takes work, which configuration it runs, and each check."""

    ready: bool
    version: str
    config_version: int
    config_hash: str
    checks: dict[str, Check]


async def healthz(_request: web.Request) -> web.Response:
    """The loop turns."""
    return web.Response(text="ok\n", headers={"Cache-Control": "no-store"})


async def readyz(request: web.Request) -> web.Response:
    """200 when every check passes, 503 otherwise; details only for this machine."""
    parts = request.app[PARTS]
    services = parts.services
    checks = {"database": await _checked(lambda: _database(services))}
    if parts.hub.closing:
        checks["stopping"] = Check(ok=False, detail="this process is stopping")
    for name, check in services.readiness.items():
        checks[name] = await _checked(check)
    house = services.house()
    ready = all(check.ok for check in checks.values())
    if not is_loopback(address_of(request, services.settings)):
        checks = {name: Check(ok=check.ok) for name, check in checks.items()}
    answer = Ready(
        ready=ready,
        version=services.settings.version,
        config_version=house.version,
        config_hash=house.hash,
        checks=checks,
    )
    return json_response(answer, 200 if ready else 503)


async def _checked(check: Callable[[], Awaitable[Check]]) -> Check:
    try:
        return await asyncio.wait_for(check(), CHECK_SECONDS)
    except TimeoutError:
        return Check(ok=False, detail=f"no answer within {CHECK_SECONDS:g} s")
    except StoreError as error:
        return Check(ok=False, detail=str(error))


async def _database(services: Services) -> Check:
    await services.store.read(fetch("head"))
    return Check(ok=True)


async def prometheus(request: web.Request) -> web.Response:
    """The metrics: for this machine, for the metrics token, or for an admin's API token."""
    services = request.app[PARTS].services
    try:
        await _may_read(request, services)
    except ApiError as error:
        return error_response(error)
    try:
        await _measure(services)
    except StoreError:
        metrics.queue_depth.clear()
    return web.Response(
        body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
    )


async def _may_read(request: web.Request, services: Services) -> None:
    token = services.settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    if token and hmac.compare_digest(given, token.encode()):
        return
    if "X-Forwarded-For" not in request.headers and is_loopback(request.remote or ""):
        return
    asker = await ask(request, services)
    if not may(asker.person, "metrics.read"):
        raise ApiError(403, "Metrics are for admins.")


async def _measure(services: Services) -> None:
    """What is counted at the moment of asking."""
    waiting = await reads.waiting_by_queue(services.store)
    metrics.queue_depth.clear()
    for queue in services.house().queues:
        metrics.queue_depth.labels(queue.id).set(waiting.get(queue.id, 0))
    _measure_agents(await reads.agents(services.store))
    metrics.dead_letters.labels("all").set(await count_dead(services.store))
    metrics.journal_head.set(services.journal.head)
    metrics.commands_waiting.set(services.journal.waiting)
    metrics.build.labels(services.settings.version).set(1)


def _measure_agents(rows: list[Agent]) -> None:
    active = [row for row in rows if row.active]
    for state in ("online", "away", "busy", "offline"):
        metrics.agents.labels(state).set(sum(row.status == state for row in active))
    online = [row for row in active if row.status == "online"]
    room = sum(row.capacity for row in online)
    metrics.capacity_ratio.set(sum(row.load for row in online) / room if room else 0.0)
