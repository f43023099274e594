"""Ask the server on this machine whether it is ready: exit code 0 or 1, for containers. Reads no configuration files."""

from __future__ import annotations

import argparse
import os


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--listen", default=os.environ.get("PARLEY_LISTEN", "127.0.0.1:8080"), metavar="HOST:PORT"
    )
    parser.add_argument(
        "--live", action="store_true", help="only whether the process turns, not whether it is ready"
    )


def run(args: argparse.Namespace) -> int:
    """Ask."""
    from config.asking import get
    from config.faults import USAGE, Fault

    if not args.listen.rpartition(":")[2].isdigit():
        raise Fault(f"--listen {args.listen}: expected HOST:PORT", USAGE)
    status, body = get(args.listen, "/healthz" if args.live else "/readyz")
    if status != 200:
        print(f"{args.listen}: {f'answers {status}: ' if status else ''}{body[:300]}")
    return 0 if status == 200 else 1
