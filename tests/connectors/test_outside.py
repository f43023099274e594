"""A connector that lives in another folder, as another distribution: found by its entry point, run by the host, judged by the kit."""

from __future__ import annotations

import importlib
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.conformance.run import judge_all
from connectors.conformance.suite import Request, Suite
from connectors.registry import BadConnector, manifest, names
from tests.connectors.ground import Ground, answered, channel

PIGEON = '''
"""A channel of another house: pigeons carry JSON."""

import msgspec

from connectors.contract import (
    CONTRACT_VERSION, Accepted, Address, Capabilities, Manifest, MessageReceived, Outbound, Outcome, PlannedPart, Secret, Verification,
)
from connectors.kit.connector import BaseConnector
from connectors.kit.payload import read


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator sets."""

    ring: Secret


class Letter(msgspec.Struct, frozen=True):
    """What a pigeon carries."""

    id: str
    loft: str
    text: str


_decoder = msgspec.json.Decoder(Letter)


def parse(request, config):
    """One letter per pigeon."""
    letter = read(_decoder, request.body)
    who = Address(scheme="pigeon", value=letter.loft)
    return [MessageReceived(source_key=f"msg:{letter.id}", conversation_key=letter.loft, sender=who, text=letter.text)]


class Loft(BaseConnector):
    """Where pigeons leave from."""

    capabilities = Capabilities(transports=("webhook",), text_limit=100)
    flown: list[str] = []

    async def send(self, message: Outbound, part: PlannedPart) -> Outcome:
        """Let one fly."""
        self.flown.append(part.text)
        return Accepted(provider_ids=(part.key,))


MANIFEST = Manifest(
    id="pigeon", name="Pigeon", contract=CONTRACT_VERSION, config=Config, capabilities=Loft.capabilities, create=Loft, parse=parse,
    verification=Verification(scheme="header-secret", secret="ring", header="X-Ring"), docs="https://pigeon.example/",
)
'''


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """A folder with an installed distribution in it, on the import path while the test runs."""
    folder = tmp_path / "site"
    info = folder / "parley_pigeon-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "pigeon_post.py").write_text(PIGEON)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: parley-pigeon\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        textwrap.dedent(
            """\
            [parley.connectors]
            pigeon = pigeon_post:MANIFEST
            broken = pigeon_post:NOTHING
            """
        )
    )
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    yield folder
    sys.path.remove(str(folder))
    sys.modules.pop("pigeon_post", None)


async def test_it_is_found_and_runs(outside: Path, ground: Ground) -> None:
    assert "pigeon" in names()
    assert "pigeon_post" not in sys.modules
    face = manifest("pigeon")
    async with ground.host(channel("loft", face, ring="gold")) as host:
        body = b'{"id": "7", "loft": "north", "text": "coo"}'
        refused = await host.hooks.answer("loft", "POST", "/hooks/loft", {}, {"x-ring": "tin"}, body)
        taken = await host.hooks.answer("loft", "POST", "/hooks/loft", {}, {"x-ring": "gold"}, body)
        assert (refused.status, taken.status) == (401, 200)
        (message,) = await ground.messages()
        assert answered(taken)["ids"] == [message.id]
        await ground.delivery(await ground.reply(message.conversation, "coo back"), "sent")
    assert sys.modules["pigeon_post"].Loft.flown == ["coo back"]


async def test_the_kit_judges_it(outside: Path) -> None:
    suite = Suite(
        module="pigeon_post",
        manifest=manifest("pigeon"),
        config={"ring": "conformance-canary-ring"},
        requests=(
            Request(name="one", body=b'{"id":"1","loft":"north","text":"Hello there"}', kinds=("message",)),
            Request(name="two", body=b'{"id":"2","loft":"north","text":"Hi"}', kinds=("message",)),
        ),
        exempt={"C0102": "the folder is on the path of this process only"},
    )
    failed = {
        result.requirement: result.detail for result in await judge_all(suite) if result.verdict == "fail"
    }
    assert failed == {}


def test_one_that_cannot_be_imported_says_so(outside: Path) -> None:
    with pytest.raises(BadConnector, match="cannot be imported: AttributeError"):
        manifest("broken")
