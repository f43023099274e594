"""Play recorded traffic through a changed routing file: who would have gone where, waits, service level and fairness, before and after.

Arrivals, what customers wrote, handling times, who gave up and who was online are as recorded; the engine that serves decides. Nothing
is changed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.faults import USAGE, Fault
from config.opening import Opened, demo_option, opened, options, store_of

if TYPE_CHECKING:
    from router.replay.playing import Playing
    from router.replay.survey import Survey


def parents() -> list[argparse.ArgumentParser]:
    """Inherit the configuration's options."""
    return [options()]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    demo_option(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help="the changed routing.yaml")
    parser.add_argument("--since", default="7d", metavar="TIME", help="how long ago it begins (7d)")
    parser.add_argument("--json", action="store_true", help="all of it as one JSON object")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg|png", help="also draw waits and loads")


def run(args: argparse.Namespace) -> int:
    """Print the table, or the object."""
    import msgspec

    from config.simulating import draw, writer
    from router.durations import seconds
    from router.replay.picture import picture
    from router.replay.report import report
    from router.replay.survey import TooMany
    from router.replay.table import lines

    write = writer(args.plot) if args.plot else None
    try:
        since = seconds(args.since)
        survey, players = asyncio.run(_played(opened(args, routing=args.file), since))
    except (ValueError, TooMany) as fault:
        raise Fault(f"--since: {fault}", USAGE) from None
    if not len(survey.came):
        raise Fault(f"nothing came in the last {args.since}: there is nothing to replay")
    found = report(survey, players)
    if write is not None:
        draw(args.plot, write(picture(survey, players, found)))
    print(msgspec.json.encode(found).decode() if args.json else "\n".join(lines(found)))
    return 0


async def _played(found: Opened, since: float) -> tuple[Survey, list[Playing]]:
    from config.catalogue import installed
    from config.crosscheck import colleagues
    from config.load import House, revive
    from config.references import Sources
    from config.trimmed import where_it_begins
    from router.replay.reading import Side, replay
    from stream import reads

    def side(house: House) -> Side:
        return Side(house.plan, tuple(colleagues(house.agents)))

    async with store_of(found.place) as store:
        active = await reads.active_config(store)
        if active is None:
            raise Fault(
                "no configuration was ever applied to this database: there is nothing to compare with"
            )
        bundle: Any = active.bundle
        sources = Sources(environment=found.environment, folder=found.loaded.files.folder)
        before = revive(bundle, sources, installed(), blocks=False)
        survey, players = await replay(store, (side(before), side(found.loaded.house)), since)
        if said := await where_it_begins(store, survey.start, since):
            print(f"parley: {said}", file=sys.stderr)
        return survey, players
