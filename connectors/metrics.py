"""What the connectors count, by channel, for Prometheus. No ids of people, conversations or messages are labels."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from connectors.contract import AnyInbound, Unmapped

ACK_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds from a webhook's arrival to its answer."""
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


class Counts:
    """What one channel took in, as plain numbers of the loop's thread: the webhook path counts several things for each message."""

    def __init__(self) -> None:
        self.results = {"accepted": 0, "duplicate": 0, "rejected": 0, "unmapped": 0}
        self.answers: dict[int, int] = {}
        self.acks = [0] * (len(ACK_BOUNDS) + 1)
        self.seconds = 0.0


_counts: dict[str, Counts] = {}
"""By channel; for as long as the process lives, as counters must."""


class Inbound(Collector):
    """The numbers as Prometheus wants them, made when it asks."""

    def collect(self) -> Iterator[Metric]:
        """See the base."""
        taken = CounterMetricFamily(
            "parley_inbound_messages", "Happenings that channels delivered", labels=["channel", "result"]
        )
        answers = CounterMetricFamily(
            "parley_webhook_requests", "Webhook requests by answer", labels=["channel", "status"]
        )
        acks = HistogramMetricFamily(
            "parley_inbound_ack_duration_seconds",
            "From a webhook's arrival to its answer",
            labels=["channel"],
        )
        for channel, counts in list(_counts.items()):
            for result, number in counts.results.items():
                taken.add_metric([channel, result], number)
            for status, number in counts.answers.items():
                answers.add_metric([channel, str(status)], number)
            acks.add_metric([channel], _cumulated(counts.acks), counts.seconds)
        yield from (taken, answers, acks)


def _cumulated(acks: list[int]) -> list[tuple[str, float]]:
    found, total = [], 0
    for bound, number in zip((*ACK_BOUNDS, float("inf")), acks, strict=True):
        total += number
        found.append((f"{bound:g}" if bound < float("inf") else "+Inf", float(total)))
    return found


REGISTRY.register(Inbound())


class Meter:
    """One channel's inbound counters, looked up once."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._counts = _counts.setdefault(channel, Counts())

    def taken(self, item: AnyInbound, *, duplicate: bool) -> None:
        """An item is durable (or was before)."""
        result = "duplicate" if duplicate else "unmapped" if isinstance(item, Unmapped) else "accepted"
        self._counts.results[result] += 1

    def refused(self) -> None:
        """An item was not taken."""
        self._counts.results["rejected"] += 1

    def answered(self, status: int, seconds: float) -> None:
        """A webhook request got its answer."""
        counts = self._counts
        counts.answers[status] = counts.answers.get(status, 0) + 1
        counts.acks[bisect_left(ACK_BOUNDS, seconds)] += 1
        counts.seconds += seconds
