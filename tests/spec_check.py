"""`python -m tests.spec_check FOLDER`: judge what our channels send and read by the providers' machine-readable specifications.

The specifications are not part of the product: they are read where they are. Telegram: `telegram/api.json` in the form of
PaulSonOfLars/telegram-bot-api-spec (methods and types with their fields). Exit code 1 when anything is not as specified.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from connectors.conformance.recording import RecordingSandbox
from connectors.contract import Address, ConnectorError, File, MediaRef, Outbound, OutFile, decode_secret
from connectors.telegram import MANIFEST, updates
from connectors.telegram.connector import TelegramConnector
from connectors.telegram.entities import Entity
from connectors.telegram.requests import calls_for

READ_AS: dict[str, type[msgspec.Struct]] = {
    "Update": updates.Update,
    "Message": updates.Message,
    "User": updates.User,
    "Chat": updates.Chat,
    "CallbackQuery": updates.Callback,
    "MessageReactionUpdated": updates.Reacted,
    "ChatMemberUpdated": updates.Membership,
    "Location": updates.Location,
    "Venue": updates.Venue,
    "Contact": updates.Contact,
    "Poll": updates.Poll,
    "PollOption": updates.Option,
    "Dice": updates.Dice,
    "MessageEntity": Entity,
}
"""The specification's types and the structs that we read them with."""

FILES = ("Document", "PhotoSize", "Voice", "Audio", "Video", "VideoNote", "Animation", "Sticker")
"""Types that we read with one struct: each of its fields is in at least one of them."""

_PLAIN: dict[str, tuple[type, ...]] = {
    "Integer": (int,),
    "String": (str,),
    "Boolean": (bool,),
    "Float": (int, float),
}


def judge_calls(spec: dict[str, Any], calls: list[tuple[str, dict[str, Any], set[str]]]) -> list[str]:
    """What is wrong with (method, parameters, names of file fields)."""
    found = []
    for method, params, files in calls:
        known = spec["methods"].get(method)
        if known is None:
            found.append(f"{method}: there is no such method")
            continue
        fields = {field["name"]: field for field in known.get("fields", [])}
        given = {**params, **dict.fromkeys(files, None)}
        found += [f"{method}: there is no parameter {name}" for name in given if name not in fields]
        found += [
            f"{method}: {name} is required"
            for name, field in fields.items()
            if field["required"] and name not in given
        ]
        for name, value in params.items():
            if name in fields and not any(_fits(spec, value, kind) for kind in fields[name]["types"]):
                found.append(f"{method}: {name} = {value!r} is none of {', '.join(fields[name]['types'])}")
        found += [
            f"{method}: {name} takes no file"
            for name in files
            if "InputFile" not in fields.get(name, {"types": []})["types"]
        ]
    return found


def _fits(spec: dict[str, Any], value: Any, kind: str) -> bool:
    if kind.startswith("Array of "):
        return isinstance(value, list) and all(
            _fits(spec, item, kind.removeprefix("Array of ")) for item in value
        )
    if kind in _PLAIN:
        return isinstance(value, _PLAIN[kind]) and (kind == "Boolean" or not isinstance(value, bool))
    fields = {field["name"]: field for field in spec["types"].get(kind, {}).get("fields", [])}
    if not isinstance(value, dict) or not fields:
        return False
    known = all(
        name in fields and any(_fits(spec, inner, sort) for sort in fields[name]["types"])
        for name, inner in value.items()
    )
    return known and all(name in value for name, field in fields.items() if field["required"])


def judge_types(spec: dict[str, Any]) -> list[str]:
    """What is wrong with the structs that we read updates with: unknown fields, other types, required ones that may be missing."""
    found = []
    for name, struct in READ_AS.items():
        fields = {field["name"]: field for field in spec["types"][name].get("fields", [])}
        found += _judge_struct(name, struct, fields)
    together: dict[str, Any] = {}
    for name in FILES:
        together.update({field["name"]: field for field in spec["types"][name]["fields"]})
    return found + _judge_struct("files", updates.FileIn, together)


