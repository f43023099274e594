"""Bots and people through a whole running server: first contact, answers, hand-over with its summary, time-out, failure, take-over."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.config.listening import SECRET, Listener
from tests.config.served import ROOT, Served, environment, parley, served

ROUTING = """
version: 1
queues: {support: {}}
rules:
  - {name: slow-first, when: 'text.has("slow")', queue: support, bot: slow}
  - {name: broken-first, when: 'text.has("broken")', queue: support, bot: broken}
  - {name: faq-first, queue: support, bot: faq}
"""
TEAM = """
agents:
  root: {role: admin, capacity: 0}
  kim: {queues: [support]}
  faq: {kind: bot, name: FAQ, webhook: faq-bot, answer_within: 1m}
  slow: {kind: bot, answer_within: 1s}
  broken: {kind: bot, webhook: gone, answer_within: 1m}
"""
CHANNELS = """
chat: {connector: webhook, config: {secrets: ["${HOOK}"]}}
faq-bot: {connector: webhook, config: {secrets: ["${HOOK}"], url: "http://BOT/"}}
gone: {connector: webhook, config: {secrets: ["${HOOK}"], url: "http://GONE/"}}
"""


class House:
    """A server with its bot beside it."""

    def __init__(self, server: Served, folder: Path, port: int) -> None:
        self.server, self.folder, self.port = server, folder, port
        self.root, self.faq = self.token("root", "admin"), self.token("faq", "agent")

    def run(self, *args: str) -> str:
        return parley(*args, "--config", self.folder, env={"HOOK": SECRET})

    def token(self, login: str, role: str) -> str:
        self.run("user", "add", login, "--role", role)
        said = self.run("token", "add", login, "--name", "t")
        return str(re.findall(r"(parley_\S+)$", said, re.MULTILINE)[0])

    def ask(self, path: str, token: str = "", method: str = "GET", body: bytes = b"") -> tuple[int, Any]:
        more = {"Content_Type": "application/json"} if body else {}
        return self.server.ask(
            f"/api/v1{path}", method, body, Authorization=f"Bearer {token or self.root}", **more
        )

    def write(self, who: str, text: str, ident: str) -> None:
        event = {
            "type": "message",
            "id": ident,
            "conversation": who,
            "from": {"id": who, "name": who},
            "text": text,
        }
        assert self.server.hook("chat", SECRET, event)[0] == 200

    def row(self, who: str, true: Callable[[Any], bool], seconds: float = 20.0) -> Any:
        """The only conversation of this customer, once it is as wanted."""
        end = time.monotonic() + seconds
        while True:
            items = self.ask("/conversations?view=all")[1]["items"]
            found = [one for one in items if one["contact"]["name"] == who]
            if found and true(found[0]):
                return found[0]
            assert time.monotonic() < end, items
            time.sleep(0.05)

    def messages(self, ident: str, count: int, seconds: float = 20.0) -> list[Any]:
        end = time.monotonic() + seconds
        while True:
            items: list[Any] = self.ask(f"/conversations/{ident}/messages")[1]["items"]
            if len(items) >= count:
                return items
            assert time.monotonic() < end, items
            time.sleep(0.05)

    @contextmanager
    def bot(self) -> Iterator[None]:
        """The example bot, as anybody would run it."""
        more = {"PARLEY_URL": self.server.base, "PARLEY_TOKEN": self.faq, "BOT_SECRET": SECRET}
        process = subprocess.Popen(
            [sys.executable, "-m", "config.demo.faq_bot", "--port", str(self.port)],
            cwd=ROOT,
            env={**environment(), **more},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture(scope="module")
def gone() -> Iterator[Listener]:
    opened = Listener(410)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, gone: Listener) -> Iterator[House]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("etc")
    allowed = f'allow_private: ["127.0.0.1:{port}", "{gone.at}"]'
    (folder / "parley.yaml").write_text(f"version: 1\ndata: {folder / 'data'}\n{allowed}\n")
    (folder / "channels.yaml").write_text(
        CHANNELS.replace("BOT", f"127.0.0.1:{port}").replace("GONE", gone.at)
    )
    (folder / "team.yaml").write_text(TEAM)
    (folder / "routing.yaml").write_text(ROUTING)
    with served("--config", folder, "--port", "0", HOOK=SECRET) as server:
        yield House(server, folder, port)


def test_a_bot_answers_and_hands_over_and_people_take_over(house: House) -> None:
    with house.bot():
        house.write("ada", "When do you open?", "m1")
        row = house.row("ada", lambda one: one["assignee"] == "faq")
        asked, answered = house.messages(row["id"], 2)
        assert (asked["direction"], answered["direction"]) == ("in", "out")
        assert answered["author"] == {"kind": "bot", "id": "faq"}
        assert "Monday to Friday" in str(answered)
        house.write("ada", "And who feeds the cat?", "m2")
        row = house.row("ada", lambda one: not one["assignee"])
        assert row["queue"] == "support"
        note = next(one for one in house.messages(row["id"], 4) if one["direction"] == "note")
        assert "who feeds the cat" in str(note)
        why = str(house.ask(f"/conversations/{row['id']}/explain")[1])
        assert "first contact by the rule faq-first: the bot FAQ" in why
        assert "FAQ hands over: I have no answer" in why
        house.write("ada", "When do you open?", "m3")
        house.messages(row["id"], 5)
        assert house.row("ada", lambda _one: True)["assignee"] == ""
        house.write("bob", "What are your prices?", "m4")
        row = house.row("bob", lambda one: one["assignee"] == "faq")
        house.messages(row["id"], 2)
        status, body = house.ask(
            f"/conversations/{row['id']}/take", method="POST", body=b'{"override": true}'
        )
        assert (status, body["conversation"]["assignee"]) == (200, "root")
        late = b'{"message": "msg_late", "text": "I am still here"}'
        assert house.ask(f"/conversations/{row['id']}/reply", house.faq, "POST", late)[0] == 404


def test_a_bot_that_is_slow_or_cannot_be_told_gives_way_to_people(house: House, gone: Listener) -> None:
    house.write("eve", "slow please", "m5")
    row = house.row("eve", lambda one: one["queue"] == "support" and not one["assignee"])
    house.messages(row["id"], 1)
    assert "no answer within 1 s" in until_why(house, row["id"], "hands over")
    house.write("fay", "broken please", "m6")
    gone.until(1)
    row = house.row("fay", lambda one: one["queue"] == "support" and not one["assignee"])
    assert "it could not be told" in until_why(house, row["id"], "hands over")
    assert "410 Gone" in house.run("dead", "list")


def until_why(house: House, ident: str, wanted: str, seconds: float = 20.0) -> str:
    end = time.monotonic() + seconds
    while wanted not in (said := str(house.ask(f"/conversations/{ident}/explain")[1])):
        assert time.monotonic() < end, said
        time.sleep(0.05)
    return said
