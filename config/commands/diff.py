"""What differs between two configurations: both are checked, then channels, team and routing are compared by name.

Secrets and what they stand in (parley.yaml, the channels' own blocks) are not looked up. Exit code 1 when anything differs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from config.faults import USAGE, Fault


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "before", metavar="A", help="file or folder; or a routing file in a configuration's folder"
    )
    parser.add_argument("after", metavar="B", help="the same")


def run(args: argparse.Namespace) -> int:
    """Print the differences."""
    from itertools import islice

    from config.catalogue import installed
    from config.differing import MOST_LINES, differences
    from config.files import SECTIONS, standing
    from config.load import sections
    from config.yaml_positions import plain

    missing = next((path for path in (args.before, args.after) if not Path(path).exists()), None)
    if missing is not None:
        raise Fault(f"{missing}: there is no such file or folder", USAGE)
    catalogue = installed()
    places = [standing(Path(path)) for path in (args.before, args.after)]
    files = [sections(path, catalogue, routing) for path, routing in places]
    found = [{name: plain(getattr(one, name)) for name in SECTIONS} for one in files]
    lines = list(islice(differences(found[0], found[1]), MOST_LINES))
    print("\n".join(lines) if lines else "no difference")
    return 1 if lines else 0
