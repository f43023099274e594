"""Play a model (customers who come by chance, agents with skills) on the engine that serves, in virtual time, and report waits and loads."""

from __future__ import annotations

import argparse
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "model", type=Path, metavar="MODEL.yaml", help="the model (docs/routing.md, Simulate)"
    )
    parser.add_argument("--table", action="store_true", help="a table for people instead of JSON")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg|png", help="also draw waits and loads")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides", help="another value, as classes.a.rate=0.9"
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Print one JSON object, or the table."""
    import msgspec

    from config.simulating import draw, read_model, writer
    from router.simulation.play import play
    from router.simulation.plot import plot
    from router.simulation.table import lines

    write = writer(args.plot) if args.plot else None
    model = read_model(args.model, args.overrides)
    report, tally = play(model)
    if write is not None:
        draw(args.plot, write(plot(model, report, tally)))
    print("\n".join(lines(report)) if args.table else msgspec.json.encode(report).decode())
    return 0
