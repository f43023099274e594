"""The configuration that is active in this process: it follows the journal, so that all processes change at the same number.

A configuration that cannot be used here (a secret is missing in this process's environment) changes nothing and makes the process
not ready, with the reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from config.catalogue import Catalogue
from config.errors import ConfigError
from config.load import ENDED, House, revive
from config.logs import REDACTOR
from config.references import Sources
from stream import reads
from stream.events import ConfigApplied
from stream.journal import Journal

Listener = Callable[["Active"], Awaitable[None]]
_log = structlog.get_logger(__name__)


class NoConfig(Exception):
    """Nothing was ever applied to this database."""


class Active:
    """`house` with its `version` and `hash`; `behind` says why a newer one is not used here."""

    def __init__(
        self, journal: Journal, sources: Sources, catalogue: Catalogue, *, blocks: bool = True
    ) -> None:
        self._journal = journal
        self._blocks = blocks
        self._sources = sources
        self._catalogue = catalogue
        self._listeners: list[Listener] = []
        self._changed = asyncio.Condition()
        self._house: House | None = None
        self._expected: tuple[str, House] | None = None
        self.version = 0
        self.hash = ""
        self.behind = ""

    @property
    def house(self) -> House:
        """What is active."""
        assert self._house is not None, "used before it was opened"
        return self._house

    async def open(self, known: House | None = None, digest: str = "") -> None:
        """Take what the database says. `known` spares compiling it again when its hash is the active one.

        Raises `NoConfig`, or `ConfigError` when it cannot be used in this process.
        """
        found = await reads.active_config(self._journal.store)
        if found is None:
            raise NoConfig("no configuration was ever applied to this database: run `parley reload`")
        over = isinstance(found.bundle, dict) and ENDED in found.bundle
        if known is not None and found.hash == digest and not over:
            house = msgspec.structs.replace(known, plan=msgspec.structs.replace(known.plan, hash=digest))
        else:
            house = await self._revive(found.bundle)
        self._house, self.version, self.hash = house, found.version, found.hash

    def expect(self, house: House, digest: str) -> None:
        """A configuration that is about to be applied by this process: it need not be compiled once more."""
        self._expected = (
            digest,
            msgspec.structs.replace(house, plan=msgspec.structs.replace(house.plan, hash=digest)),
        )

    def known(self, digest: str) -> House | None:
        """The house of this hash, if it is active or expected."""
        if digest == self.hash:
            return self.house
        return self._expected[1] if self._expected is not None and self._expected[0] == digest else None

    def listen(self, listener: Listener) -> None:
        """Call `listener` after every change; in order of listening, one after the other."""
        self._listeners.append(listener)

    async def follow(self) -> None:
        """Follow the journal until it closes. The newest configuration wins; what came between is skipped."""
        after = self._journal.head
        await self._catch_up()
        async for batch in self._journal.follow(after):
            if any(isinstance(recorded.event, ConfigApplied) for recorded in batch):
                await self._catch_up()

    async def wait_for(self, version: int, seconds: float) -> bool:
        """Whether `version` (or a newer one) is active here within `seconds`."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: self.version >= version or bool(self.behind))
        except TimeoutError:
            return False
        return self.version >= version

    async def _catch_up(self) -> None:
        found = await reads.active_config(self._journal.store)
        if found is None or found.version <= self.version:
            return
        over = isinstance(found.bundle, dict) and ENDED in found.bundle
        known = None if over else self.known(found.hash)
        try:
            house = known if known is not None else await self._revive(found.bundle)
        except ConfigError as fault:
            self.behind = f"version {found.version} cannot be used here: {fault.lines()[0]}"
            _log.error(
                "config_unusable_here",
                version=found.version,
                faults=len(fault.problems),
                first=fault.lines()[0],
            )
        else:
            self._house, self.version, self.hash, self.behind = house, found.version, found.hash, ""
            self._expected = None
            _log.info("config_active", version=self.version, hash=self.hash[:12])
            await self._tell()
        async with self._changed:
            self._changed.notify_all()

    async def _tell(self) -> None:
        for listener in self._listeners:
            try:
                await listener(self)
            except Exception:  # noqa: BLE001  # one listener's defect must not keep the others on the old configuration
                _log.exception("config_listener_failed")

    async def _revive(self, bundle: object) -> House:
        if not isinstance(bundle, dict):
            raise NoConfig("the active configuration's document is not there any more: run `parley reload`")
        learned: list[str] = []
        house = await asyncio.to_thread(
            revive, bundle, self._sources, self._catalogue, learned, blocks=self._blocks
        )
        REDACTOR.learn(learned)
        return house
