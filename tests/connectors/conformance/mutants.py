"""Deliberately broken connectors, one defect each: the kit must name every one. Defects are those that real connectors have had."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
from typing import Any

import msgspec

from connectors.conformance.suite import Request, Send, Suite
from connectors.contract import (
    Accepted,
    Address,
    Capabilities,
    Malformed,
    Manifest,
    MessageReceived,
    Outbound,
    Outcome,
    Plan,
    PlannedPart,
    Poison,
    Response,
    Retry,
    Sandbox,
    Secret,
    SentUnknown,
    Unknown,
    Unmapped,
    Verification,
    WebhookRequest,
)
from connectors.kit.connector import BaseConnector
from connectors.kit.payload import read


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The config of the sound connector that the mutants derive from."""

    secret: Secret
    url: str = "https://provider.example/send"


class Entry(msgspec.Struct, frozen=True):
    """One message of the made-up provider."""

    id: str
    chat: str
    text: str
    event: str = "text"


_entries = msgspec.json.Decoder(list[msgspec.Raw])
_entry = msgspec.json.Decoder(Entry)


def sound_parse(request: WebhookRequest, _config: object) -> list[Any]:
    """A list of entries, each for itself."""
    return [_one(bytes(raw)) for raw in read(_entries, request.body)]


def _one(raw: bytes) -> Any:
    try:
        entry = read(_entry, raw)
    except Malformed as error:
        return Poison(source_key=f"poison:{hashlib.sha256(raw).hexdigest()}", error=str(error))
    who = Address(scheme="made-up", value=entry.chat)
    if entry.event != "text":
        return Unmapped(
            source_key=f"unmapped:{entry.id}", conversation_key=entry.chat, sender=who, reason=entry.event
        )
    return MessageReceived(
        source_key=f"msg:{entry.id}",
        conversation_key=entry.chat,
        sender=who,
        text=entry.text,
        provider_id=entry.id,
    )


class Sound(BaseConnector):
    """Sends to the made-up provider as one should."""

    capabilities = Capabilities(transports=("webhook",), text_limit=100)

    async def send(self, message: Outbound, part: PlannedPart) -> Outcome:
        try:
            answer = await self.sandbox.http("POST", self.config.url, body=part.text.encode())
        except SentUnknown as error:
            return Unknown(text=str(error))
        return self.outcome(answer, message)

    def outcome(self, answer: Response, message: Outbound) -> Outcome:
        if answer.status == 200:
            return Accepted(provider_ids=(message.id,))
        return Retry(text=f"the provider answered {answer.status}")


def _batch(bodies: Any) -> bytes:
    return b"[" + b",".join(body.strip()[1:-1] for body in bodies) + b"]"


def suite(connector: type[Sound] = Sound, parse: Any = sound_parse, **facts: Any) -> Suite:
    """The sound connector's suite, with parts replaced."""
    face = Manifest(
        id="made-up",
        name="Made up",
        contract=1,
        config=facts.pop("config", Config),
        capabilities=connector.capabilities,
        create=connector,
        verification=facts.pop(
            "verification", Verification(scheme="hmac-body", secret="secret", header="x-signature")
        ),
        parse=parse,
        docs="README.md",
    )
    return Suite(
        module="tests.connectors.conformance.mutants",
        manifest=face,
        config={"secret": "made-up-canary-secret"},
        requests=(
            Request(name="one", body=b'[{"id":"1","chat":"c","text":"Hello there"}]', kinds=("message",)),
            Request(name="two", body=b'[{"id":"2","chat":"c","text":"Hi"}]', kinds=("message",)),
        ),
        batch=_batch,
        poison=b'[{"id":"3"}]',
        unknown=b'[{"id":"4","chat":"c","text":"","event":"teleport"}]',
        accepts=(Response(status=200, headers={}, body=b"{}"),),
        sends=(Send(name="down", answers=(Response(status=500, headers={}, body=b""),), outcome="retry"),),
        **facts,
    )


_counter = itertools.count()


def first_of_batch(request: WebhookRequest, config: object) -> list[Any]:
    return sound_parse(request, config)[:1]


def random_key(request: WebhookRequest, config: object) -> list[Any]:
    return [
        msgspec.structs.replace(item, source_key=f"msg:{next(_counter)}")
        for item in sound_parse(request, config)
    ]


def key_by_chat(request: WebhookRequest, config: object) -> list[Any]:
    return [
        msgspec.structs.replace(item, source_key=f"msg:{getattr(item, 'conversation_key', '')}")
        for item in sound_parse(request, config)
    ]


