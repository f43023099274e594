"""One configured channel while it runs: its connector, its health, its circuit breaker. Opening and closing it; who uses it is not here."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

import structlog

from connectors.channel import Channel
from connectors.contract import Connector, NeedsOperator, TryLater
from connectors.health import Breaker, Health, Report
from connectors.kit.backoff import full_jitter
from connectors.metrics import CIRCUIT, Meter
from connectors.pollers import OPERATOR_SECONDS, note

OPEN_SECONDS = 30.0
CLOSE_SECONDS = 5.0
BACKOFF_CAP = 60.0
_log = structlog.get_logger(__name__)
_CIRCUIT = {"closed": 0, "probing": 1, "open": 2}


class Running:
    """A channel in this process. `paused_until` holds back every send of the account (monotonic seconds)."""

    def __init__(
        self, channel: Channel, connector: Connector, meter: Meter, clock: Callable[[], float] = time.time
    ) -> None:
        self.channel = channel
        self.connector = connector
        self.meter = meter
        self.health = Health(channel.name, channel.manifest.id, clock())
        self.breaker = Breaker()
        self.ready = False
        self.paused_until = 0.0
        self._refused = False
        self._clock = clock

    async def open(self) -> None:
        """Open the connector; keeps trying until it is open. Logged once when that fails."""
        attempt = 0
        while not self.ready:
            try:
                async with asyncio.timeout(OPEN_SECONDS):
                    await self.connector.open()
            except NeedsOperator as error:
                await self._again("needs_operator", str(error), OPERATOR_SECONDS)
            except Exception as error:  # noqa: BLE001  # one channel that cannot open must not stop the others
                after = error.after if isinstance(error, TryLater) else None
                wait = full_jitter(attempt, random.random(), cap=BACKOFF_CAP) if after is None else after  # noqa: S311  # jitter
                attempt += 1
                if not isinstance(error, TryLater | TimeoutError) and attempt == 1:
                    _log.error("connector_defect", channel=self.channel.name, exc_info=error)
                await self._again("disconnected", str(error) or type(error).__name__, max(wait, 0.05))
            else:
                self.ready = True
                note(self.health, self.channel.name, "connected", "", self._clock())

    async def _again(self, state: str, reason: str, wait: float) -> None:
        note(
            self.health,
            self.channel.name,
            "needs_operator" if state == "needs_operator" else "disconnected",
            reason,
            self._clock(),
            wait,
        )
        await asyncio.sleep(wait)

    async def close(self) -> None:
        """Close the connector within its time; what it does not finish is left to the operating system."""
        was, self.ready = self.ready, False
        self.health.change("stopped", self._clock())
        if was:
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self.connector.close()
            except Exception as error:  # noqa: BLE001  # the others still have to be closed
                _log.warning(
                    "connector_close_failed",
                    channel=self.channel.name,
                    error=str(error) or type(error).__name__,
                )

    def wait(self) -> float:
        """Seconds until something may be sent: 0.0 now."""
        now = time.monotonic()
        pause = self.paused_until - now
        return pause if pause > 0 else self.breaker.wait(now)

    def pause(self, seconds: float) -> None:
        """Hold back every send of the account."""
        self.paused_until = max(self.paused_until, time.monotonic() + seconds)

    def worked(self) -> None:
        """The provider answered a send."""
        self.breaker.worked()
        self._circuit()
        if self._refused:
            self._refused = False
            note(self.health, self.channel.name, "connected", "", self._clock(), side="out")

    def failed(self, reason: str, *, operator: bool = False) -> None:
        """The provider could not be reached, is down, or refuses us."""
        self.breaker.failed(time.monotonic())
        self._circuit()
        if operator:
            self._refused = True
            note(self.health, self.channel.name, "needs_operator", reason, self._clock(), side="out")
        elif self.breaker.state == "open":
            self._refused = True
            note(self.health, self.channel.name, "disconnected", reason, self._clock(), self.wait(), "out")

    def _circuit(self) -> None:
        CIRCUIT.labels(self.channel.name).set(_CIRCUIT[self.breaker.state])

    def report(self) -> Report:
        """The channel's health as others may see it."""
        return self.health.report(self.breaker)
