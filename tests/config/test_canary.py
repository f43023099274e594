"""A canary's file beside routing.yaml: read in its place, told of at its own lines, given up for good by a running server."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from config.catalogue import installed
from config.errors import ConfigError
from config.load import load
from config.opening import DEMO
from tests.config.conftest import ENVIRONMENT
from tests.config.served import Served, parley, served

SECRET = "whsec_c2VjcmV0IG9mIHRoZSBzYW1wbGUgYW5kIG9mIG5vYm9keQ=="
CANARY = """
canary:
  name: next
  file: next.yaml
  share: 1
  guard: {errors: 0}
"""
NEXT = """\
rules:
  - {name: all, queue: billing, need: [billing >= 3, technical >= 3, lang.es >= 5, lang.de >= 5]}
tests:
  - {name: all of it, given: {text: hello}, expect: {rule: all, queue: billing}}
"""


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """The demo's files with a canary that asks for what nobody has."""
    folder = tmp_path / "etc"
    shutil.copytree(DEMO, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    routing = folder / "routing.yaml"
    routing.write_text(routing.read_text() + CANARY)
    (folder / "next.yaml").write_text(NEXT)
    return folder


def write(server: Served, number: int) -> None:
    """A customer writes."""
    event = {
        "type": "message",
        "id": f"m{number}",
        "conversation": f"c{number}",
        "from": {"id": f"u{number}"},
        "text": "hello",
    }
    status, answer = server.hook("partner-api", SECRET, event)
    assert status == 200, answer


def test_it_is_given_up_and_stays_so(etc: Path, tmp_path: Path) -> None:
    known = {"PARLEY_DEMO_WEBHOOK_SECRET": SECRET, "PARLEY_DEMO_PARTNER": "127.0.0.1:9"}
    place: list[str | Path] = ["--config", etc, "--data", tmp_path / "data"]
    with served(*place, "--port", "0", **known) as server:
        write(server, 1)
        server.wait_for("canary_given_up")
        assert "decided by the canary next (next.yaml)" in placed(server, place, known, 1)
        write(server, 2)
        assert "decided by" not in placed(server, place, known, 2)
        assert "as before" in parley("reload", *place, env=known)
        server.stop()
    with served(*place, "--port", "0", **known) as server:
        write(server, 3)
        assert "decided by" not in placed(server, place, known, 3)
        assert "as the files say" in parley("doctor", *place, env=known, code=None)
        routing = etc / "routing.yaml"
        routing.write_text(routing.read_text().replace("  share: 1\n", "  share: 1\n  attempt: 2\n"))
        assert "as before" not in parley("reload", *place, env=known)
        write(server, 4)
        assert "decided by the canary next (next.yaml)" in placed(server, place, known, 4)


def placed(server: Served, place: list[str | Path], known: dict[str, str], number: int) -> str:
    """What is said of the conversation of this customer, once it was placed."""
    said = parley("token", "add", "admin", "--name", f"token{number}", *place, env=known)
    token = re.findall(r"(parley_\S+)$", said, re.MULTILINE)[0]
    for _ in range(200):
        items = server.ask("/api/v1/conversations?view=all", Authorization=f"Bearer {token}")[1]["items"]
        if len(items) == number:
            newest = max(items, key=lambda item: item["created_at"])
            said = parley("explain", newest["id"], *place, env=known)
            if "conversation.queued" in said:
                return said
    raise AssertionError("it was not placed")


def faults(etc: Path) -> list[str]:
    """What is wrong, by file name."""
    known = {**ENVIRONMENT, "PARLEY_DEMO_WEBHOOK_SECRET": SECRET, "PARLEY_DEMO_PARTNER": "127.0.0.1:9"}
    with pytest.raises(ConfigError) as caught:
        load(etc, known, installed())
    return [line.removeprefix(f"{etc}/") for line in caught.value.lines()]


@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [
        ("next.yaml", "queue: billing, need", "queue: biling, need", 'next.yaml:2:24: unknown queue "biling" (did you mean "billing"?)'),
        ("next.yaml", "rules:", "skills: {x: {}}\nrules:", 'next.yaml:1:1: the file of a canary holds rules, needs, tests; "skills" belongs to routing.yaml'),
        ("next.yaml", "expect: {rule: all", "expect: {rule: none", 'next.yaml:4:60: test "all of it": expected rule "none", got "all"'),
        ("next.yaml", NEXT, "- 1\n", "next.yaml:1:1: expected a mapping (key: value) in the whole file"),
        ("routing.yaml", "share: 1", "share: 1.5", "1.5 is not between 0 and 1"),
        ("routing.yaml", "{errors: 0}", "{after: 5}", "say when it is given up: at least one of wait, level, left, errors"),
        ("routing.yaml", "{errors: 0}", "{wait: 0.5}", "0.5 is not at least 1: so many times the others' wait"),
        ("routing.yaml", "{errors: 0}", "{level: 5}", "5 is not between 0 and 1"),
        ("routing.yaml", "file: next.yaml", "file: none.yaml", "cannot be read"),
        ("routing.yaml", "share: 1", "rules: []\n  share: 1", 'write either the file or "rules" here'),
        ("routing.yaml", "name: next", "name: a b", '"a b" is not a name: letters, digits and _ . -'),
    ],
)  # fmt: skip
def test_faults_are_told_where_they_are(etc: Path, file: str, before: str, after: str, said: str) -> None:
    path = etc / file
    head, found, tail = path.read_text().rpartition(before)
    assert found
    path.write_text(head + after + tail)
    told = faults(etc)
    assert len(told) == 1, told
    assert said in told[0]
    if file == "routing.yaml" and "cannot be read" not in said:
        assert int(told[0].split(":")[1]) > len(head.splitlines()) - 6
