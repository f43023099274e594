"""What the connectors count, by channel, for Prometheus. No ids of people, conversations or messages are labels."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from connectors.contract import AnyInbound, Unmapped

INBOUND = Counter(
    "parley_inbound_messages_total", "Happenings that channels delivered", ["channel", "result"]
)
ACK = Histogram(
    "parley_inbound_ack_duration_seconds",
    "From a webhook's arrival to its answer",
    ["channel"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
OUTBOUND = Counter("parley_outbound_messages_total", "Sends by their outcome", ["channel", "result"])
OUTBOUND_SECONDS = Histogram(
    "parley_outbound_duration_seconds",
    "How long the provider took for one part",
    ["channel"],
    buckets=(0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
RETRIES = Counter("parley_retry_total", "Tries that have to be made again", ["channel", "reason"])
CIRCUIT = Gauge(
    "parley_circuit_state", "0 works, 1 is being probed, 2 is left alone for a while", ["channel"]
)
HOOKS = Counter("parley_webhook_requests_total", "Webhook requests by answer", ["channel", "status"])


class Meter:
    """One channel's inbound counters, looked up once: the webhook path must not search for labels."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._accepted = INBOUND.labels(channel, "accepted")
        self._duplicate = INBOUND.labels(channel, "duplicate")
        self._rejected = INBOUND.labels(channel, "rejected")
        self._unmapped = INBOUND.labels(channel, "unmapped")
        self._ack = ACK.labels(channel)
        self._answers: dict[int, Counter] = {}

    def taken(self, item: AnyInbound, *, duplicate: bool) -> None:
        """An item is durable (or was before)."""
        if duplicate:
            self._duplicate.inc()
        elif isinstance(item, Unmapped):
            self._unmapped.inc()
        else:
            self._accepted.inc()

    def refused(self) -> None:
        """An item was not taken."""
        self._rejected.inc()

    def answered(self, status: int, seconds: float) -> None:
        """A webhook request got its answer."""
        counter = self._answers.get(status)
        if counter is None:
            counter = self._answers[status] = HOOKS.labels(self.channel, str(status))
        counter.inc()
        self._ack.observe(seconds)
