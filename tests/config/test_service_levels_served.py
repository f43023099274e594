"""A service level through a real server: on the socket's row and in the API, explained, counted, and kept by the next server after a kill."""

from __future__ import annotations

import base64
import secrets
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from config.opening import DEMO
from tests.config.served import Served, parley, served

MESSAGE = {
    "type": "message",
    "conversation": "c1",
    "from": {"id": "u1", "name": "Uwe"},
    "text": "Hallo?",
    "id": "m1",
}
SECRET = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
ENVIRONMENT = {"PARLEY_DEMO_WEBHOOK_SECRET": SECRET, "PARLEY_DEMO_PARTNER": "127.0.0.1:9"}
LEVEL = {
    "first_reply": "4s",
    "at_risk": "3s",
    "then": [
        {"when": "at_risk", "boost": "1m", "tags": ["urgent"]},
        {"when": "breached", "priority": 7, "notify": ["supervisors"]},
        {"when": "breached", "after": "1s", "queue": "billing"},
    ],
}


def house(folder: Path) -> Path:
    """The demo's files with a level on every queue, and nobody who works."""
    shutil.copytree(DEMO, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    path = folder / "routing.yaml"
    routing = yaml.safe_load(path.read_text("utf-8"))
    routing["service_levels"] = {"soon": LEVEL}
    for queue in routing["queues"].values():
        queue["service_level"] = "soon"
    for rule in routing["rules"]:
        rule.pop("service_level", None)
    routing["shifts"] = {"saturday": {"hours": "saturday", "agents": ["ben"]}}
    routing["hours"]["saturday"] = {"dates": {"2020-01-04": ["10:00-12:00"]}}
    for own in ("tests", "automations", "automation_tests"):
        del routing[own]
    path.write_text(yaml.safe_dump(routing, sort_keys=False), "utf-8")
    return folder


def asked(server: Served, token: str, path: str) -> Any:
    status, body = server.ask(f"/api/v1{path}", Authorization=f"Bearer {token}")
    assert status == 200, body
    return body


def until(true: Callable[[], Any], seconds: float = 30.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def test_late_is_said_once_across_a_kill_and_everybody_can_see_why(tmp_path: Path) -> None:
    etc, data = house(tmp_path / "etc"), tmp_path / "data"
    args = ("--config", etc, "--data", data)
    with served(*args, "--port", "0", **ENVIRONMENT) as first:
        token = token_of(args)
        duty = {one["id"]: one["off_duty"] for one in asked(first, token, "/agents")["items"]}
        assert (duty["ben"], duty["anna"]) == ("off shift", ""), "the page tells who is off duty"
        assert first.hook("partner-api", SECRET, MESSAGE)[0] == 200
        (row,) = until(lambda: promised(first, token))
        (target,) = row["level"]["targets"]
        assert (target["name"], target["state"]) == ("first_reply", "running")
        assert target["due_at"] == target["since"] + 4.0
        chat = row["id"]
        until(lambda: asked(first, token, f"/conversations/{chat}")["tags"] == ["urgent"])
        first.kill()
    with served(*args, "--port", "0", **ENVIRONMENT) as second:
        until(lambda: asked(second, token, f"/conversations/{chat}")["queue"] == "billing")
        row = asked(second, token, f"/conversations/{chat}")
        assert (row["priority"], row["level"]["boost"], row["level"]["targets"][0]["state"]) == (
            7,
            60.0,
            "breached",
        )
        assert row["participants"] == ["marta"]
        decisions = asked(second, token, f"/conversations/{chat}/explain")["decisions"]
        kinds = [one["kind"] for one in decisions if one["kind"].startswith("level.")]
        assert kinds == ["level.at_risk", "level.breached", "level.escalated"]
        counted = 'parley_service_level_targets_total{outcome="missed",target="first_reply"} 1.0'
        assert counted in second.ask("/metrics")[1].decode()
        said = parley("explain", chat, *args, env=ENVIRONMENT)
        assert "level.breached" in said
        assert "first reply was due after 4 s (soon)" in said
        assert "service level soon: first_reply breached" in said
        assert "to queue billing, if nobody has it" in said


def promised(server: Served, token: str) -> list[Any]:
    rows = asked(server, token, "/conversations?view=unassigned")["items"]
    return [row for row in rows if row["level"] is not None]


def token_of(args: tuple[Any, ...]) -> str:
    """A token of an account that sees everything."""
    parley("user", "add", "boss", "--role", "admin", *args, env=ENVIRONMENT)
    return parley("token", "add", "boss", "--name", "test", *args, env=ENVIRONMENT).split()[-1]
