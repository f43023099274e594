"""What the doctor says where something is not well; that all is well is told by `test_commands`."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from config import doctor
from config.catalogue import installed
from config.doctor import Finding, examine
from config.load import load
from config.opening import DEMO, Opened
from config.place import place_of
from config.settings import Parley
from tests.config.test_samples import ENVIRONMENT


def opened(folder: Path, **changes: object) -> Opened:
    """The demo with some settings changed."""
    loaded = load(DEMO, ENVIRONMENT, installed())
    parley = msgspec.structs.replace(Parley(data=str(folder / "data"), listen="127.0.0.1:1"), **changes)
    loaded = msgspec.structs.replace(loaded, parley=parley)
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "PARLEY_KEY"}
    place = place_of(parley, folder)
    return Opened(path=DEMO, environment=environment, loaded=loaded, written=parley, place=place)


async def findings(found: Opened) -> dict[str, Finding]:
    return {finding.about: finding async for finding in examine(found)}


async def test_before_the_first_start(tmp_path: Path) -> None:
    told = await findings(opened(tmp_path))
    assert (told["data folder"].state, told["database"].state, told["server"].state) == (
        "warn",
        "skip",
        "skip",
    )
    assert told["public_url"].sentence.startswith("not set")


async def test_a_folder_that_others_may_enter(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    told = await findings(opened(tmp_path, public_url="http://x.example"))
    assert "can be entered by others (mode 755): chmod 700" in told["data folder"].sentence
    assert "travel unprotected" in told["public_url"].sentence
    assert told["disk sync"].sentence.endswith("ms per durable write")


@pytest.mark.parametrize(
    ("changes", "about", "said"),
    [
        (
            {"store": "postgresql://u:hunter2@127.0.0.1:1/x"},
            "database",
            "postgresql://u:****@127.0.0.1:1/x: ",
        ),
        ({"bus": "redis://:hunter2@127.0.0.1:1/0"}, "bus", "redis://:****@127.0.0.1:1/0 does not answer"),
    ],
)
async def test_servers_that_do_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], about: str, said: str
) -> None:
    monkeypatch.setattr(doctor, "BUS_SECONDS", 1.0)
    told = await findings(opened(tmp_path, **changes))
    assert told[about].state == "fail"
    assert told[about].sentence.startswith(said)
    assert "hunter2" not in str(told)


async def test_a_channel_whose_provider_is_away(tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path / "etc", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    with (tmp_path / "etc/channels.yaml").open("a") as stream:
        stream.write(
            "\nmail:\n  connector: email\n  config: {address: a@b.example, smtp: {host: 127.0.0.1, port: 1, tls: none}}\n"
        )
    loaded = load(tmp_path / "etc", ENVIRONMENT, installed())
    found = opened(tmp_path)
    loaded = msgspec.structs.replace(loaded, parley=found.loaded.parley)
    told = await findings(msgspec.structs.replace(found, loaded=loaded))
    assert told["channel mail"].state == "fail"
    assert told["channel website"].state == "ok"
