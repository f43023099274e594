"""Look at everything that commonly goes wrong, change nothing. Exit code 1 when something needs a person."""

from __future__ import annotations

import argparse
import asyncio

from config.opening import Opened, demo_option, opened, options


def parents() -> list[argparse.ArgumentParser]:
    """Inherit the configuration's options."""
    return [options()]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    demo_option(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object per line")


def run(args: argparse.Namespace) -> int:
    """Print each finding as it comes."""
    return asyncio.run(_run(args, opened(args)))


async def _run(args: argparse.Namespace, found: Opened) -> int:
    import msgspec

    from config.doctor import examine

    failed = False
    async for finding in examine(found):
        failed = failed or finding.state == "fail"
        if args.json:
            print(msgspec.json.encode(finding).decode())
        else:
            print(f"{finding.state:5} {finding.about}: {finding.sentence}")
    return 1 if failed else 0
