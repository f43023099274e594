"""A real server: ready means routing, a second one is refused, signals reload and stop it, a kill loses nothing."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.served import Served, parley, served

MESSAGE = {
    "type": "message",
    "conversation": "c1",
    "from": {"id": "u1", "name": "Uwe"},
    "text": "Meine Rechnung stimmt nicht",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def demo(data: Path) -> Iterator[Served]:
    with served("--demo", "--data", data, "--port", "0") as server:
        yield server


def secret_of(data: Path) -> str:
    return (data / "demo-webhook.secret").read_text().strip()


def test_ready_means_routing(demo: Served) -> None:
    status, body = demo.ask("/readyz")
    assert status == 200
    assert body["checks"]["router"] == {"ok": True, "detail": ""}
    assert body["config_version"] == 1


def test_ready_takes_at_most_two_seconds(tmp_path: Path) -> None:
    starts: list[float] = []
    while len(starts) < 5 and min(starts, default=9.0) > 2.0:  # the machine may be busy with other tests
        with served("--demo", "--data", tmp_path / str(len(starts)), "--port", "0") as server:
            (line,) = [line for line in server.lines if '"event": "ready"' in line]
            starts.append(json.loads(line)["seconds"])
    assert min(starts) <= 2.0


def test_it_asks_for_more_files_than_the_system_begins_with() -> None:
    """In a process of its own: the soft limit of 256 goes up to the hard one of 4,096, and no further."""
    program = (
        "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (256, 4096));"
        "from config.serving import ask_for_descriptors as ask; ask(); ask(); print(r.getrlimit(r.RLIMIT_NOFILE))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "(4096, 4096)"


def test_it_says_how_to_sign_in(demo: Served, data: Path) -> None:
    link = demo.wait_for(r"first admin, sign in once: (\S+)")[1]
    body = json.dumps({"token": link.rpartition("#")[2]}).encode()
    json_type = {"Content_Type": "application/json", "Origin": demo.base}
    assert demo.ask("/api/v1/session/link", "POST", body, **json_type)[0] == 200
    assert demo.ask("/api/v1/session/link", "POST", body, **json_type)[0] == 401
    assert demo.wait_for(r"Anna .*: (\S+)")[1].startswith(demo.base)
    assert demo.ask("/widget/website/page")[0] == 200


def test_a_signed_webhook_becomes_a_conversation_once(demo: Served, data: Path) -> None:
    first = demo.hook("partner-api", secret_of(data), {**MESSAGE, "id": "m1"})
    again = demo.hook("partner-api", secret_of(data), {**MESSAGE, "id": "m1"})
    assert first[0] == 200
    assert first == again


def test_a_second_server_on_the_same_folder_is_refused(demo: Served, data: Path) -> None:
    said = parley("serve", "--demo", "--data", data, "--port", "0", code=1)
    assert f"another Parley is running on {data} (process {demo.pid}): stop it first" in said
    assert demo.ask("/readyz")[0] == 200


def test_a_port_that_is_taken_is_said_in_a_sentence(demo: Served, tmp_path: Path) -> None:
    port = demo.base.rpartition(":")[2]
    said = parley("serve", "--demo", "--data", tmp_path / "other", "--port", port, code=1)
    assert f"127.0.0.1:{port} cannot be listened on" in said
    assert "choose another with --listen" in said


def test_sigterm_drains_and_ends_with_zero(demo: Served) -> None:
    began = time.monotonic()
    assert demo.stop() == 0
    assert time.monotonic() - began < 10
    assert '"event": "stopped"' in demo.out


def test_two_signals_at_once_are_one(demo: Served) -> None:
    demo.send(signal.SIGTERM)
    assert demo.stop() == 0


def test_after_a_kill_everything_is_there_and_the_next_epoch_routes(data: Path) -> None:
    with served("--demo", "--data", data, "--port", "0") as first:
        status, answer = first.hook("partner-api", secret_of(data), {**MESSAGE, "id": "m1"})
        assert status == 200
        first.kill()
    with served("--demo", "--data", data, "--port", "0") as second:
        assert '"epoch": 2' in second.wait_for(r'.*"event": "routing".*')[0]
        assert second.hook("partner-api", secret_of(data), {**MESSAGE, "id": "m1"}) == (200, answer)


def test_busy_customers_come_through_the_front_doors_and_go_with_the_server(data: Path) -> None:
    with served("--demo", "busy", "--data", data, "--port", "0") as server:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            text = server.ask("/metrics")[1].decode()
            if 'parley_inbound_messages_total{channel="website",result="accepted"} 0.0' not in text:
                break
            time.sleep(0.5)
        else:
            raise AssertionError("nobody came")
        assert server.stop() == 0


def test_the_log_is_json_without_bodies_addresses_and_secrets(demo: Served, data: Path) -> None:
    demo.hook("partner-api", secret_of(data), {**MESSAGE, "id": "m1"})
    host, _, port = demo.base.removeprefix("http://").partition(":")
    for wrong in (
        b"GET / HTTP/1.1\r\nHost: a\r\nUwe and his Rechnung\r\n\r\n",
        b"GET / HTTP/x\r\nHost: a\r\n\r\n",
    ):
        with socket.create_connection((host, int(port)), timeout=10) as stranger:
            stranger.sendall(wrong)
            assert stranger.recv(100).startswith(b"HTTP/1.0 400")
    assert demo.stop() == 0
    records = [json.loads(line) for line in demo.lines if line.startswith("{")]
    assert {"ready", "routing", "stopping", "stopped"} <= {record["event"] for record in records}
    told = [record for record in records if str(record["event"]).startswith("request_malformed: ")]
    assert [(record["level"], record["logger"]) for record in told] == [("info", "aiohttp.server")] * 2
    assert "Traceback" not in demo.out
    text = "".join(line for line in demo.lines if line.startswith("{"))
    for private in (secret_of(data), secret_of(data).removeprefix("whsec_"), "Rechnung", "Uwe"):
        assert private not in text
