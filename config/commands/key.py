"""Print a new master key, for PARLEY_KEY. Keep it apart from backups: whoever has both can read stored secrets."""

from __future__ import annotations

import argparse


def add(_parser: argparse.ArgumentParser) -> None:
    """Declare no arguments."""


def run(_args: argparse.Namespace) -> int:
    """Print it."""
    from config.keys import new_key

    print(new_key())
    return 0
