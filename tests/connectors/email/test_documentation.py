"""docs/email.md does not lie: its settings load, its commands run, and what they ask for is what a token server gives."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from connectors.contract import Secret, decode_secret
from connectors.email.dkim import private_key, signed
from connectors.email.doors import Doors
from connectors.email.ids import Ids
from connectors.email.imap import IDLE_RENEWAL
from connectors.email.manifest import active
from connectors.email.reading import Reader
from connectors.email.settings import DkimSettings, EmailConfig
from tests.connectors.email.room import Box
from tests.servers.tokens import CLIENT, CLIENT_SECRET, token_server

TEXT = (Path(__file__).parents[3] / "docs/email.md").read_text("utf-8")
SETTINGS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]
CURLS = [line for line in COMMANDS if line.startswith("curl")]


def config(text: str) -> EmailConfig:
    (channel,) = yaml.safe_load(text).values()
    assert channel["connector"] == "email"
    return msgspec.convert(channel["config"], EmailConfig, dec_hook=decode_secret)


@pytest.mark.parametrize("text", SETTINGS, ids=range(len(SETTINGS)))
def test_its_settings_load(text: str) -> None:
    assert config(text).address == "support@shop.example"


def test_every_kind_of_channel_is_there() -> None:
    found = [config(text) for text in SETTINGS]
    assert any(one.oauth and one.oauth.refresh_token is None for one in found)
    assert {active(one) for one in found} == {("poll",), (), ("socket",)}
    assert {"listen", "webhook", "dkim", "oauth", "imap"} <= {
        name for one in found for name in EmailConfig.__struct_fields__ if getattr(one, name)
    }


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
@pytest.mark.parametrize("command", CURLS, ids=range(len(CURLS)))
def test_its_requests_are_understood(command: str) -> None:
    with token_server() as server:
        server.codes["the-code"] = "support@shop.example"
        local = re.sub(r"https://\S+/(token|devicecode)", rf"{server.url}/\1", command)
        environment = {**os.environ, "CLIENT_ID": CLIENT, "CLIENT_SECRET": CLIENT_SECRET, "CODE": "the-code"}
        run = subprocess.run(
            ["sh", "-c", local], env=environment, capture_output=True, timeout=20, check=True
        )
        answer = msgspec.json.decode(run.stdout, type=dict[str, Any])
        wanted = "device_code" if "devicecode" in command else "refresh_token"
        assert answer.get(wanted), answer


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine")
def test_its_key_signs_mail(tmp_path: Path) -> None:
    commands = [line for line in COMMANDS if line.startswith("openssl")]
    runs = [
        subprocess.run(["sh", "-c", one], cwd=tmp_path, capture_output=True, timeout=60, check=True)
        for one in commands
    ]
    assert re.fullmatch(rb"[A-Za-z0-9+/=]{300,}", runs[1].stdout.strip())
    pem = (tmp_path / "dkim.pem").read_text()
    assert private_key(pem).key_size == 2_048  # type: ignore[union-attr]  # an RSA key has a size
    settings = DkimSettings(domain="shop.example", selector="parley", key=Secret(pem))
    assert b"d=shop.example; s=parley;" in signed(b"From: a@shop.example\r\n\r\nHello\r\n", settings, 1.0)


def test_what_it_says_of_addresses_and_times_is_so() -> None:
    given = config(next(text for text in SETTINGS if "webhook" in text))
    ids = Ids((b"k" * 32,), given.address, given.answers_to)
    box: Any = Box()
    doors = Doors(given, ids, Reader(given, ids, box, lambda: 0.0), box, lambda: 0.0)
    assert {route.path for route in doors.routes()} == {"/inbound", "/inbound/mime"}
    assert IDLE_RENEWAL == 240
    for name in re.findall(
        r"`(reply_tags|bounce_address|reply_days|automatic_per_day|unsubscribe|copy_all|colleagues|trusted_server)`",
        TEXT,
    ):
        assert name in EmailConfig.__struct_fields__
