"""Why a conversation went where it went: each recorded decision, with who was considered and who was not."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from config.faults import Fault
from config.opening import Opened, demo_option, opened, options, store_of


def parents() -> list[argparse.ArgumentParser]:
    """Inherit the configuration's options."""
    return [options()]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    demo_option(parser)
    parser.add_argument("conversation", help="its id (cnv_...)")
    parser.add_argument("--json", action="store_true", help="the records as they are kept, one per line")


def run(args: argparse.Namespace) -> int:
    """Print it."""
    return asyncio.run(_run(args, opened(args)))


async def _run(args: argparse.Namespace, found: Opened) -> int:
    import msgspec

    from config.explaining import decisions, lines

    async with store_of(found.place) as store:
        records: list[dict[str, Any]] = await decisions(store, args.conversation)
    if not records:
        raise Fault(
            f"nothing was decided about {args.conversation}: there is no such conversation, or no router has seen it yet"
        )
    for record in records:
        if args.json:
            print(msgspec.json.encode(record).decode())
        else:
            print("\n".join(lines(record)))
    return 0
