"""What the inbox counts, by Prometheus' names. One set per process; nobody's id is a label. Rendering is `api/health`'s matter."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

connections = Gauge("parley_ws_connections", "Open sockets of agents")
resumes = Counter("parley_ws_resume_total", "How sockets began", ["result"])
send_buffer = Gauge("parley_ws_send_buffer_bytes", "Bytes that wait to be written to agents' sockets")
closed = Counter(
    "parley_ws_closed_total",
    "Sockets that we closed, by close code (4000: too slow, silent, or a stop)",
    ["code"],
)
delivery = Histogram(
    "parley_delivery_latency_seconds", "From an event's commit to the agents' queues", buckets=BUCKETS
)
lag = Gauge("parley_event_loop_lag_seconds", "How late the loop's last tick was")
queue_depth = Gauge("parley_queue_depth", "Conversations that wait", ["queue"])
agents = Gauge("parley_agents", "Agents of the active configuration by the status they chose", ["state"])
capacity_ratio = Gauge("parley_agent_capacity_ratio", "Units held of the units that online agents have")
dead_letters = Gauge("parley_dead_letters", "What could not be taken in or sent", ["queue"])
journal_head = Gauge("parley_journal_head", "The number of the last event known here")
commands_waiting = Gauge("parley_commands_waiting", "Commands that wait for the next commit")
build = Gauge("parley_build_info", "Which program this is", ["version"])
