"""The lock on an embedded Parley's data folder: one process at a time, released by the system however the process ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

FILE = "parley.lock"


class Locked(Exception):
    """Another process has the folder; the sentence says which and what to do."""


class DataFolder:
    """A data folder that this process has for itself while the context is open. Made, mode 0700, when it is missing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1

    def __enter__(self) -> Self:
        """Take the lock. Raises `Locked`, or `OSError` when the folder cannot be made."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._descriptor = os.open(self.path / FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            who = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise Locked(_sentence(self.path, who)) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        """Let it go. The file stays: removing it would let two processes lock two files of one name."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def owner(path: Path) -> int:
    """The process that has the folder `path` now, or 0."""
    try:
        descriptor = os.open(path / FILE, os.O_RDONLY)
    except OSError:
        return 0
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        text = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
        return int(text) if text.isdigit() else 0
    else:
        return 0
    finally:
        os.close(descriptor)


def _sentence(path: Path, who: str) -> str:
    process = f" (process {who})" if who.isdigit() else ""
    return (
        f"another Parley is running on {path}{process}: stop it first, or give this one a data folder of its own. "
        "Several processes on one database need PostgreSQL."
    )
