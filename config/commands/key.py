"""Print a new master key, for PARLEY_KEY; or with --rotate seal every stored secret under the first of several keys.

To change the key: give the processes PARLEY_KEY=NEW,OLD, run `parley key --rotate`, then give them NEW alone. Keep keys apart from
backups: whoever has both can read stored secrets.
"""

from __future__ import annotations

import argparse
import asyncio

from config.opening import Opened, demo_option, keys_of, opened, options, store_of


def parents() -> list[argparse.ArgumentParser]:
    """Inherit the configuration's options."""
    return [options()]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    demo_option(parser)
    parser.add_argument("--rotate", action="store_true", help="seal every stored secret under the first key")


def run(args: argparse.Namespace) -> int:
    """Print one, or rotate."""
    from config.keys import new_key

    if args.rotate:
        return asyncio.run(_rotate(opened(args)))
    print(new_key())
    return 0


async def _rotate(found: Opened) -> int:
    from config.secrets import Vault

    keys = keys_of(found)
    async with store_of(found.place) as store:
        count = await Vault(store, keys).rotate()
    print(f"{count} stored secrets were sealed anew; all of them are under {keys[0].id}")
    return 0