def drops_unknown(request: WebhookRequest, config: object) -> list[Any]:
    return [item for item in sound_parse(request, config) if not isinstance(item, Unmapped)]


def drops_poison(request: WebhookRequest, config: object) -> list[Any]:
    return [item for item in sound_parse(request, config) if not isinstance(item, Poison)]


def raises_on_nonsense(request: WebhookRequest, _config: object) -> list[Any]:
    return [_one(json.dumps(entry).encode()) for entry in json.loads(request.body)]


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    chat: str
    text: str
    event: str = "text"


def refuses_unknown_fields(request: WebhookRequest, config: object) -> list[Any]:
    read(msgspec.json.Decoder(list[Strict | None]), request.body)
    return sound_parse(request, config)


class ResendsSilence(Sound):
    async def send(self, message: Outbound, part: PlannedPart) -> Outcome:
        outcome = await super().send(message, part)
        return Retry(text=outcome.text) if isinstance(outcome, Unknown) else outcome


class AcceptsEverything(Sound):
    def outcome(self, answer: Response, message: Outbound) -> Outcome:
        return Accepted(provider_ids=(message.id,))


class ForgetsIds(Sound):
    def outcome(self, answer: Response, message: Outbound) -> Outcome:
        outcome = super().outcome(answer, message)
        return Accepted() if isinstance(outcome, Accepted) else outcome


class RaisesOnOddAnswers(Sound):
    def outcome(self, answer: Response, message: Outbound) -> Outcome:
        json.loads(answer.body)
        return super().outcome(answer, message)


class CountsBytes(Sound):
    def plan(self, message: Outbound) -> Plan:
        return Plan(parts=(PlannedPart(key=f"{message.id}:0", kind="text", text=message.text),))


class RandomPlan(Sound):
    def plan(self, message: Outbound) -> Plan:
        parts = super().plan(message).parts
        return Plan(
            parts=tuple(msgspec.structs.replace(part, key=f"{next(_counter)}") for part in parts),
            degraded=("x",),
        )


class SilentLoss(Sound):
    def plan(self, message: Outbound) -> Plan:
        return msgspec.structs.replace(super().plan(message), degraded=())


class LeaksSecret(Sound):
    async def send(self, message: Outbound, part: PlannedPart) -> Outcome:
        self.sandbox.log("asking", with_secret=self.config.secret.reveal())
        return await super().send(message, part)


class LeavesTask(Sound):
    def __init__(self, config: Any, sandbox: Sandbox) -> None:
        super().__init__(config, sandbox)
        self.tasks: list[Any] = []

    async def open(self) -> None:
        self.tasks.append(asyncio.get_running_loop().create_task(asyncio.sleep(0.5)))


class OpenConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Takes unknown keys."""

    secret: Secret
    url: str = "https://provider.example/send"


class PlainConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keeps the secret as plain text. It is found by its field, since it has no type of its own."""

    secret: Secret
    url: str = "https://provider.example/send"

    def __repr__(self) -> str:
        return f"PlainConfig({self.secret.reveal()})"


MUTANTS: dict[str, tuple[Suite, str]] = {
    "only the first of a batch": (suite(parse=first_of_batch), "C0501"),
    "a key that changes": (suite(parse=random_key), "C0401"),
    "one key for a whole chat": (suite(parse=key_by_chat), "C0402"),
    "unknown events dropped": (suite(parse=drops_unknown), "C0602"),
    "poison dropped": (suite(parse=drops_poison), "C0502"),
    "raises on nonsense": (suite(parse=raises_on_nonsense), "C0701"),
    "unknown fields refused": (suite(parse=refuses_unknown_fields), "C0601"),
    "anybody may write": (suite(verification=Verification(scheme="none")), "C0103"),
    "silence sent again": (suite(ResendsSilence), "C0803"),
    "errors accepted": (suite(AcceptsEverything), "C0804"),
    "ids forgotten": (suite(ForgetsIds), "C0801"),
    "odd answers raise": (suite(RaisesOnOddAnswers), "C0804"),
    "parts too long": (suite(CountsBytes), "C0902"),
    "keys of parts change": (suite(RandomPlan), "C0901"),
    "loss without a word": (suite(SilentLoss), "C0903"),
    "secret in a log line": (suite(LeaksSecret), "C1001"),
    "a task left behind": (suite(LeavesTask), "C1101"),
    "unknown keys accepted": (suite(config=OpenConfig), "C0204"),
    "secret in the repr": (suite(config=PlainConfig), "C0205"),
}
