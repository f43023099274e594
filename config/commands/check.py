"""Check the configuration: every fault with file, line and column, and nothing is changed. Exit code 2 when it cannot be used."""

from __future__ import annotations

import argparse
from pathlib import Path

from config.opening import demo_option, opened, options


def parents() -> list[argparse.ArgumentParser]:
    """Inherit the configuration's options."""
    return [options()]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    demo_option(parser)
    parser.add_argument(
        "path",
        nargs="?",
        metavar="PATH",
        help="file or folder to check (as --config); or a routing file in a configuration's folder",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Print every fault (to standard output: they are the result), or what was found to be right."""
    import msgspec

    from config.errors import ConfigError
    from config.files import standing

    args.config, routing = standing(Path(args.path)) if args.path else (args.config, None)
    try:
        found = opened(args, routing=routing)
    except ConfigError as fault:
        rows = [
            {"file": one.mark.file, "line": one.mark.line, "column": one.mark.column, "message": one.message, "suggestion": one.suggestion}
            for one in fault.problems
        ]  # fmt: skip
        print(msgspec.json.encode({"ok": False, "errors": rows}).decode() if args.json else fault)
        return 2
    house = found.loaded.house
    warnings = [str(one) for one in found.loaded.warnings]
    counts = {
        "channels": len(house.channels),
        "queues": len(house.plan.queues),
        "rules": len(house.plan.rules.rules),
        "agents": len(house.agents),
    }
    if args.json:
        print(msgspec.json.encode({"ok": True, "warnings": warnings, **counts}).decode())
        return 0
    for warning in warnings:
        print(f"{warning} (warning)")
    print(f"{found.path}: right; " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    return 0
