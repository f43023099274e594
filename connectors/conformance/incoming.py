"""Judging what a connector makes of requests: signatures, replay, batches, unknowns, robustness (C03 to C07)."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from connectors.channel import Channel
from connectors.conformance.faces import config_of
from connectors.conformance.suite import Broken, NotApplicable, Request, Suite
from connectors.contract import AnyInbound, Malformed, Poison, Unmapped, Verification, WebhookRequest
from connectors.host import Host, HostSettings
from connectors.kit.signatures import check_of, sign, signing_key
from stream.blobs import open_blobs
from stream.bus import open_bus
from stream.journal import Journal
from stream.store import open_store

PARSE_SECONDS = 2.0
REPEATS = 8
_OTHER = "whsec_" + base64.b64encode(b"another secret, never given out!").decode()


def channel_of(suite: Suite) -> Channel:
    """The suite's connector as a configured channel."""
    return Channel(name="conformance", manifest=suite.manifest, config=config_of(suite))


def _requests(suite: Suite) -> tuple[Request, ...]:
    if suite.manifest.parse is None:
        raise NotApplicable("no webhook")
    if not suite.requests:
        raise Broken("the suite has no requests")
    return suite.requests


def parsed(suite: Suite, body: bytes, request: Request | None = None) -> list[AnyInbound]:
    """What the codec makes of a body."""
    assert suite.manifest.parse is not None  # asked only for channels with a webhook
    about = request or Request(name="", body=b"", kinds=())
    given = WebhookRequest(
        method="POST",
        path=about.path,
        query=about.query,
        headers={name.lower(): value for name, value in about.headers.items()} | {"webhook-id": "evt_1"},
        body=body,
    )
    return list(suite.manifest.parse(given, config_of(suite)))


# --- signatures --------------------------------------------------------------------------------------------------


def headers_for(declared: Verification, secret: str, body: bytes, now: float) -> dict[str, str]:
    """The headers of a genuine request, as the manifest declares them."""
    if declared.scheme == "standard-webhooks":
        return sign([signing_key(secret)], "evt_1", int(now), body)
    if declared.scheme == "header-secret":
        return {declared.header.lower(): secret}
    if declared.scheme == "hmac-body":
        digest = hmac.digest(secret.encode(), body, declared.digest)
        text = digest.hex() if declared.encoding == "hex" else base64.b64encode(digest).decode()
        return {declared.header.lower(): declared.prefix + text}
    return {}


def _verified(suite: Suite) -> tuple[Verification, Channel]:
    _requests(suite)
    declared = suite.manifest.verification
    if declared.scheme == "none":
        raise NotApplicable("requests are not verified")
    return declared, channel_of(suite)


def _c0301(suite: Suite) -> None:
    declared, channel = _verified(suite)
    now = time.time()
    check = check_of(declared, channel.secrets())
    for request in suite.requests:
        for secret in channel.secrets():
            if not check(headers_for(declared, secret.reveal(), request.body, now), request.body, now):
                raise Broken(f"{request.name}: a genuine request is refused")


def _c0302(suite: Suite) -> None:
    declared, channel = _verified(suite)
    if declared.scheme == "header-secret":
        raise NotApplicable("the provider does not sign bodies")
    now = time.time()
    check = check_of(declared, channel.secrets())
    for request in suite.requests:
        headers = headers_for(declared, channel.secrets()[0].reveal(), request.body, now)
        flipped = bytes([request.body[0] ^ 1]) + request.body[1:]
        for body in (flipped, request.body[:-1], b"", request.body + b" "):
            if check(headers, body, now):
                raise Broken(f"{request.name}: a changed body passes")


