"""A real `parley serve` as a process of its own, and the `parley` command beside it. Ended by its pid."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.client
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

from config.main import main

ROOT = Path(__file__).parent.parent.parent
READY_SECONDS = 60.0


def environment(**more: str) -> dict[str, str]:
    """This process's, without what would change Parley's behaviour."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def parley(
    *args: str | Path, cwd: Path | None = None, code: int | None = 0, env: Mapping[str, str] | None = None
) -> str:
    """Run the command; its output and errors together. Fails unless it ends with `code` (None: any).

    Within this process, so that a hundred of them are quick; `serve` as one of its own.
    """
    words, known = [str(arg) for arg in args], environment(**(env or {}))
    said, ended = (_apart if words[:1] == ["serve"] else _here)(words, cwd, known)
    assert "Traceback" not in said, said
    assert code is None or ended == code, f"{args} ended with {ended}:\n{said}"
    return said


def _apart(words: list[str], cwd: Path | None, known: dict[str, str]) -> tuple[str, int]:
    done = subprocess.run(
        [sys.executable, "-m", "config.main", *words],
        cwd=cwd,
        env=known,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr, done.returncode


def _here(words: list[str], cwd: Path | None, known: dict[str, str]) -> tuple[str, int]:
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with (
        contextlib.chdir(cwd or Path.cwd()),
        mock.patch.dict(os.environ, known, clear=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
    ):
        try:
            ended = main(words)
        except SystemExit as asked:
            ended = int(asked.code or 0)
    return out.buffer.getvalue().decode(), ended


class Served:
    """A running server: `base` is its address, `out` what it has said so far."""

    def __init__(self, args: list[str], **more: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "config.main", "serve", *args],
            env=environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.pid = self._process.pid
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.base = ""

    def ready(self) -> Served:
        """Wait until it says so."""
        self.base = self.wait_for(r"Parley is ready at (\S+)")[1]
        return self

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line)

    @property
    def out(self) -> str:
        return "".join(self.lines)

    def wait_for(self, pattern: str, seconds: float = READY_SECONDS) -> re.Match[str]:
        """The first place in the output where `pattern` matches."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if found := re.search(pattern, self.out):
                return found
            assert self._process.poll() is None, f"it ended with {self._process.returncode}:\n{self.out}"
            time.sleep(0.01)
        raise AssertionError(f"{pattern} was not said within {seconds} s:\n{self.out}")

    def ask(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> tuple[int, Any]:
        """Status and body (decoded where it is JSON)."""
        host = self.base.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=10)
        try:
            connection.request(
                method, path, body, {name.replace("_", "-"): value for name, value in headers.items()}
            )
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        with contextlib.suppress(ValueError):
            return answer.status, json.loads(text)
        return answer.status, text

    def hook(self, channel: str, secret: str, event: Any) -> tuple[int, Any]:
        """Post an event as Standard Webhooks 1.0."""
        body, ident, now = json.dumps(event).encode(), f"evt_{time.monotonic_ns()}", str(int(time.time()))
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"{ident}.{now}.".encode() + body, hashlib.sha256).digest()
        signature = f"v1,{base64.b64encode(digest).decode()}"
        return self.ask(
            f"/hooks/{channel}",
            "POST",
            body,
            webhook_id=ident,
            webhook_timestamp=now,
            webhook_signature=signature,
        )

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def stop(self, number: int = signal.SIGTERM, seconds: float = 30.0) -> int:
        """Ask it to stop; its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        code = self._process.wait(seconds)
        self._reader.join(5)
        return code

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait(10)
        self._reader.join(5)
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextlib.contextmanager
def served(*args: str | Path, **more: str) -> Iterator[Served]:
    """A server until the block ends."""
    server = Served([str(arg) for arg in args], **more)
    try:
        yield server.ready()
    finally:
        server.kill()
