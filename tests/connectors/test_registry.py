"""Finding connectors: in the tree, from other distributions, and what is said when one is not there or cannot be used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from connectors.echo import MANIFEST as ECHO
from connectors.registry import IN_TREE, BadConnector, UnknownConnector, checked, manifest, names

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", IN_TREE)
def test_the_channels_of_the_tree_are_found(name: str) -> None:
    assert manifest(name).id == name
    assert name in names()


def test_only_what_is_asked_for_is_imported() -> None:
    program = (
        "import sys; from connectors.registry import manifest; manifest('echo');"
        "print([name for name in sys.modules if name.startswith('connectors.') and name.split('.')[1] in "
        "('webhook', 'webchat', 'email', 'telegram')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_an_unknown_connector_gets_a_suggestion() -> None:
    with pytest.raises(UnknownConnector, match="did you mean telegram"):
        manifest("telegramm")
    with pytest.raises(UnknownConnector, match="there are: "):
        manifest("zzzzzz")


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ("text", "leads to a str"),
        (msgspec.structs.replace(ECHO, id="other"), "give both one name"),
        (msgspec.structs.replace(ECHO, contract=99), "made for contract 99"),
        (msgspec.structs.replace(ECHO, parse=None), "no parse function"),
        (msgspec.structs.replace(ECHO, part_seconds=0.0), "more than 0, at most 3600"),
        (msgspec.structs.replace(ECHO, part_seconds=3601.0), "gives a part 3601 seconds"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(found: object, says: str) -> None:
    with pytest.raises(BadConnector, match=says):
        checked("echo", found)