def _c0303(suite: Suite) -> None:
    declared, channel = _verified(suite)
    now = time.time()
    check = check_of(declared, channel.secrets())
    body = suite.requests[0].body
    good = headers_for(declared, channel.secrets()[0].reveal(), body, now)
    for name in good:
        if check({key: value for key, value in good.items() if key != name}, body, now):
            raise Broken(f"it passes without {name}")
    if check(headers_for(declared, _OTHER, body, now), body, now):
        raise Broken("another secret passes")
    if declared.scheme == "standard-webhooks" and check(good, body, now + declared.tolerance + 2):
        raise Broken("a stale request passes")


# --- replay and batches ------------------------------------------------------------------------------------------


def _c0401(suite: Suite) -> None:
    for request in _requests(suite):
        first, again = parsed(suite, request.body, request), parsed(suite, request.body, request)
        if first != again:
            raise Broken(f"{request.name}: the second delivery differs")
        kinds = tuple(type(item).__struct_config__.tag for item in first)
        if kinds != request.kinds:
            raise Broken(f"{request.name}: became {kinds}, the author expects {request.kinds}")


def _c0402(suite: Suite) -> None:
    seen: dict[str, str] = {}
    for request in _requests(suite):
        for item in parsed(suite, request.body, request):
            if type(item).__struct_config__.tag == "typing":
                continue
            if not item.source_key:
                raise Broken(f"{request.name}: an item has no deduplication key")
            if item.source_key in seen:
                raise Broken(f"{request.name} and {seen[item.source_key]} have one key: {item.source_key}")
            seen[item.source_key] = request.name


async def _c0403(suite: Suite) -> None:
    requests = _requests(suite)
    channel = channel_of(suite)
    with tempfile.TemporaryDirectory() as folder:
        store, bus = open_store(f"sqlite:///{Path(folder)}/kit.db"), open_bus("memory:")
        await store.open()
        await bus.open()
        journal = Journal(store, bus)
        await journal.open()
        host = Host(journal, open_blobs(f"file://{folder}/blobs"), HostSettings(master=(b"k" * 32,)))
        await host.apply([channel])
        try:
            for request in requests:
                await _keep_once(host, channel, request, journal)
        finally:
            await host.close(2.0)
            await journal.close()
            await bus.close()
            await store.close()


async def _keep_once(host: Host, channel: Channel, request: Request, journal: Journal) -> None:
    now = time.time()
    secrets = channel.secrets()
    signed = headers_for(
        channel.manifest.verification, secrets[0].reveal() if secrets else "", request.body, now
    )
    headers = {**request.headers, **signed}
    answers = await asyncio.gather(
        *(
            host.hooks.answer("conformance", "POST", request.path, request.query, headers, request.body)
            for _time in range(REPEATS)
        )
    )
    if {answer.status for answer in answers} != {200} or len({answer.body for answer in answers}) != 1:
        raise Broken(f"{request.name}: repeats get different answers ({sorted({a.status for a in answers})})")
    head = journal.head
    late = await host.hooks.answer("conformance", "POST", request.path, request.query, headers, request.body)
    if late.status != 200 or journal.head != head:
        raise Broken(f"{request.name}: a late repeat changed something")


def _c0501(suite: Suite) -> None:
    requests = _requests(suite)
    if suite.batch is None:
        raise NotApplicable("the provider sends one item per request")
    bodies = [request.body for request in requests]
    alone = [item for body in bodies for item in parsed(suite, body)]
    for order in (bodies, bodies[::-1]):
        together = parsed(suite, suite.batch(order))
        if sorted(map(repr, together)) != sorted(map(repr, alone)):
            raise Broken("items delivered together differ from items delivered alone")


def _c0502(suite: Suite) -> None:
    requests = _requests(suite)
    if suite.batch is None or not suite.poison:
        raise NotApplicable("the provider sends one item per request")
    good = [item for request in requests for item in parsed(suite, request.body)]
    items = parsed(
        suite, suite.batch([requests[0].body, suite.poison, *(request.body for request in requests[1:])])
    )
    if [item for item in items if not isinstance(item, Poison)] != good:
        raise Broken("a poisoned item changed its neighbours")
    if not any(isinstance(item, Poison) for item in items):
        raise Broken("a poisoned item is dropped silently")


