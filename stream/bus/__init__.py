"""One Bus in memory (embedded) and on Redis (scaled out), chosen by URL; the driver is imported only when it is chosen."""

from __future__ import annotations

from stream.bus.ports import Bus


def open_bus(url: str) -> Bus:
    """The bus of `url`: `memory:` or `redis://host:port/db` (`rediss://` with TLS). Not opened yet. Raises `ValueError` otherwise."""
    scheme = url.partition(":")[0]
    if scheme == "memory":
        from stream.bus.memory import MemoryBus

        return MemoryBus()
    if scheme in ("redis", "rediss", "unix"):
        from stream.bus.redis import RedisBus

        return RedisBus(url)
    raise ValueError(f"bus: {scheme}: is not a bus that Parley knows; use memory: or redis://…")
