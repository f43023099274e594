"""`python -m connectors.conformance MODULE`: judge the connector whose suite stands in MODULE as `SUITE`; exit code 1 when it fails."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from connectors.conformance.report import junit, table
from connectors.conformance.run import run
from connectors.conformance.suite import Suite


def main(arguments: list[str]) -> int:
    """Print the table, write the JUnit file if one is asked for."""
    parser = argparse.ArgumentParser(prog="python -m connectors.conformance", description=__doc__)
    parser.add_argument("module", help="a module with SUITE (a connectors.conformance.suite.Suite)")
    parser.add_argument("--junit", type=Path, help="also write JUnit XML to this file")
    given = parser.parse_args(arguments)
    sys.path.insert(0, str(Path.cwd()))
    suite = getattr(importlib.import_module(given.module), "SUITE", None)
    if not isinstance(suite, Suite):
        parser.error(f"{given.module} has no SUITE of connectors.conformance.suite.Suite")
    results = run(suite)
    sys.stdout.write(f"{table(results)}\n")
    if given.junit:
        given.junit.write_text(junit(suite.manifest.id, results), "utf-8")
    return int(any(result.verdict == "fail" for result in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
