"""How many agents each skill takes, hour by hour, for a service level: Erlang A for a start, the simulation as the judge."""

from __future__ import annotations

import argparse
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "volumes", type=Path, metavar="VOLUMES.yaml", help="arrivals per hour (docs/routing.md, Staff)"
    )
    parser.add_argument("--table", action="store_true", help="a table for people instead of JSON")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides", help="another value, as target.share=0.9"
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Print one JSON object, or the table."""
    import msgspec

    from config.simulating import read_volumes
    from router.simulation.staffing import staff
    from router.simulation.table import hours

    found = staff(read_volumes(args.volumes, args.overrides))
    print("\n".join(hours(found)) if args.table else msgspec.json.encode({"hours": found}).decode())
    return 0
