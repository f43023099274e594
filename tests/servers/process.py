"""Starting a server as a subprocess on a free loopback port, waiting until it answers, ending it by its pid. Knows no server."""

import contextlib
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

HOST = "127.0.0.1"
READY_S = 30.0
STOP_S = 10.0


class ServerMissing(Exception):
    """A server cannot run here: `name` and the `reason`, with the command that would mend it."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


def binary(name: str, *candidates: str) -> str:
    """Find the first of `candidates` (commands, absolute paths or glob patterns) or raise ServerMissing."""
    for candidate in candidates:
        if found := shutil.which(candidate):
            return found
        matches = sorted(Path("/").glob(candidate.lstrip("/"))) if "*" in candidate else []
        if matches:
            return str(matches[-1])
    raise ServerMissing(name, f"no {candidates[0]} on this machine (make test-servers, as root)")


def free_port() -> int:
    """Give a loopback port that nobody listens on, below the range that outgoing connections draw from."""
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise RuntimeError("no free port between 20000 and 32000 on loopback")


@contextlib.contextmanager
def folder(name: str, owner: str | None = None) -> Iterator[Path]:
    """Give a short-named folder (Unix sockets allow 107 bytes) that any user may enter, removed at the end."""
    path = Path(tempfile.mkdtemp(prefix=f"parley-{name}-"))
    path.chmod(0o755)
    if owner is not None and os.geteuid() == 0:
        shutil.chown(path, owner)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def running(
    command: Sequence[str],
    log: Path,
    answers: Callable[[], bool],
    *,
    user: str | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """Run `command` until the block ends and give its pid; enter once `answers` says so, within READY_S.

    As root, `user` names the account to run as. RuntimeError with the log's end if the server dies or stays silent.
    """
    as_user = {"user": user, "group": user, "extra_groups": []} if user and os.geteuid() == 0 else {}
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            cwd=log.parent,
            start_new_session=True,
            **as_user,  # type: ignore[call-overload]  # user and group come together or not at all
        )
    try:
        _wait(process, command[0], answers, log)
        yield process.pid
    finally:
        stop(process)


def _wait(process: subprocess.Popen[bytes], name: str, answers: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while True:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with {process.returncode}:\n{_tail(log)}")
        if answers():
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"{name} did not answer within {READY_S:.0f} s:\n{_tail(log)}")
        time.sleep(0.05)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End one process that we started: politely, then for good."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_S)


def _tail(log: Path, lines: int = 25) -> str:
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-lines:]) if log.exists() else "(no log)"


def says(port: int, ask: bytes, reply: bytes, timeout: float = 1.0) -> bool:
    """Tell whether the port on loopback answers `ask` (may be empty) with something that starts with `reply`."""
    try:
        with socket.create_connection((HOST, port), timeout) as connection:
            connection.settimeout(timeout)
            if ask:
                connection.sendall(ask)
            return connection.recv(4096).startswith(reply)
    except OSError:
        return False