def _judge_struct(name: str, struct: type[msgspec.Struct], fields: dict[str, Any]) -> list[str]:
    hints = get_type_hints(struct)
    found = []
    for field in msgspec.structs.fields(struct):
        known = fields.get(field.encode_name)
        if known is None:
            found.append(f"{name}: there is no field {field.encode_name}")
        elif field.required and not known["required"]:
            found.append(f"{name}: {field.encode_name} may be missing")
        elif not any(_reads(hints[field.name], kind) for kind in known["types"]):
            found.append(
                f"{name}: {field.encode_name} is {', '.join(known['types'])}, not {hints[field.name]}"
            )
    return found


def _reads(hint: Any, kind: str) -> bool:
    """Whether a struct's type reads a specified one; objects are judged by their own entry."""
    choices = get_args(hint) if get_origin(hint) not in {None, list} else (hint,)
    if kind.startswith("Array of "):
        return any(get_origin(choice) is list for choice in choices)
    if kind in _PLAIN:
        return any(choice in _PLAIN[kind] for choice in choices)
    return any(isinstance(choice, type) and issubclass(choice, msgspec.Struct) for choice in choices)


async def our_calls() -> list[tuple[str, dict[str, Any], set[str]]]:
    """Every kind of request that the Telegram channel makes."""
    return [*_sends(), *await _asks()]


def _sends() -> list[tuple[str, dict[str, Any], set[str]]]:
    async def read() -> bytes:
        return b""

    files = [
        OutFile(name="a.png", content_type="image/png", size=1, read=read),
        OutFile(name="b.pdf", content_type="application/pdf", size=1, read=read),
    ]
    message = Outbound(
        id="msg_1",
        to=Address(scheme="telegram", value="1"),
        conversation_key="-100/5",
        text="word " * 2_000,
        files=tuple(files),
        context={"reply_to": ("-100:7",)},
    )
    plan = TelegramConnector(_config("poll"), RecordingSandbox()).plan(message)
    return [
        (call.method, call.params, {call.field} if call.file else set())
        for part in plan.parts
        for call in calls_for(message, part)
    ]


def _config(mode: str) -> Any:
    block = {"token": "4711:a-token-of-ours", "mode": mode, "secrets": ["secret"]}
    return msgspec.convert(block, MANIFEST.config, dec_hook=decode_secret)


async def _asks() -> list[tuple[str, dict[str, Any], set[str]]]:
    sandbox = RecordingSandbox()
    for mode in ("webhook", "poll"):
        connector = TelegramConnector(_config(mode), sandbox)
        steps = [connector.open(), connector.probe(), _media(connector), _poll(connector)]
        steps.append(connector.typing(Address(scheme="telegram", value="1"), "-100/5", on=True))
        for step in steps:
            try:
                await step
            except ConnectorError:
                continue  # the recording sandbox's answers hold nothing: what counts is what was asked
    asked = [entry for entry in sandbox.asked if entry.method == "POST"]
    return [(entry.url.rsplit("/", 1)[1], json.loads(entry.body or b"{}"), set()) for entry in asked]


async def _media(connector: TelegramConnector) -> File:
    return await connector.media(MediaRef(token="f", name="f", content_type="x/y"))


async def _poll(connector: TelegramConnector) -> None:
    async for _batch in connector.poll():
        return


def main(arguments: list[str]) -> int:
    """Print what is not as specified."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m tests.spec_check FOLDER (with telegram/api.json in it)\n")
        return 2
    spec = json.loads((Path(arguments[0]) / "telegram" / "api.json").read_text("utf-8"))
    calls = asyncio.run(our_calls())
    found = judge_calls(spec, calls) + judge_types(spec)
    sys.stdout.write("\n".join(found) + "\n" if found else "")
    sys.stdout.write(
        f"Telegram, {spec.get('version', 'unknown version')}: {len(calls)} requests with "
        f"{len({method for method, *_rest in calls})} methods, {len(READ_AS) + 1} types; {len(found)} faults\n"
    )
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
