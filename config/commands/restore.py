"""Check a backup, and put it into an empty data folder. Sign-ins stay valid; every client starts over with a fresh picture."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from config.faults import Fault
from config.keys import FILE, VARIABLE
from config.opening import Opened, demo_option, keys_of, opened, options


def parents() -> list[argparse.ArgumentParser]:
    """Inherit the configuration's options."""
    return [options()]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    demo_option(parser)
    parser.add_argument("source", type=Path, help="a backup's folder")
    parser.add_argument("--verify", action="store_true", help="only check it, change nothing")


def run(args: argparse.Namespace) -> int:
    """Check it; restore it unless only the check was asked for."""
    from config.backup import verify

    manifest = verify(args.source)
    print(
        f"{args.source}: intact, {len(manifest.files)} files, journal up to {manifest.n}, by Parley {manifest.program}"
    )
    if args.verify:
        return 0
    return asyncio.run(_run(args, opened(args)))


async def _run(args: argparse.Namespace, found: Opened) -> int:
    from config.backup import place_files, renew, verify
    from config.lock import DataFolder
    from stream.store import open_store

    place = found.place
    if place.database is None:
        raise Fault(
            "the configured store is PostgreSQL: restore parley.dump with pg_restore into an empty database"
        )
    manifest = verify(args.source)
    with DataFolder(place.data):
        place_files(args.source, manifest, place.database, place.blob_folder)
        store = open_store(place.store)
        await store.open()
        await renew(store)
        await store.close()
        if not _keys_here(found) & set(manifest.keys):
            print(f"note: this backup belongs to the master key {manifest.keys[0]}, which is not here: "
                  "put its master.key into the data folder (or set PARLEY_KEY) before you start")  # fmt: skip
    print(f"restored into {place.data}")
    return 0


def _keys_here(found: Opened) -> set[str]:
    """The ids of the master keys that are here; none is made: it would stand in the place of the right one."""
    given = found.loaded.parley.key or found.environment.get(VARIABLE)
    return {key.id for key in keys_of(found)} if given or (found.place.data / FILE).exists() else set()
