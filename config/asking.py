"""One HTTP request to the running server on this machine, for `healthcheck` and `doctor`. The standard library only: it must start fast."""

from __future__ import annotations

import asyncio
import http.client

from config.opening import Opened

SECONDS = 3.0
_ANY = {"0.0.0.0": "127.0.0.1", "[::]": "::1", "*": "127.0.0.1"}  # noqa: S104  # translated into an address to ask, not bound


def get(listen: str, path: str) -> tuple[int, str]:
    """Status and body; status 0 and the reason when nobody answers."""
    host, _, port = listen.rpartition(":")
    connection = http.client.HTTPConnection(_ANY.get(host, host.strip("[]")), int(port), timeout=SECONDS)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read(65_536).decode("utf-8", "replace").strip()
    except (OSError, http.client.HTTPException) as fault:
        return 0, getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
    finally:
        connection.close()


async def ask(found: Opened, path: str) -> tuple[int, str]:
    """The same, beside the loop."""
    return await asyncio.to_thread(get, found.listening, path)
