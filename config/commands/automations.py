"""How often each rule of the automation matched, and how often its guard ended a chain of rules."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from config.opening import Opened, demo_option, opened, options, store_of


def parents() -> list[argparse.ArgumentParser]:
    """The common options."""
    return [options()]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    demo_option(parser)
    parser.add_argument("--json", action="store_true", help="for other programs")


def run(args: argparse.Namespace) -> int:
    """Ask the store."""
    return asyncio.run(_run(args, opened(args)))


async def _run(args: argparse.Namespace, found: Opened) -> int:
    from stream.automation import state

    async with store_of(found.place) as store:
        kept = await state(store)
    names = [rule.name for rule in found.loaded.house.routing.automations]
    hits = {name: kept.hits.get(name, 0) for name in names} | {
        name: count for name, count in sorted(kept.hits.items()) if name not in names
    }
    _show(args, {"hits": hits, "cuts": kept.cuts}, names)
    return 0


def _show(args: argparse.Namespace, told: dict[str, Any], names: list[str]) -> None:
    if args.json:
        import msgspec

        print(msgspec.json.encode(told).decode())
        return
    for name, count in told["hits"].items():
        print(f"{count:8}  {name}" + ("" if name in names else "  (not configured any more)"))
    if not told["hits"]:
        print("no rule is configured")
    print(f"{told['cuts']:8}  chains ended by the guard")
