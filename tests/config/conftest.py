"""A small catalogue of connectors and a folder with a right configuration, for tests of reading and checking."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta

from config.catalogue import Catalogue
from connectors.contract import CONTRACT_VERSION, Capabilities, Connector, Manifest, Sandbox, Secret

HERE = Path(__file__).parent
CANARY = "canary-7Rk2-never-shown"
ENVIRONMENT = {"DESK_TOKEN": CANARY, "EMPTY": ""}


class Block(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A connector's block with everything that a block may have."""

    url: str
    token: Secret
    older: tuple[Secret, ...] = ()
    timeout: Annotated[float, Meta(ge=1, le=600)] = 30.0
    colour: dict[str, str] = {}

    def __post_init__(self) -> None:
        if not self.url.startswith("https://"):
            raise ValueError("url: must begin with https://")
        if self.url.endswith("/echo"):
            raise ValueError(f"url: does not fit {self.token.reveal()}")


def _create(_config: Any, _sandbox: Sandbox) -> Connector:
    raise AssertionError("nothing is connected in these tests")


def manifest(name: str) -> Manifest:
    return Manifest(
        id=name,
        name=name.title(),
        contract=CONTRACT_VERSION,
        config=Block,
        capabilities=Capabilities(transports=("poll",)),
        create=_create,
    )


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue(frozenset({"sample", "webthing"}), manifest)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A right configuration, to be spoilt."""
    shutil.copytree(HERE / "base", tmp_path / "etc")
    return tmp_path / "etc"
