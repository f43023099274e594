"""Where this process keeps things: the data folder and the URLs of store, bus and blobs, with their short forms filled in."""

from __future__ import annotations

from pathlib import Path

import msgspec

from config.settings import ALL_ROLES, Parley, ProcessRole


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """`embedded`: the database is a file that belongs to this process alone; `data` is its folder."""

    data: Path
    embedded: bool
    store: str
    bus: str
    blobs: str
    roles: tuple[ProcessRole, ...] = ALL_ROLES

    @property
    def database(self) -> Path | None:
        """The SQLite file."""
        return Path(self.store.removeprefix("sqlite:///")) if self.embedded else None

    @property
    def blob_folder(self) -> Path | None:
        """The local folder of attachments."""
        return Path(self.blobs.removeprefix("file://")) if self.blobs.startswith("file://") else None


def place_of(parley: Parley, folder: Path) -> Place:
    """The places of `parley`; relative paths start from `folder`."""
    data = (folder / parley.data).absolute()
    store = f"sqlite:///{data / 'parley.db'}" if parley.store == "sqlite" else parley.store
    blobs = f"file://{data / 'blobs'}" if parley.blobs == "file" else parley.blobs
    return Place(
        data=data,
        embedded=store.startswith("sqlite:"),
        store=store,
        bus=parley.bus,
        blobs=blobs,
        roles=parley.roles,
    )
