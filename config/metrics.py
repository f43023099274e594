"""The router's figures for Prometheus: read when somebody asks, from the service of this process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from router.service import RouterService

_GAUGES = {
    "leading": ("parley_router_leader", "1 in the process that routes"),
    "ready": ("parley_router_ready", "1 once it has loaded what waits"),
    "epoch": ("parley_router_lease_epoch", "How many times the lead has changed"),
    "waiting": ("parley_router_waiting", "Conversations that wait for an agent"),
    "items": ("parley_router_items", "Unresolved conversations that the router knows"),
    "agents_available": ("parley_router_agents_available", "Agents who could take work now"),
    "lag_events": ("parley_router_lag_events", "Events that it has not heard yet"),
}


def _canary(figures: dict[str, float]) -> Iterable[Metric]:
    seen = GaugeMetricFamily(
        "parley_router_canary", "What the guard of the canary has counted", labels=["side", "figure"]
    )
    for key, value in figures.items():
        if key.startswith("canary_"):
            seen.add_metric(key.removeprefix("canary_").split("_", 1), value)
    yield seen


class RouterCollector(Collector):
    """Registered while the service runs."""

    def __init__(self, service: RouterService) -> None:
        self._service = service

    def register(self) -> None:
        """Begin to be asked."""
        REGISTRY.register(self)

    def unregister(self) -> None:
        """End."""
        REGISTRY.unregister(self)

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: names are known when asked."""
        return []

    def collect(self) -> Iterable[Metric]:
        """The figures of this moment."""
        figures = self._service.metrics()
        for key, (name, text) in _GAUGES.items():
            if key in figures:
                yield GaugeMetricFamily(name, text, value=figures[key])
        decisions = CounterMetricFamily("parley_router_decisions", "Decisions by kind", labels=["kind"])
        for key, value in figures.items():
            if key.startswith("decisions_"):
                decisions.add_metric([key.removeprefix("decisions_").removesuffix("_total")], value)
        yield decisions
        yield self._outcomes()
        yield from self._automation()
        yield from _canary(figures)
        if "busy_seconds_total" in figures:
            yield CounterMetricFamily(
                "parley_router_busy_seconds", "Time spent deciding", value=figures["busy_seconds_total"]
            )

    def _outcomes(self) -> Metric:
        targets = CounterMetricFamily(
            "parley_service_level_targets", "Targets that were met or missed", labels=["target", "outcome"]
        )
        for labels, count in self._service.outcomes().items():
            targets.add_metric(labels, count)
        return targets

    def _automation(self) -> Iterable[Metric]:
        hits, cuts = self._service.automation()
        matched = CounterMetricFamily(
            "parley_automation_hits", "How often a rule of the automation matched", labels=["rule"]
        )
        for rule, count in hits.items():
            matched.add_metric([rule], count)
        yield matched
        yield CounterMetricFamily(
            "parley_automation_cuts", "How often the guard ended a chain of rules", value=cuts
        )
