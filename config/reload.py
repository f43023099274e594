"""Making files the active configuration: all of them are checked, then one command is appended, or nothing changes and every fault is told.

Every process follows what was appended (`active`), also the one that appended it. The same is done by a signal, by the API and by
`parley reload`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import structlog

from config.active import Active
from config.canary import carried
from config.catalogue import Catalogue
from config.errors import ConfigError
from config.load import Loaded, load
from config.logs import REDACTOR
from config.settings import Parley
from stream import reads
from stream.commands import ApplyConfig, Committed, Refused
from stream.ids import new_token
from stream.journal import Journal
from stream.store.ports import StoreError

LIVE = frozenset({"visibility", "version", "include"})
"""Keys of parley.yaml that need no restart (or say nothing about the running process)."""
_log = structlog.get_logger(__name__)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What is active now, or every error. `changed` is false when the files say what was active already.

    `restart` names the keys of parley.yaml that have changed and take effect with the next start only.
    """

    version: int = 0
    hash: str = ""
    changed: bool = False
    errors: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()


async def apply(
    journal: Journal, loaded: Loaded, key: bytes, by: str, active: Active | None = None
) -> Outcome:
    """Append a checked configuration; `active` is told of it before. Raises `StoreError` when the database does not take it."""
    known = await reads.active_config(journal.store)
    bundle, digest = carried(loaded, key, known.bundle if known is not None else None)
    if active is not None:
        active.expect(loaded.house, digest)
    command = ApplyConfig(token=new_token(), hash=digest, bundle=bundle, agents=loaded.house.agents, by=by)
    result = await journal.submit(command)
    if isinstance(result, Refused):
        return Outcome(errors=(result.sentence,))
    return Outcome(version=int(result.id), hash=digest, changed=isinstance(result, Committed))


class Reloader:
    """Reloads the files that this process was started with; one reload at a time."""

    def __init__(
        self,
        journal: Journal,
        path: Path,
        environment: dict[str, str],
        catalogue: Catalogue,
        key: bytes,
        running: Parley,
        active: Active | None = None,
    ) -> None:
        self._journal = journal
        self._path = path
        self._environment = environment
        self._catalogue = catalogue
        self._key = key
        self._running = running
        self._active = active
        self._turn = asyncio.Lock()

    async def reload(self, by: str = "") -> Outcome:
        """Read, check, append. Never raises for what a person can mend: it is in `errors`."""
        async with self._turn:
            outcome = await self._reload(by)
        if outcome.errors:
            _log.error("config_refused", faults=len(outcome.errors), first=outcome.errors[0])
        else:
            _log.info(
                "config_applied", version=outcome.version, hash=outcome.hash[:12], changed=outcome.changed
            )
        if outcome.restart:
            _log.warning("config_needs_restart", keys=outcome.restart)
        return outcome

    async def _reload(self, by: str) -> Outcome:
        try:
            loaded = await asyncio.to_thread(load, self._path, self._environment, self._catalogue)
        except ConfigError as fault:
            return Outcome(errors=tuple(fault.lines()))
        REDACTOR.learn(loaded.secrets)
        try:
            outcome = await apply(self._journal, loaded, self._key, by, self._active)
        except StoreError as fault:
            return Outcome(errors=(str(fault),))
        return msgspec.structs.replace(outcome, restart=changed_keys(self._running, loaded.parley))


def changed_keys(running: Parley, files: Parley) -> tuple[str, ...]:
    """The keys of parley.yaml that differ and are not live."""
    names = [name for name in Parley.__struct_fields__ if name not in LIVE]
    return tuple(name for name in names if getattr(running, name) != getattr(files, name))
