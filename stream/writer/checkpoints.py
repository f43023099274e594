"""Moving what the write-ahead log holds into the database file, beside the writer: a commit does not wait for it.

SQLite's own checkpoint runs inside the commit that reaches the limit, and holds it up for as long as all changed pages take. Here a thread
with a connection of its own copies them while the writer goes on; what was appended meanwhile is little, the writer copies that itself, and the
log starts again from its beginning (https://www.sqlite.org/wal.html, section 2.2, and PRAGMA wal_checkpoint).
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading

from stream.store.sqlite_file import SqliteFile

COMMITS = 64
"""So many make a log that is worth moving: about 16 MB of it when groups are large."""


class Checkpoints:
    """One per writer. `file` is the writer's; `look` is called after each of its transactions."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file
        self._own = SqliteFile(file.path)
        self._commits = 0
        self._asked = threading.Event()
        self._moved = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="checkpoints", daemon=True)
        file.connection.execute("PRAGMA wal_autocheckpoint = 0")
        self._thread.start()

    def look(self) -> None:
        """Count a commit: ask for a checkpoint after some, finish one that the thread has done.

        Never fails: what was committed is kept, and must be answered so.
        """
        self._commits += 1
        if self._moved.is_set():
            self._moved.clear()
            with contextlib.suppress(sqlite3.Error):
                self._file.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        elif self._commits >= COMMITS and not self._asked.is_set():
            self._commits = 0
            self._asked.set()

    def close(self) -> None:
        """End the thread."""
        self._over.set()
        self._asked.set()
        self._thread.join()

    def _work(self) -> None:
        file = self._own
        try:
            # Looked at before each wait, too: the wish of `close` may have been taken for the one that was just done.
            while not self._over.is_set():
                self._asked.wait()
                if self._over.is_set():
                    return
                try:
                    file.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                except sqlite3.Error:
                    continue  # a full disk, say: the log goes on growing, the writer's commits tell of it
                finally:
                    self._asked.clear()
                self._moved.set()
        finally:
            file.close()
