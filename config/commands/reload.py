"""Check the files and make them the active configuration, without a restart. Nothing changes when anything is wrong.

A running embedded Parley is asked by a signal (its environment has the secrets); processes that share a database follow what is
written there.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import time
from pathlib import Path

from config.faults import USAGE, Fault
from config.opening import Opened, demo_option, keys_of, opened, options, store_of
from config.reload import Outcome

SECONDS = 30.0


def parents() -> list[argparse.ArgumentParser]:
    """Inherit the configuration's options."""
    return [options()]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    demo_option(parser)


def run(args: argparse.Namespace) -> int:
    """Reload."""
    from config.lock import owner

    found = opened(args)
    process = owner(found.place.data) if found.place.embedded else 0
    outcome = ask(found.place.data, process) if process else asyncio.run(_apply(found))
    if outcome.errors:
        raise Fault("\n".join(["nothing was changed:", *outcome.errors]), USAGE)
    print(
        f"version {outcome.version} ({outcome.hash[:12]}) is active"
        + ("" if outcome.changed else ", as before")
    )
    if outcome.restart:
        print(f"these take effect with the next start: {', '.join(outcome.restart)}")
    return 0


def ask(data: Path, process: int) -> Outcome:
    """Send the signal and wait for what the process says. Raises `Fault` when it says nothing."""
    import msgspec

    from config.serving import RESULT

    result = data / RESULT
    result.unlink(missing_ok=True)
    try:
        os.kill(process, signal.SIGHUP)
    except (ProcessLookupError, PermissionError) as fault:
        raise Fault(f"process {process} cannot be asked: {fault.strerror}") from None
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        if result.exists():
            return msgspec.json.decode(result.read_bytes(), type=Outcome)
        time.sleep(0.05)
    raise Fault(f"process {process} did not answer within {SECONDS:.0f} s; its log says more")


async def _apply(found: Opened) -> Outcome:
    """Append to the database; without a server this is what the next one starts from."""
    from config.reload import apply
    from stream.bus import open_bus
    from stream.journal import Journal

    async with store_of(found.place) as store:
        bus = open_bus(found.place.bus)
        await bus.open()
        journal = Journal(store, bus)
        await journal.open()
        try:
            return await apply(journal, found.loaded, keys_of(found)[0].value, "command")
        finally:
            await journal.close()
            await bus.close()
