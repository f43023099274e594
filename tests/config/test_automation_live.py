"""Rules beyond assignment through a whole running server: a webhook in, a rule, a signed call out, and everybody can see it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.config.listening import SECRET, Listener
from tests.config.served import Served, parley, served

ROUTING = """
version: 1
tags: [legal]
queues: {support: {}, legal: {}}
rules: [{name: all, queue: support}]
automations:
  - name: lawyers
    event: [received]
    when: text.has("lawyer*")
    do: {tag: [legal], priority: 8, queue: legal, reply: "We are on it.", note: "Careful.", webhook: [partner]}
"""


@pytest.fixture
def listener(request: pytest.FixtureRequest) -> Iterator[Listener]:
    opened = Listener(*getattr(request, "param", (503,)))
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path, listener: Listener) -> Path:
    house = tmp_path / "etc"
    house.mkdir()
    (house / "parley.yaml").write_text(
        f'version: 1\ndata: {tmp_path / "data"}\nallow_private: ["{listener.at}"]\n'
    )
    (house / "channels.yaml").write_text(
        'partner:\n  connector: webhook\n  config:\n    secrets: ["${HOOK}"]\n'
        f"    url: http://{listener.at}/calls\n"
    )
    (house / "team.yaml").write_text("agents: {root: {role: admin, queues: [support, legal]}}\n")
    (house / "routing.yaml").write_text(ROUTING)
    return house


def run(folder: Path, *args: str, code: int = 0) -> str:
    return parley(*args, "--config", folder, env={"HOOK": SECRET}, code=code)


def admin(folder: Path) -> str:
    run(folder, "user", "add", "root", "--role", "admin")
    said = run(folder, "token", "add", "root", "--name", "test")
    return str(re.findall(r"(parley_\S+)$", said, re.MULTILINE)[0])


def until(server: Served, token: str, path: str, true: Any, seconds: float = 20.0) -> Any:
    end = time.monotonic() + seconds
    while True:
        status, body = server.ask(f"/api/v1{path}", Authorization=f"Bearer {token}")
        if status == 200 and true(body):
            return body
        assert time.monotonic() < end, (status, body)
        time.sleep(0.05)


def message(text: str, ident: str = "m1") -> dict[str, Any]:
    return {"type": "message", "id": ident, "conversation": "c1", "from": {"id": "u1"}, "text": text}


def test_a_rule_acts_and_tells_and_is_counted_also_after_a_restart(folder: Path, listener: Listener) -> None:
    with served("--config", folder, "--port", "0", HOOK=SECRET) as server:
        token = admin(folder)
        assert server.hook("partner", SECRET, message("My lawyers will call you"))[0] == 200
        told = [one for one in listener.until(3) if one["type"] == "automation.ran"]
        _status, found = server.ask("/api/v1/conversations?view=all", Authorization=f"Bearer {token}")
        (row,) = found["items"]
        assert (row["queue"], row["tags"], row["priority"]) == ("legal", ["legal"], 8)
        calls = [one for one in listener.heard if one[1]["type"] == "automation.ran"]
        assert all(genuine for _headers, _body, genuine in listener.heard)
        assert len({headers["webhook-id"] for headers, _body, _genuine in calls}) == 1
        assert told[0]["data"]["rules"] == ["lawyers"]
        assert "lawyers: queue legal" in told[0]["data"]["did"]
        rules = until(server, token, "/automations", lambda body: body["items"][0]["hits"] == 1)
        assert rules == {"items": [{"name": "lawyers", "hits": 1, "active": True}], "cuts": 0}
        why = server.ask(f"/api/v1/conversations/{row['id']}/explain", Authorization=f"Bearer {token}")[1]
        (ran,) = [one for one in why["decisions"] if one["kind"] == "automation.ran"]
        assert ran["explain"]["rules"] == ["lawyers"]
        assert "lawyers: priority 8" in run(folder, "explain", row["id"])
        metrics = str(server.ask("/metrics")[1])
        assert 'parley_automation_hits_total{rule="lawyers"} 1.0' in metrics
        server.stop()
    with served("--config", folder, "--port", "0", HOOK=SECRET) as server:
        assert json.loads(run(folder, "automations", "--json")) == {"hits": {"lawyers": 1}, "cuts": 0}
        assert server.hook("partner", SECRET, message("and my lawyers", "m2"))[0] == 200
        until(server, token, "/automations", lambda body: body["items"][0]["hits"] == 2)


@pytest.mark.parametrize("listener", [(410, 503)], indirect=True)
def test_a_call_that_nobody_took_is_told_again_by_hand(folder: Path, listener: Listener) -> None:
    """By the command beside the running server and over the API, under the id that it had; refused once more it stays."""
    (folder / "routing.yaml").write_text(ROUTING.replace('reply: "We are on it.", note: "Careful.", ', ""))
    with served("--config", folder, "--port", "0", HOOK=SECRET) as server:
        token = admin(folder)
        assert server.hook("partner", SECRET, message("My lawyers will call you"))[0] == 200
        (letter,) = until(server, token, "/dead-letters", lambda body: body["items"])["items"]
        ident = letter["id"]
        assert "410 Gone" in letter["error"]
        assert f"{ident}: still dead: " in (said := run(folder, "dead", "replay", ident, code=1))
        assert "503" in said
        path = f"/api/v1/dead-letters/{ident}/replay"
        answer = server.ask(
            path, "POST", b"{}", Authorization=f"Bearer {token}", Content_Type="application/json"
        )
        assert answer == (200, {"outcome": "told"})
        assert until(server, token, "/dead-letters", lambda _body: True)["items"] == []
        assert len(listener.heard) == 3
        assert len({(headers["webhook-id"], str(body)) for headers, body, _genuine in listener.heard}) == 1
        assert all(genuine for _headers, _body, genuine in listener.heard)


def test_a_bad_rule_is_told_at_its_place(folder: Path) -> None:
    routing = folder / "routing.yaml"
    bad = ROUTING.replace("tag: [legal]", "tag: [leagl]").replace("queue: legal, reply", "queue: lega, reply")
    routing.write_text(bad.replace("webhook: [partner]", "webhook: [partnr]").replace("text.has", "txt.has"))
    said = parley("check", "--config", folder, env={"HOOK": SECRET}, code=2)
    for wanted in (
        '9:11: unknown name "txt" (did you mean "text"?)',
        '10:16: unknown tag "leagl" (did you mean "legal"?)',
        '10:44: unknown queue "lega" (did you mean "legal"?)',
        'unknown channel "partnr" (did you mean "partner"?)',
    ):
        assert wanted in said, said
