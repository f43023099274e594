"""Why a conversation went where it went: each recorded decision, and everybody as they stand now; with --full also as they stood then."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.errors import nearest
from config.faults import Fault
from config.opening import Opened, demo_option, opened, options, store_of

if TYPE_CHECKING:
    from router.plan import Plan
    from router.trial_entries import GivenEntry


def parents() -> list[argparse.ArgumentParser]:
    """Inherit the configuration's options."""
    return [options()]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    demo_option(parser)
    parser.add_argument(
        "conversation",
        help='its id (cnv_...), or FILE.json: one that might come ({"text": ..., "lang": ...})',
    )
    parser.add_argument(
        "--at", metavar="STEP", default="", help="with FILE.json: a step's number or a while (90s)"
    )
    parser.add_argument("--moment", metavar="WHEN", default="", help='with FILE.json: "2026-03-04 12:00"')
    parser.add_argument(
        "--full",
        action="store_true",
        help="work out again who could have had it then (reads the whole journal)",
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="decide again from what is stored of each decision alone, and say whether they agree (exit code 1: one differs)",
    )
    parser.add_argument("--json", action="store_true", help="all of it as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Print it."""
    if args.conversation.endswith(".json"):
        return _might(args, opened(args))
    return asyncio.run(_run(args, opened(args)))


def _might(args: argparse.Namespace, found: Opened) -> int:
    """Nothing is running and nothing is stored: the rules of the files, the whole team online with nothing to do."""
    import msgspec

    from config.crosscheck import colleagues
    from config.explaining import outcome
    from router.trial_names import with_connector
    from router.trying import explained

    house = found.loaded.house
    try:
        given = _given(Path(args.conversation))
        if given.channel and given.channel not in house.channels:
            raise ValueError(_unknown(given.channel, house.channels))
        given = with_connector(given, {name: channel.connector for name, channel in house.channels.items()})
        told = explained(house.plan, given, colleagues(house.agents), args.at, args.moment)
    except OSError as fault:
        raise Fault(f"{args.conversation} cannot be read: {fault.strerror}") from None
    except ValueError as fault:
        raise Fault(f"{args.conversation}: {fault}") from None
    print(msgspec.json.encode(told).decode() if args.json else "\n".join(outcome(told)))
    return 0


def _given(path: Path) -> GivenEntry:
    """The conversation of a file; what is wrong with it is told with its place (JSON is YAML, too)."""
    import msgspec

    from config.errors import ConfigError
    from config.references import Sources
    from config.shape import Shape
    from config.yaml_positions import parse
    from router.trial_entries import GivenEntry

    text = path.read_bytes()
    try:
        return msgspec.json.decode(text, type=GivenEntry)
    except msgspec.ValidationError:
        shape = Shape(Sources(environment={}, folder=path.parent))
        shape.read(parse(text, str(path)), GivenEntry)
        if not shape.problems:
            raise
        raise Fault(str(ConfigError(shape.problems))) from None


def _unknown(channel: str, known: Iterable[str]) -> str:
    meant = nearest(channel, known)
    return f'unknown channel "{channel}"' + (f' (did you mean "{meant}"?)' if meant else "")


async def _run(args: argparse.Namespace, found: Opened) -> int:
    import msgspec

    from config.catalogue import installed
    from config.explaining import lines
    from config.load import revive
    from config.references import Sources
    from router.explaining import explain

    catalogue, sources = installed(), Sources(environment=found.environment, folder=found.loaded.files.folder)

    def plan_of(bundle: Any) -> Plan:
        return revive(bundle, sources, catalogue, blocks=False).plan

    async with store_of(found.place) as store:
        told = await explain(store, args.conversation, plan_of, full=args.full, again=args.verify)
    if told is None:
        raise Fault(f"there is no conversation {args.conversation}")
    print(msgspec.json.encode(told).decode() if args.json else "\n".join(lines(told)))
    return int(any(one["verdict"] == "differs" for one in told.get("verified", ())))
