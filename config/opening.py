"""From the command line to a checked configuration, and to an open store for the commands that work beside a server."""

from __future__ import annotations

import argparse
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from config.demo import stage
from config.faults import USAGE, Fault
from config.keys import MasterKey, find_keys
from config.place import Place, place_of
from config.settings import ALL_ROLES

if TYPE_CHECKING:
    from config.load import Loaded
    from config.settings import Parley
    from stream.store.ports import Store

DEMO = stage.FOLDER
ADDRESS = "address"
"""The file in the data folder that says where the running server listens."""
PLACES = ("parley.yaml", "/etc/parley")


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration with its origin: `path` is the file or folder, `environment` what references are looked up in.

    `loaded` has the command line's wishes in it; `written` is parley.yaml as it stands.
    """

    path: Path
    environment: dict[str, str]
    loaded: Loaded
    written: Parley
    place: Place

    @property
    def listening(self) -> str:
        """host:port of the running server: what an embedded one has left beside its data, else what is configured."""
        try:
            left = (self.place.data / ADDRESS).read_text("utf-8").strip() if self.place.embedded else ""
        except OSError:
            left = ""
        return left or self.loaded.parley.listen


def options() -> argparse.ArgumentParser:
    """The options that every command which reads the configuration has."""
    parser = argparse.ArgumentParser(add_help=False)
    group = parser.add_argument_group("configuration")
    group.add_argument(
        "--config", metavar="PATH", help="configuration file or folder (else PARLEY_CONFIG, ./parley.yaml)"
    )
    group.add_argument(
        "--data", metavar="DIR", help="data folder instead of the configured one (else PARLEY_DATA)"
    )
    return parser


def demo_option(parser: argparse.ArgumentParser) -> None:
    """Let a command work on the demo."""
    parser.add_argument("--demo", action="store_true", help="the demo's configuration")


def config_path(args: argparse.Namespace, environment: dict[str, str]) -> Path:
    """The file or folder to read. Raises `Fault` when there is none."""
    if getattr(args, "demo", None):
        return DEMO
    named = args.config or environment.get("PARLEY_CONFIG", "")
    if named:
        if not Path(named).exists():
            raise Fault(f"{named}: there is no such file or folder", USAGE)
        return Path(named)
    found = next((Path(place) for place in PLACES if Path(place).exists()), None)
    if found is None:
        raise Fault(
            "no configuration: name one with --config, add --demo for the demo's, or try `parley serve --demo`",
            USAGE,
        )
    return found


def opened(args: argparse.Namespace, *, serving: bool = False, routing: Path | None = None) -> Opened:
    """Read and check what the arguments name. Raises `ConfigError` or `Fault`.

    A process that is `serving` needs the secrets of its own roles only. `routing` is a file that stands for the configured routing.
    """
    from config.catalogue import installed
    from config.load import load
    from config.logs import REDACTOR

    environment = dict(os.environ)
    path = config_path(args, environment)
    data = args.data or environment.get("PARLEY_DATA", "")
    if path == DEMO:
        data = stage.prepare(environment, data)
    roles = (getattr(args, "roles", None) or None) if serving else ALL_ROLES
    loaded = load(path, environment, installed(), roles=roles, routing=routing)
    REDACTOR.learn(loaded.secrets)
    parley = written = loaded.parley
    if data:
        parley = msgspec.structs.replace(parley, data=str(Path(data).absolute()))
    changes = {name: getattr(args, name) for name in ("listen", "roles") if getattr(args, name, None)}
    parley = msgspec.structs.replace(parley, **changes)
    loaded = msgspec.structs.replace(loaded, parley=parley)
    place = place_of(parley, loaded.files.folder)
    return Opened(path=path, environment=environment, loaded=loaded, written=written, place=place)


def keys_of(found: Opened) -> tuple[MasterKey, ...]:
    """The master keys of this process; an embedded Parley makes its own. Raises `KeyFault`."""
    configured = found.loaded.parley.key.reveal() if found.loaded.parley.key else None
    return find_keys(configured, found.environment, found.place.data if found.place.embedded else None)


@asynccontextmanager
async def store_of(place: Place) -> AsyncIterator[Store]:
    """The open store, beside a running server if there is one. Raises `Fault` when an embedded one was never made."""
    from stream.store import open_store

    if place.database is not None and not place.database.exists():
        raise Fault(f"there is no database yet at {place.database}: `parley serve` makes it")
    store = open_store(place.store)
    await store.open()
    try:
        yield store
    finally:
        await store.close()
