"""Webhooks: from a raw request to its answer. The order is the contract's: who, how large, genuine, readable, durable, answered.

Nothing is logged per request and no computed value leaves in an answer. 2xx only once everything of the request is committed; a
redelivery gets the same answer. The HTTP server itself lives in `inbox/`: it hands requests over through `Hooks.answer`.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping

import msgspec
import structlog

from connectors.channel import Channel
from connectors.contract import AnyInbound, Malformed, Poison, Verdict, WebhookRequest
from connectors.delivery import Delivery
from connectors.kit.signatures import Check, check_of
from connectors.metrics import Meter
from stream.store.ports import StoreError

MAX_UNDER_WAY = 2_000
MAX_ITEMS = 1_000
RETRY_SECONDS = "5"
_log = structlog.get_logger(__name__)
_JSON = {"Content-Type": "application/json"}
_encode = msgspec.json.Encoder().encode


class HookAnswer(msgspec.Struct, frozen=True):
    """What the HTTP server answers."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Door(msgspec.Struct, frozen=True):
    """One channel's webhook, ready to use."""

    channel: Channel
    check: Check
    meter: Meter


def door_for(channel: Channel, meter: Meter) -> Door | None:
    """The webhook of a channel, None when it has none. Raises `ValueError` when its secrets cannot be used."""
    if channel.manifest.parse is None or "webhook" not in channel.transports:
        return None
    return Door(channel, check_of(channel.manifest.verification, channel.secrets()), meter)


class Hooks:
    """The webhooks of all channels of this process."""

    def __init__(self, delivery: Delivery, clock: Callable[[], float] = time.time) -> None:
        self._delivery = delivery
        self._clock = clock
        self._doors: dict[str, Door] = {}
        self._under_way = 0
        self._open = True
        self._idle = asyncio.Event()

    def add(self, door: Door) -> None:
        """Serve a channel (again)."""
        self._doors[door.channel.name] = door

    def remove(self, channel: str) -> None:
        """Serve a channel no longer."""
        self._doors.pop(channel, None)

    def max_body(self, channel: str) -> int:
        """How many bytes a request to this channel may have; 0 for an unknown one. For the server to stop reading."""
        door = self._doors.get(channel)
        return door.channel.manifest.max_body if door else 0

    async def answer(
        self,
        channel: str,
        method: str,
        path: str,
        query: dict[str, str],
        headers: Mapping[str, str],
        body: bytes,
    ) -> HookAnswer:
        """Take a request in and answer it. Header names are in lower case."""
        door = self._doors.get(channel)
        if door is None:
            return _fault(404, "unknown_channel", "There is no such channel.")
        started = time.perf_counter()
        if not self._open or self._under_way >= MAX_UNDER_WAY:
            answer = _busy("Parley is stopping." if not self._open else "Too many requests are under way.")
        else:
            self._under_way += 1
            try:
                answer = await self._take_in(door, method, path, query, headers, body)
            finally:
                self._under_way -= 1
                if not self._under_way:
                    self._idle.set()
        door.meter.answered(answer.status, time.perf_counter() - started)
        return answer

    async def _take_in(
        self,
        door: Door,
        method: str,
        path: str,
        query: dict[str, str],
        headers: Mapping[str, str],
        body: bytes,
    ) -> HookAnswer:
        manifest = door.channel.manifest
        if method not in manifest.methods:
            return _fault(
                405, "method", "This method is not accepted here.", Allow=", ".join(manifest.methods)
            )
        if len(body) > manifest.max_body:
            return _fault(413, "too_large", f"A request may have at most {manifest.max_body} bytes.")
        if not door.check(headers, body, self._clock()):
            return _fault(401, "unverified", "The request could not be verified.")
        request = WebhookRequest(method=method, path=path, query=query, headers=headers, body=body)
        try:
            items = self._parse(door, request)
        except Malformed as error:
            return _fault(400, "malformed", str(error), field=error.field or None)
        return await self._commit(door, items, body)

    def _parse(self, door: Door, request: WebhookRequest) -> list[AnyInbound]:
        """What the codec understands. A codec that fails in any other way than `Malformed` has a defect: the request becomes a dead letter."""
        parse = door.channel.manifest.parse
        assert parse is not None  # a door is made for channels with a webhook only
        try:
            items = list(parse(request, door.channel.config))
        except Malformed:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the request must not be lost
            _log.exception("codec_defect", channel=door.channel.name)
            return [_dead(request.body, f"The codec failed on it ({type(error).__name__}).")]
        if len(items) > MAX_ITEMS:
            return [_dead(request.body, f"It has {len(items)} items; at most {MAX_ITEMS} are taken at once.")]
        return items

    async def _commit(self, door: Door, items: list[AnyInbound], body: bytes) -> HookAnswer:
        raws = _raws(items, body)
        try:
            verdicts = await self._delivery.take_in(door.channel, items, raws, door.meter, body=body)
        except StoreError:
            return _busy("The message could not be kept now.")
        except OSError:
            return _busy("The message's files could not be kept now.")
        if not all(verdict.ok for verdict in verdicts):
            return _busy("The message could not be kept now.")
        return _taken(verdicts)

    async def drain(self, seconds: float) -> None:
        """Take nothing new; wait for what is under way, at most `seconds`."""
        self._open = False
        if self._under_way:
            self._idle.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._idle.wait()
            except TimeoutError:
                _log.warning("webhooks_left", count=self._under_way)


def _raws(items: list[AnyInbound], body: bytes) -> list[bytes]:
    """The request's bytes are kept once, with its first item; and with each item that could not be read."""
    return [body if index == 0 or isinstance(item, Poison) else b"" for index, item in enumerate(items)]


def _dead(body: bytes, error: str) -> Poison:
    return Poison(source_key=f"poison:{hashlib.sha256(body).hexdigest()}", error=error)


def _taken(verdicts: list[Verdict]) -> HookAnswer:
    """The same for a first delivery and for a redelivery: the ids of what it became."""
    return HookAnswer(
        200, _JSON, _encode({"ok": True, "ids": [verdict.id for verdict in verdicts if verdict.id]})
    )


def _busy(sentence: str) -> HookAnswer:
    return _fault(503, "unavailable", sentence, **{"Retry-After": RETRY_SECONDS})


def _fault(status: int, code: str, message: str, field: str | None = None, **headers: str) -> HookAnswer:
    error = {"code": code, "message": message} | ({"field": field} if field else {})
    return HookAnswer(status, {**_JSON, **headers}, _encode({"error": error}))
