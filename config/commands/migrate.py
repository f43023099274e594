"""Bring the database's schema up to date. `serve` does it by itself; this is for deployments that do it apart."""

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


def run(args: argparse.Namespace) -> int:
    """Open the store once."""
    return asyncio.run(_run(opened(args)))


async def _run(found: Opened) -> int:
    from config.references import stars
    from stream.store import open_store

    if found.place.embedded:
        found.place.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = open_store(found.place.store)
    await store.open()
    await store.close()
    print(f"{stars(found.place.store)}: the schema is up to date")
    return 0
