"""What `parley serve` says on standard output once it is ready: where it is, and a one-time link for the first admin."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from inbox import accounts

if TYPE_CHECKING:
    from config.wiring import Process


async def welcome(process: Process, base: str, more: Sequence[str]) -> None:
    """Print it, with `more` lines of the demo."""
    lines = [f"Parley is ready at {base}"]
    if "inbox" in process.found.place.roles:
        lines += await _admin(process, base)
    sys.stdout.write("\n".join([*lines, *more, "  stop with Ctrl-C"]) + "\n")
    sys.stdout.flush()


def address(process: Process) -> str:
    """Where a browser on this machine (or, with public_url, anywhere) finds it."""
    parley = process.found.loaded.parley
    if parley.public_url:
        return parley.public_url
    host = parley.listen.rpartition(":")[0]
    shown = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104  # shown, not bound
    return f"http://{shown}:{process.port}"


async def _admin(process: Process, base: str) -> list[str]:
    seconds = process.found.loaded.parley.sessions.link
    secret = await accounts.ensure_first_admin(process.store, time.time(), seconds)
    if secret is None:
        return []
    return [f"  first admin, sign in once: {accounts.link_url(base, secret)}"]
