"""Judging what a connector sends, plans, logs, and leaves behind (C08 to C11)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from connectors.conformance.faces import config_of, secrets_of
from connectors.conformance.recording import RecordingSandbox
from connectors.conformance.suite import Broken, NotApplicable, Suite
from connectors.contract import (
    Accepted,
    Address,
    Connector,
    ConnectorError,
    NeedsOperator,
    Outbound,
    Outcome,
    OutFile,
    Rejected,
    Response,
    Retry,
    SentUnknown,
    TryLater,
    Unknown,
)
from connectors.kit.text import length

CLOSE_SECONDS = 5.0
ROUNDS = 20
_ERRORS = {"try_later": TryLater, "needs_operator": NeedsOperator}


class Tried(msgspec.Struct, frozen=True):
    """What came of one send, and everything that the connector let be seen meanwhile."""

    outcome: Outcome | ConnectorError
    shown: list[str]
    sandbox: RecordingSandbox


def message_for(suite: Suite, text: str = "Hello", html: str = "", files: Sequence[OutFile] = ()) -> Outbound:
    """A message to the suite's customer."""
    scheme, value = suite.address
    return Outbound(
        id="msg_conformance",
        to=Address(scheme=scheme, value=value),
        conversation_key=suite.conversation_key,
        text=text,
        html=html,
        subject="Subject",
        files=tuple(files),
        context={
            "conversation": "cnv_1",
            "subject": "Subject",
            "agent": "Grace",
            "last": {},
            "thread": (),
            "reply_to": (),
            "at": 1.7e9,
        },
    )


async def tried(suite: Suite, answers: Sequence[Response | ConnectorError], text: str = "Hello") -> Tried:
    """Send one message through the connector, with these answers of the provider."""
    sandbox = RecordingSandbox(answers)
    connector = suite.manifest.create(config_of(suite), sandbox)
    message = message_for(suite, text)
    part = connector.plan(message).parts[0]
    outcome: Outcome | ConnectorError
    try:
        outcome = await connector.send(message, part)
    except ConnectorError as error:
        outcome = error
    return Tried(outcome, [*sandbox.logged, str(outcome)], sandbox)


def _sends(suite: Suite) -> None:
    if not suite.accepts:
        raise NotApplicable("it sends without asking a provider, or not at all")


async def _c0801(suite: Suite) -> None:
    found = (await tried(suite, suite.accepts)).outcome
    if not isinstance(found, Accepted):
        raise Broken(f"it became {found!r}")
    if not found.provider_ids or not all(found.provider_ids):
        raise Broken("it was accepted without an id, so no receipt can ever be matched")


async def _c0802(suite: Suite) -> None:
    if not suite.sends:
        raise NotApplicable("no scripted sends")
    for send in suite.sends:
        outcome = (await tried(suite, send.answers, send.text)).outcome
        expected = _ERRORS.get(send.outcome)
        tag = type(outcome).__struct_config__.tag if isinstance(outcome, msgspec.Struct) else ""
        if (expected and not isinstance(outcome, expected)) or (not expected and tag != send.outcome):
            raise Broken(f"{send.name}: expected {send.outcome}, became {outcome!r}")


async def _c0803(suite: Suite) -> None:
    _sends(suite)
    nothing = (await tried(suite, [TryLater("nothing was sent")])).outcome
    if not isinstance(nothing, TryLater | Retry):
        raise Broken(f"nothing was sent, and it became {nothing!r}")
    silent = (await tried(suite, [SentUnknown("no answer came")])).outcome
    again = suite.manifest.capabilities.idempotent_send
    if not isinstance(silent, SentUnknown | Unknown | (Retry if again else Unknown)):
        raise Broken(f"no answer came, and it became {silent!r}: that may send twice")


async def _c0804(suite: Suite) -> None:
    _sends(suite)
    bodies = (b"", b"{}", b"[]", b"null", b"<html>", b"\xff", b'{"ok": true}', b"[" * 10_000)
    for status in (200, 201, 204, 301, 400, 401, 403, 404, 409, 410, 413, 429, 500, 502, 503):
        for body in bodies:
            answer = Response(status=status, headers={"retry-after": "7"}, body=body)
            try:
                outcome = (await tried(suite, [answer] * 4)).outcome
            except Exception as error:
                raise Broken(f"{status} {body[:20]!r}: {type(error).__name__}") from error
            if isinstance(outcome, Accepted) and status >= 300:
                raise Broken(f"{status} counts as accepted")
            if status == 429 and isinstance(outcome, Rejected) and body == b"":
                raise Broken("429 counts as rejected")


def _connector(suite: Suite) -> Connector:
    return suite.manifest.create(config_of(suite), RecordingSandbox())


def _c0901(suite: Suite) -> None:
    message = message_for(suite, "One.\n\nTwo. " * 50)
    plan, again = _connector(suite).plan(message), _connector(suite).plan(message)
    if plan != again:
        raise Broken("two plans of one message differ")
    keys = [part.key for part in plan.parts]
    if keys != [f"{message.id}:{index}" for index in range(len(keys))] or not keys:
        raise Broken(f"the parts' keys are {keys[:5]}")


def _c0902(suite: Suite) -> None:
    limit = suite.manifest.capabilities.text_limit
    if not limit:
        raise NotApplicable("texts of any length are sent")
    connector = _connector(suite)
    for letter in ("x", "😀", "word ", "Ü. "):
        for part in connector.plan(message_for(suite, letter * (limit * 3))).parts:
            if length(part.text, getattr(connector, "unit", "characters")) > limit:
                raise Broken(f"a part of {letter!r} is longer than {limit}")


def _c0903(suite: Suite) -> None:
    can = suite.manifest.capabilities
    connector = _connector(suite)
    if not can.html and not connector.plan(message_for(suite, html="<b>Hello</b>")).degraded:
        raise Broken("formatting is lost without a word")
    too_large = (can.max_file_bytes or 0) + 1

    async def read() -> bytes:
        return b""

    file = OutFile(name="a.bin", content_type="application/octet-stream", size=too_large, read=read)
    plan = connector.plan(message_for(suite, files=[file]))
    if (not can.files or can.max_file_bytes) and not plan.degraded:
        raise Broken("a file that cannot be sent is lost without a word")


async def _c1001(suite: Suite) -> None:
    secrets = secrets_of(config_of(suite))
    if not secrets:
        raise NotApplicable("it has no secrets")
    scripts: list[list[Response | ConnectorError]] = [
        [*suite.accepts],
        [TryLater("down")],
        [SentUnknown("silent")],
    ]
    scripts += [[*send.answers] for send in suite.sends]
    for answers in scripts:
        for text in (await tried(suite, answers)).shown:
            if any(secret in text for secret in secrets):
                raise Broken("a secret is shown in a log line, an outcome or an error")


async def _c1101(suite: Suite) -> None:
    before = asyncio.all_tasks()
    for _round in range(ROUNDS):
        connector = _connector(suite)
        for step in (connector.open, connector.probe):
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await step()
            except (ConnectorError, TimeoutError):
                pass
            except Exception as error:
                raise Broken(f"{step.__name__} raised {type(error).__name__}") from error
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await connector.close()
        except TimeoutError:
            raise Broken(f"close takes longer than {CLOSE_SECONDS} s") from None
    await asyncio.sleep(0)
    left = asyncio.all_tasks() - before
    if left:
        raise Broken(f"{len(left)} tasks are left behind")


CHECKS = (_c0801, _c0802, _c0803, _c0804, _c0901, _c0902, _c0903, _c1001, _c1101)
