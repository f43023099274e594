"""The writer's process: one SQLite connection, one question at a time, until the serving process is gone.

Started by `stream.writer.process` as `python -m stream.writer.child DATABASE FD`. It ends when the other end of the socket closes, so
it never outlives its server by more than the transaction that it is in; a commit that nobody hears of is what a lost answer always was.
"""

from __future__ import annotations

import io
import signal
import socket
import sys
from pathlib import Path

from stream.append import append
from stream.collector import settle
from stream.indexing import Fresh, index
from stream.recent import Recent
from stream.store.ports import StoreError
from stream.store.sqlite_file import SqliteFile, translated
from stream.writer import wire
from stream.writer.checkpoints import Checkpoints

READ = 1 << 20


class Child:
    """Answers questions about one file."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file
        self._checkpoints = Checkpoints(file)
        self._recent = Recent()
        self._fresh = Fresh()

    def close(self) -> None:
        """Undo what is open and let go."""
        self._checkpoints.close()
        self._file.undo()
        self._file.close()

    def answer(self, question: wire.Append | wire.Index | wire.Run | wire.End) -> wire.Word:
        """What becomes of `question`; a failure undoes the transaction that it was in."""
        try:
            with translated():
                said = self._do(question)
                if not isinstance(question, wire.Run):
                    self._checkpoints.look()
                return said
        except Exception as error:  # noqa: BLE001  # whatever it is, the server is told and its commands are not lost
            self._file.undo()
            self._recent.clear()
            return wire.failed_of(error)

    def _do(self, question: wire.Append | wire.Index | wire.Run | wire.End) -> wire.Word:
        if isinstance(question, wire.Append):
            program = append(question.commands, question.now, self._recent)
            done = self._file.transaction(program, "BEGIN IMMEDIATE")
            self._fresh.note(done.recorded, done.contents)
            return wire.kept_of(done)
        if isinstance(question, wire.Index):
            return wire.Indexed(self._index(question.limit))
        if isinstance(question, wire.Run):
            self._file.begin("BEGIN IMMEDIATE")
            return wire.Found(self._file.run(wire.step_of(question)))
        self._file.end(commit=question.commit)
        return wire.Found()

    def _index(self, limit: int) -> int:
        """Not flushed by itself: the index can be made anew, and the next append flushes the log as a whole."""
        self._file.connection.execute("PRAGMA synchronous = NORMAL")
        try:
            return self._file.transaction(index("sqlite", limit, self._fresh), "BEGIN IMMEDIATE")
        finally:
            self._file.connection.execute("PRAGMA synchronous = FULL")


def talk(child: Child, reader: io.IOBase, out: socket.socket) -> None:
    """Answer until the other side hangs up."""
    while True:
        head = reader.read(wire.LENGTH.size)
        if len(head) < wire.LENGTH.size:
            return
        (length,) = wire.LENGTH.unpack(head)
        body = reader.read(length)
        if len(body) < length:
            return
        out.sendall(wire.frame(child.answer(wire.question(body))))


def main(path: str, fd: int) -> None:
    """Open the database, bring it up to date, say so, answer."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the server is told, and hangs up when it is done
    with socket.socket(fileno=fd) as line, line.makefile("rb", buffering=READ) as reader:
        try:
            file = SqliteFile(Path(path))
            file.migrate()
        except StoreError as error:
            line.sendall(wire.frame(wire.failed_of(error)))
            return
        settle()
        line.sendall(wire.frame(wire.Found()))
        child = Child(file)
        try:
            talk(child, reader, line)
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            child.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
