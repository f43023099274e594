"""The configured channels: list them, ask their providers read-only whether they would work, or show what a connector's block takes."""

from __future__ import annotations

import argparse
import asyncio

from config.faults import Fault
from config.opening import Opened, demo_option, opened, options

PROBE_SECONDS = 30.0


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, text in (("list", "the configured channels"), ("health", "ask each provider, read-only")):
        action = actions.add_parser(name, help=text, description=text, parents=[options()])
        demo_option(action)
    show = actions.add_parser("show", help="what the config block of a connector takes")
    show.add_argument("connector")


def run(args: argparse.Namespace) -> int:
    """Do it."""
    if args.action == "show":
        return _show(args.connector)
    found = opened(args)
    if args.action == "list":
        for name, channel in found.loaded.house.channels.items():
            print(
                f"{name:24} {channel.connector:12} {channel.name}{'' if channel.enabled else ' (not enabled)'}"
            )
        return 0
    return asyncio.run(_health(found))


def _show(connector: str) -> int:
    import msgspec

    from config.schema import block
    from connectors import registry

    try:
        manifest = registry.manifest(connector)
    except registry.UnknownConnector as fault:
        raise Fault(str(fault)) from None
    print(f"{manifest.name}: {manifest.docs}" if manifest.docs else manifest.name)
    print(msgspec.json.format(msgspec.json.encode(block(manifest)), indent=2).decode())
    return 0


async def _health(found: Opened) -> int:
    from config.probing import probe

    failed = False
    async for name, well, sentence in probe(found, PROBE_SECONDS):
        failed = failed or not well
        print(f"{'ok' if well else 'fail':5} {name}: {sentence}")
    return 1 if failed else 0
