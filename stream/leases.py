"""Leases with epochs, in the store, by the database's clock: who may route, who polls an account.

Every new holder gets the next epoch; a decision or a checkpoint that names an older one is refused in its append. A takeover takes
the journal's head row first, so it cannot slip between an append's check and its commit.
"""

from __future__ import annotations

from typing import cast

import msgspec

from stream.store.ports import Store
from stream.store.program import Program, Sql


class Lease(msgspec.Struct, frozen=True):
    """Held by `holder` until `expires_at` (database time, seconds); `epoch` grows with every change of holder."""

    name: str
    holder: str
    epoch: int
    expires_at: float


async def acquire(store: Store, name: str, holder: str, ttl: float, *, force: bool = False) -> Lease | None:
    """The lease for `ttl` seconds with the next epoch, or None while another one holds it.

    `force` takes it from whoever has it: for the embedded store, where the lock on the data folder proves that nobody else runs.
    """
    return await store.write(_acquire(name, holder, ttl, force=force))


def _acquire(name: str, holder: str, ttl: float, *, force: bool) -> Program[Lease | None]:
    yield Sql("head_lock")
    now = cast("float", (yield Sql("database_now"))[0][0])
    rows = yield Sql("lease", (name,))
    epoch = 1
    if rows:
        _holder, epoch, expires_at = rows[0]
        if expires_at > now and not force:
            return None
        epoch += 1
    lease = Lease(name, holder, epoch, now + ttl)
    yield Sql("save_lease", (name, holder, epoch, lease.expires_at))
    return lease


async def renew(store: Store, lease: Lease, ttl: float) -> Lease | None:
    """The same lease for `ttl` seconds from now; None when somebody else has it (or had it) since."""
    return await store.write(_renew(lease, ttl))


def _renew(lease: Lease, ttl: float) -> Program[Lease | None]:
    now = cast("float", (yield Sql("database_now"))[0][0])
    rows = yield Sql("renew_lease", (lease.name, lease.holder, lease.epoch, now + ttl))
    return msgspec.structs.replace(lease, expires_at=now + ttl) if rows else None


async def release(store: Store, lease: Lease) -> None:
    """Give it up, so that another one need not wait for its end."""
    await store.write(_release(lease))


def _release(lease: Lease) -> Program[None]:
    yield Sql("renew_lease", (lease.name, lease.holder, lease.epoch, 0.0))


async def holder(store: Store, name: str) -> Lease | None:
    """Who has it, for `/readyz` and `parley doctor`; it may be over."""
    return await store.read(_holder(name))


def _holder(name: str) -> Program[Lease | None]:
    rows = yield Sql("lease", (name,))
    return Lease(name, *rows[0]) if rows else None
