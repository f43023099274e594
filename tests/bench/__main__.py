"""`make bench`: every bench, one JSON line each. `python -m tests.bench path --rounds 1 --seconds 4` runs one of them, shorter."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
from typing import Any

from tests.bench.path import bench
from tests.servers.postgres import postgres_server
from tests.servers.process import ServerMissing
from tests.servers.redis_server import redis_server


def _run(main: Any) -> Any:
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)


def path(rounds: int, seconds: float) -> None:
    """Webhook to agents' sockets on SQLite, embedded."""
    print(json.dumps(_run(bench(rounds, seconds))), flush=True)


def path_scaled_store(rounds: int, seconds: float) -> None:
    """The same process on PostgreSQL and Redis."""
    with contextlib.ExitStack() as stack:
        try:
            postgres, redis = stack.enter_context(postgres_server()), stack.enter_context(redis_server())
        except ServerMissing as missing:
            print(f"# path on PostgreSQL and Redis: not measured, {missing}", file=sys.stderr)
            return
        print(
            json.dumps(_run(bench(rounds, seconds, "postgres", url=postgres.url, bus=redis.url))), flush=True
        )


def module(name: str) -> Any:
    """A bench that is a program of its own."""

    def run(_rounds: int, _seconds: float) -> None:
        subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=True)

    return run


BENCHES = {
    "path": path,
    "path-postgres": path_scaled_store,
    "append": module("append"),
    "router": module("router"),
    "rules": module("rules"),
    "offers": module("offers"),
    "backfill": module("backfill"),
    "mail": module("mail"),
}


def main() -> None:
    """Run what was asked for, or all."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument(
        "names",
        nargs="*",
        choices=[*BENCHES, []],
        metavar="NAME",
        help=f"of {', '.join(BENCHES)}; all without",
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="alternating runs of the path bench, the medians count"
    )
    parser.add_argument("--seconds", type=float, default=8.0, help="length of each phase of the path bench")
    options = parser.parse_args()
    for name in options.names or BENCHES:
        BENCHES[name](options.rounds, options.seconds)


if __name__ == "__main__":
    main()
