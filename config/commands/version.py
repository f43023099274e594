"""Print the version of Parley and of what it runs on."""

from __future__ import annotations

import argparse
import platform
from importlib.metadata import PackageNotFoundError, version


def add(_parser: argparse.ArgumentParser) -> None:
    """Declare no arguments."""


def run(_args: argparse.Namespace) -> int:
    """Print it."""
    print(
        f"parley {program()} (Python {platform.python_version()}, {platform.system()} {platform.machine()})"
    )
    return 0


def program() -> str:
    """The version of this program."""
    try:
        return version("parley")
    except PackageNotFoundError:
        return "0+source"
