"""A missing server is a loud skip on a developer's machine and a failure on CI; another kind of failure stays a failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.servers.process import ServerMissing, binary, free_port, running, says

SUITE = """
import pytest
from tests.servers.needed import skipping_when_missing
from tests.servers.process import binary

@pytest.fixture
def server():
    with skipping_when_missing():
        binary("gopher", "no-such-gopher-server")
    yield

def test_it(server):
    assert False, "never reached"
"""


def _run(folder: Path, *, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_suite.py").write_text(SUITE)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.servers.needed",
        "-c",
        os.devnull,
        "-p",
        "no:cacheprovider",
    ]
    env = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [*command, str(folder)], cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_missing_server_is_a_skip_with_one_line_of_summary(tmp_path: Path) -> None:
    ended = _run(tmp_path, ci="")
    lines = [line for line in ended.stdout.splitlines() if line.startswith("SKIPPED SUITES")]
    assert ended.returncode == 0
    assert len(lines) == 1
    assert "test_suite.py for want of gopher (no no-such-gopher-server on this machine" in lines[0]


def test_on_ci_it_is_a_failure(tmp_path: Path) -> None:
    ended = _run(tmp_path, ci="true")
    assert ended.returncode == 1
    assert "on CI every server must run; gopher" in ended.stdout


def test_a_binary_is_found_by_name_or_by_pattern() -> None:
    assert binary("shell", "no-such-shell", "sh").endswith("/sh")
    with pytest.raises(ServerMissing, match="make test-servers"):
        binary("shell", "no-such-shell", "/no/such/*/shell")


def test_a_server_that_dies_says_its_last_words(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo the port is taken; exit 3"]
    with (
        pytest.raises(RuntimeError, match="ended with 3:\nthe port is taken"),
        running(command, tmp_path / "log", lambda: False),
    ):
        pass


def test_a_server_is_ended_with_its_block(tmp_path: Path) -> None:
    port = free_port()
    program = f"""
import socket
with socket.create_server(("127.0.0.1", {port})) as server:
    while True:
        server.accept()[0].sendall(b"ready")
"""
    with running([sys.executable, "-c", program], tmp_path / "log", lambda: says(port, b"", b"ready")) as pid:
        assert Path(f"/proc/{pid}").exists() or sys.platform != "linux"
    assert not says(port, b"", b"ready")
