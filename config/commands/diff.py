"""What differs between two configurations: both are checked, then channels, team and routing are compared by name. Exit code 1 when anything does."""

from __future__ import annotations

import argparse
from typing import Any

from config.opening import opened, options


def parents() -> list[argparse.ArgumentParser]:
    """Inherit the configuration's options."""
    return [options()]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("before", metavar="A", help="file or folder")
    parser.add_argument("after", metavar="B", help="file or folder")


def run(args: argparse.Namespace) -> int:
    """Print the differences."""
    from itertools import islice

    from config.differing import MOST_LINES, differences
    from config.files import SECTIONS
    from config.yaml_positions import plain

    found: list[Any] = []
    args.demo = None
    for path in (args.before, args.after):
        args.config = path
        files = opened(args).loaded.files
        found.append({name: plain(getattr(files, name)) for name in SECTIONS})
    lines = list(islice(differences(found[0], found[1]), MOST_LINES))
    print("\n".join(lines) if lines else "no difference")
    return 1 if lines else 0
