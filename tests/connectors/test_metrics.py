"""What the connectors count, as Prometheus reads it."""

from __future__ import annotations

from prometheus_client import REGISTRY

from connectors.contract import Address, MessageReceived
from connectors.metrics import ACK_BOUNDS, Meter


def value(name: str, **labels: str) -> float:
    """A sample, 0 when there is none yet."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_what_came_is_counted_by_its_result() -> None:
    item = MessageReceived(
        source_key="1", conversation_key="c", sender=Address(scheme="x", value="y"), text="hello"
    )
    meter = Meter("metered")
    meter.taken(item, duplicate=False)
    meter.taken(item, duplicate=True)
    Meter("metered").taken(item, duplicate=False)
    meter.refused()
    found = {
        result: value("parley_inbound_messages_total", channel="metered", result=result)
        for result in ("accepted", "duplicate", "rejected", "unmapped")
    }
    assert found == {"accepted": 2, "duplicate": 1, "rejected": 1, "unmapped": 0}


def test_answers_are_counted_by_status_and_time() -> None:
    meter = Meter("timed")
    for seconds in (0.001, 0.005, 0.3, 99.0):
        meter.answered(200, seconds)
    meter.answered(401, 0.001)
    assert value("parley_webhook_requests_total", channel="timed", status="200") == 4
    assert value("parley_webhook_requests_total", channel="timed", status="401") == 1
    name = "parley_inbound_ack_duration_seconds"
    below = [value(f"{name}_bucket", channel="timed", le=f"{bound:g}") for bound in ACK_BOUNDS]
    assert below == [3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4]
    assert value(f"{name}_bucket", channel="timed", le="+Inf") == value(f"{name}_count", channel="timed") == 5
    assert value(f"{name}_sum", channel="timed") == 0.001 + 0.005 + 0.3 + 99.0 + 0.001
