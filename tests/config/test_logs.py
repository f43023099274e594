"""Logs are records without secrets."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from config import logs
from tests.config.conftest import CANARY


@pytest.fixture(autouse=True)
def learned(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A redactor of this test's own; afterwards logging is as it was."""
    root = logging.getLogger()
    before = (root.level, root.handlers[:])
    redactor = logs.Redactor()
    redactor.learn([CANARY, "abc"])
    monkeypatch.setattr(logs, "REDACTOR", redactor)
    yield
    root.level, root.handlers[:] = before
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_one_json_object_per_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info", "json")
    structlog.get_logger("x").info("channel_connected", channel="desk", took=0.5)
    structlog.get_logger("x").debug("not_shown")
    (line,) = lines(capsys)
    assert line["event"] == "channel_connected"
    assert (line["level"], line["channel"], line["took"]) == ("info", "desk", 0.5)
    assert str(line["timestamp"]).endswith("Z")


def test_secrets_are_stars_wherever_they_stand(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info", "json")
    try:
        raise ValueError(f"refused {CANARY}")
    except ValueError as fault:
        structlog.get_logger("x").error(
            "failed", url=f"https://x/{CANARY}", deep=[{"a": (CANARY,)}], why=fault, exc_info=fault
        )
    logging.getLogger("third.party").warning("sent %s", CANARY)
    shown = capsys.readouterr().err
    assert CANARY not in shown
    assert shown.count("****") >= 5


def test_telling_names_are_stars(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info", "json")
    structlog.get_logger("x").info(
        "a", password="p1", bot_token="t1", headers={"Authorization": "b1"}, token="", kept="k"
    )
    (line,) = lines(capsys)
    assert (line["password"], line["bot_token"], line["headers"]) == (
        "****",
        "****",
        {"Authorization": "****"},
    )
    assert (line["token"], line["kept"]) == ("", "k")


def test_short_secrets_do_not_blot_out_words(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info", "json")
    structlog.get_logger("x").info("abc")
    assert lines(capsys)[0]["event"] == "abc"


def test_the_readable_form_is_redacted_too(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info", "text")
    structlog.get_logger("x").info("started", what=CANARY)
    shown = capsys.readouterr().err
    assert "started" in shown
    assert CANARY not in shown