# --- unknowns and robustness -------------------------------------------------------------------------------------


def _c0601(suite: Suite) -> None:
    for request in _requests(suite):
        try:
            document = json.loads(request.body)
        except ValueError:
            raise NotApplicable("the bodies are not JSON") from None
        expected = parsed(suite, request.body, request)
        more = json.dumps(_with_unknown(document)).encode()
        found = parsed(suite, more, request)
        if [_bare(item) for item in found] != [_bare(item) for item in expected]:
            raise Broken(f"{request.name}: unknown fields changed what it becomes")


def _bare(item: AnyInbound) -> tuple[Any, ...]:
    """An item without what may hold unknown fields: keys that digest the raw input, and the channel's own data."""
    return tuple(getattr(item, name) for name in item.__struct_fields__ if name not in {"source_key", "data"})


def _with_unknown(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            **{name: _with_unknown(inner) for name, inner in value.items()},
            "parley_unknown": {"new": [1]},
        }
    if isinstance(value, list):
        return [_with_unknown(inner) for inner in value]
    return value


def _c0602(suite: Suite) -> None:
    _requests(suite)
    if not suite.unknown:
        raise NotApplicable("the provider has one kind of event")
    items = parsed(suite, suite.unknown)
    if not items or not all(isinstance(item, Unmapped) for item in items):
        raise Broken("an unknown kind of event is not kept as unmapped")


def _c0701(suite: Suite) -> None:
    for request in _requests(suite):
        for name, body in hostile(request.body):
            started = time.process_time()
            try:
                parsed(suite, body, request)
            except Malformed:
                pass
            except Exception as error:
                raise Broken(f"{request.name}, {name}: {type(error).__name__}") from error
            if time.process_time() - started > PARSE_SECONDS:
                raise Broken(f"{request.name}, {name}: it takes longer than {PARSE_SECONDS} s")


def hostile(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Bodies that go wrong in every way that bodies do."""
    yield "empty", b""
    yield "not JSON", b"\x00\xff\xfe nonsense"
    yield "another shape", b'["x", 1, null]'
    yield "a number", b"7"
    yield "deep", b'{"x":' * 50_000 + b"1" + b"}" * 50_000
    yield "a list, deep", b"[" * 100_000
    yield "invalid UTF-8", body.replace(b"e", b"\xff", 3)
    yield "NUL", body.replace(b"e", b"\\u0000", 1)
    yield "half a surrogate pair", body.replace(b"e", b"\\ud800", 1)
    for place in range(1, len(body), max(1, len(body) // 25)):
        yield f"truncated at {place}", body[:place]
    try:
        document = json.loads(body)
    except ValueError:
        return
    for name, changed in _changed(document, []):
        yield name, json.dumps(changed).encode()


def _changed(document: Any, path: list[Any]) -> Iterator[tuple[str, Any]]:
    """The document with each of its leaves replaced by values of every type."""
    values: tuple[Any, ...] = (
        None,
        True,
        -1,
        2**70,
        1.5e308,
        "",
        "x" * 1_000_000,
        "\u202e😀\u0000",
        [],
        {},
        [[]],
    )
    for place in _leaves(document, path):
        for value in values:
            shown = str(value)[:20]
            yield f"{'.'.join(map(str, place))} = {shown!r}", _replaced(document, place, value)


def _leaves(value: Any, path: list[Any]) -> Iterator[list[Any]]:
    inner: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    for key, below in inner:
        yield from _leaves(below, [*path, key])
    if path:
        yield path


def _replaced(document: Any, place: list[Any], value: Any) -> Any:
    copy = json.loads(json.dumps(document))
    at = copy
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    return copy


CHECKS = (_c0301, _c0302, _c0303, _c0401, _c0402, _c0403, _c0501, _c0502, _c0601, _c0602, _c0701)
