"""Why a conversation went where it went: each recorded decision, and everybody as they stand now; with --full also as they stood then."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING, Any

from config.faults import Fault
from config.opening import Opened, demo_option, opened, options, store_of

if TYPE_CHECKING:
    from router.plan import Plan


def parents() -> list[argparse.ArgumentParser]:
    """Inherit the configuration's options."""
    return [options()]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    demo_option(parser)
    parser.add_argument("conversation", help="its id (cnv_...)")
    parser.add_argument(
        "--full",
        action="store_true",
        help="work out again who could have had it then (reads the whole journal)",
    )
    parser.add_argument("--json", action="store_true", help="all of it as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Print it."""
    return asyncio.run(_run(args, opened(args)))


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
        told = await explain(store, args.conversation, plan_of, full=args.full)
    if told is None:
        raise Fault(f"there is no conversation {args.conversation}")
    print(msgspec.json.encode(told).decode() if args.json else "\n".join(lines(told)))
    return 0
