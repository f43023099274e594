"""Write a backup while Parley runs: database, attachments, configuration, digests. Keys are not in it; keep them apart."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from config.opening import Opened, demo_option, keys_of, opened, options, store_of


def parents() -> list[argparse.ArgumentParser]:
    """Inherit the configuration's options."""
    return [options()]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    demo_option(parser)
    parser.add_argument("target", type=Path, help="a new folder")


def run(args: argparse.Namespace) -> int:
    """Write it."""
    return asyncio.run(_run(args, opened(args)))


async def _run(args: argparse.Namespace, found: Opened) -> int:
    from config.backup import Backup
    from config.commands.version import program

    async with store_of(found.place) as store:
        backup = Backup(
            store=store,
            blob_folder=found.place.blob_folder,
            config_files=tuple(Path(name) for name in found.loaded.files.names),
            keys=tuple(key.id for key in keys_of(found)),
            program=program(),
        )
        manifest = await backup.write(args.target)
    size = sum(one.size for one in manifest.files.values())
    print(f"{args.target}: {len(manifest.files)} files, {size:,} bytes, journal up to {manifest.n}")
    print(f"attachments: {manifest.blobs}; master key {manifest.keys[0]} is not in it: keep it apart")
    return 0
