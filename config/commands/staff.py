"""How many agents each skill takes, hour by hour, for a service level: Erlang A for a start, the simulation as the judge.

Volumes are those of a file, or those that were recorded (`--since 7d`). Nothing is changed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.faults import USAGE, Fault
from config.opening import demo_option, opened, options, store_of

if TYPE_CHECKING:
    from config.opening import Opened


def parents() -> list[argparse.ArgumentParser]:
    """Inherit the configuration's options."""
    return [options()]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    demo_option(parser)
    parser.add_argument(
        "volumes",
        type=Path,
        nargs="?",
        metavar="VOLUMES.yaml",
        help="arrivals per hour (docs/routing.md, Staff)",
    )
    parser.add_argument(
        "--since", metavar="TIME", help="instead of a file: what was recorded in so long (7d)"
    )
    parser.add_argument("--table", action="store_true", help="a table for people instead of JSON")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg|png", help="also draw agents hour by hour")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides", help="another value, as target.share=0.9"
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Print one JSON object, or the table."""
    import msgspec

    from config.simulating import draw, read_volumes, volumes_of, writer
    from router.simulation.staff_plot import plot
    from router.simulation.staffing import staff
    from router.simulation.table import hours

    if (args.volumes is None) == (args.since is None):
        raise Fault("name a file of volumes, or --since 7d for what was recorded", USAGE)
    write = writer(args.plot) if args.plot else None
    if args.volumes is not None:
        volumes = read_volumes(args.volumes, args.overrides)
    else:
        volumes = volumes_of(_recorded(opened(args), args.since), args.overrides)
    found = staff(volumes)
    if write is not None:
        draw(args.plot, write(plot(found)))
    print("\n".join(hours(found)) if args.table else msgspec.json.encode({"hours": found}).decode())
    return 0


def _recorded(found: Opened, since: str) -> dict[str, Any]:
    """The volumes of the journal, under the plan of the files. Raises `Fault`."""
    from config.trimmed import where_it_begins
    from router.durations import seconds
    from router.replay.reading import surveyed
    from router.replay.survey import Survey, TooMany
    from router.replay.volumes import volumes

    async def read(length: float) -> Survey:
        async with store_of(found.place) as store:
            survey = (await surveyed(store, length))[0]
            if said := await where_it_begins(store, survey.start, length):
                print(f"parley: {said}", file=sys.stderr)
            return survey

    try:
        told = volumes(asyncio.run(read(seconds(since))), found.loaded.house.plan)
    except (ValueError, TooMany) as fault:
        raise Fault(f"--since: {fault}", USAGE) from None
    if not told["classes"]:
        raise Fault(f"nothing came in the last {since}: there is nothing to count")
    return told
