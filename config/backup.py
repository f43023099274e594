"""A backup: a folder with a consistent copy of the database, the attachments, the configuration's files and a manifest of digests.

Taken while the server runs. The master key is not in it, only its id: keep keys apart from backups. Attachments in a bucket stay there
(the manifest says so).
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from config.faults import Fault
from stream.ids import new_token
from stream.store.ports import Store
from stream.store.program import Sql, execute, fetch

MANIFEST = "manifest.json"
FORMAT = 1
DATABASES = ("parley.db", "parley.dump")
_BLOCK = 1 << 20


class FileFacts(msgspec.Struct, frozen=True):
    """One file of a backup: its size in bytes and the SHA-256 of its content in hex."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds. `n` and `epoch` are the journal's place in the copied database."""

    format: int
    program: str
    at: float
    n: int
    epoch: str
    keys: tuple[str, ...]
    blobs: str
    files: dict[str, FileFacts]


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be saved."""

    store: Store
    blob_folder: Path | None
    config_files: tuple[Path, ...]
    keys: tuple[str, ...]
    program: str

    async def write(self, target: Path) -> Manifest:
        """Write it into the folder `target`, which must be empty or missing. Raises `Fault`."""
        _fresh(target)
        await self.store.backup(target)
        n, epoch = await _head(self.store, target)
        manifest = await asyncio.to_thread(self._copy, target, n, epoch)
        _write(target / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        return manifest

    def _copy(self, target: Path, n: int, epoch: str) -> Manifest:
        for path in self.config_files:
            (target / "config").mkdir(exist_ok=True)
            shutil.copyfile(path, target / "config" / path.name)
        if self.blob_folder is not None and self.blob_folder.is_dir():
            shutil.copytree(self.blob_folder, target / "blobs", copy_function=_link_or_copy)
        files = {str(path.relative_to(target)): facts(path) for path in _walk(target)}
        return Manifest(
            format=FORMAT,
            program=self.program,
            at=time.time(),
            n=n,
            epoch=epoch,
            keys=self.keys,
            blobs="here" if self.blob_folder is not None else "in their bucket",
            files=files,
        )


def _fresh(target: Path) -> None:
    if target.exists() and any(target.iterdir()):
        raise Fault(f"{target} is not empty: a backup gets a folder of its own")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)


async def _head(store: Store, target: Path) -> tuple[int, str]:
    """The journal's place in the copy itself where it can be read, else in the store (a little later)."""
    copy = target / "parley.db"
    if copy.exists():
        with sqlite3.connect(f"file:{copy}?mode=ro", uri=True) as connection:
            row = connection.execute("SELECT n, epoch FROM journal_head").fetchone()
        connection.close()
        return int(row[0]), str(row[1])
    rows = await store.read(fetch("head"))
    return int(rows[0][0]), str(rows[0][1])


def verify(source: Path) -> Manifest:
    """Check every file of a backup against its digest, and the database's own structure. Raises `Fault` with all that is wrong."""
    try:
        manifest = msgspec.json.decode((source / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as fault:
        raise Fault(f"{source} is not a backup: its {MANIFEST} cannot be read ({fault})") from None
    if manifest.format != FORMAT:
        raise Fault(f"{source} has format {manifest.format}; this Parley reads format {FORMAT}")
    wrong = list(_damage(source, manifest))
    if wrong:
        raise Fault("the backup is damaged:\n" + "\n".join(f"  {line}" for line in wrong[:50]))
    return manifest


def _damage(source: Path, manifest: Manifest) -> Iterable[str]:
    for name, expected in manifest.files.items():
        path = source / name
        if not path.resolve().is_relative_to(source.resolve()):
            yield f"{name}: leads out of the backup"
        elif not path.is_file():
            yield f"{name}: is missing"
        elif facts(path) != expected:
            yield f"{name}: has changed since the backup"
    if not any(name in manifest.files for name in DATABASES):
        yield "there is no database in it"
    elif (source / "parley.db").is_file() and (said := integrity(source / "parley.db")) != "ok":
        yield f"parley.db: {said}"


def integrity(database: Path) -> str:
    """What SQLite says about a file that nobody writes: `ok`, or what is wrong."""
    try:
        with sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True) as connection:
            said = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
        connection.close()
    except sqlite3.Error as fault:
        return str(fault)
    return said


def place_files(source: Path, manifest: Manifest, database: Path, blob_folder: Path | None) -> None:
    """Put an embedded backup's database and attachments where Parley looks for them. Raises `Fault` if something is there."""
    if "parley.db" not in manifest.files:
        raise Fault(
            "this backup is of PostgreSQL: restore its parley.dump with pg_restore into an empty database"
        )
    taken = [
        path
        for path in (database, blob_folder)
        if path and path.exists() and (path.is_file() or any(path.iterdir()))
    ]
    if taken:
        raise Fault(f"{taken[0]} exists already: restore into an empty data folder, or move it away")
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if blob_folder is not None and (source / "blobs").is_dir():
        shutil.copytree(source / "blobs", blob_folder, dirs_exist_ok=True)
    half = database.with_suffix(".restoring")
    shutil.copyfile(source / "parley.db", half)
    with half.open("rb") as stream:
        os.fsync(stream.fileno())
    half.replace(database)


async def renew(store: Store) -> None:
    """A restored database is another stream: clients start over, and nobody holds a lease."""
    await store.write(execute(Sql("journal_epoch", (new_token(),)), Sql("leases_end")))


def facts(path: Path) -> FileFacts:
    """Size and digest of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return FileFacts(path.stat().st_size, digest.hexdigest())


def _walk(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)


def _link_or_copy(source: Any, target: Any) -> None:
    """Attachments never change once written, so a second name is as good as a copy and costs nothing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
