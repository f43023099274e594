"""The router's figures, asked for by Prometheus."""

from __future__ import annotations

from typing import Any

from prometheus_client import REGISTRY, generate_latest

from config.metrics import RouterCollector


class Service:
    """What the collector asks."""

    def outcomes(self) -> dict[tuple[str, str], int]:
        return {("first_reply", "met"): 3, ("first_reply", "missed"): 1}

    def automation(self) -> tuple[dict[str, int], int]:
        return {"late": 2}, 1

    def metrics(self) -> dict[str, float]:
        return {
            "leading": 1.0,
            "epoch": 3.0,
            "waiting": 2.0,
            "busy_seconds_total": 0.5,
            "decisions_Offer_total": 4.0,
        }


def test_figures_come_while_it_is_registered() -> None:
    service: Any = Service()
    collector = RouterCollector(service)
    collector.register()
    text = generate_latest(REGISTRY).decode()
    collector.unregister()
    for line in (
        "parley_router_leader 1.0",
        "parley_router_lease_epoch 3.0",
        "parley_router_waiting 2.0",
        'parley_router_decisions_total{kind="Offer"} 4.0',
        "parley_router_busy_seconds_total 0.5",
        'parley_automation_hits_total{rule="late"} 2.0',
        "parley_automation_cuts_total 1.0",
        'parley_service_level_targets_total{outcome="missed",target="first_reply"} 1.0',
    ):
        assert line in text.splitlines()
    assert "parley_router" not in generate_latest(REGISTRY).decode()
