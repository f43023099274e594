"""Every channel that the READMEs and the guide of email show can be copied into channels.yaml as it stands."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from config.catalogue import installed
from config.load import load
from config.opening import DEMO
from tests.config.test_samples import WEBHOOK_SECRET

ROOT = DEMO.parent.parent
TOKEN = "123456:ABC-DEF-not-a-real-token"  # the form that a bot's token has; nobody's
PAGES = [*sorted(ROOT.glob("connectors/*/README.md")), ROOT / "docs/email.md"]
SHOWN = [
    (f"{page.parent.name}/{page.name}:{number}", block)
    for page in PAGES
    for number, block in enumerate(re.findall(r"```ya?ml\n(.*?)```", page.read_text(), re.DOTALL), 1)
    if "connector:" in block
]


def test_each_channel_shows_one() -> None:
    assert {name.partition("/")[0] for name, _block in SHOWN} >= {
        "echo",
        "telegram",
        "webchat",
        "webhook",
        "docs",
    }


@pytest.mark.parametrize("block", [block for _name, block in SHOWN], ids=[name for name, _block in SHOWN])
def test_it_can_be_copied(tmp_path: Path, block: str) -> None:
    etc = tmp_path / "etc"
    shutil.copytree(DEMO, etc, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (etc / "channels.yaml").write_text(block)
    known = {name: TOKEN if "TOKEN" in name else WEBHOOK_SECRET for name in re.findall(r"\$\{(\w+)\}", block)}
    found = load(etc, {"PARLEY_DEMO_PARTNER": "127.0.0.1:9", **known}, installed())
    assert len(found.house.channels) >= 1
