"""One process per data folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.lock import DataFolder, Locked, owner


def test_a_second_one_is_refused_with_the_first_one_s_process(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "data"):
        assert owner(tmp_path / "data") == os.getpid()
        with (
            pytest.raises(Locked, match=rf"process {os.getpid()}\): stop it first"),
            DataFolder(tmp_path / "data"),
        ):
            pass
    assert owner(tmp_path / "data") == 0
    with DataFolder(tmp_path / "data"):
        pass


def test_the_folder_is_made_for_its_user_only(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "a" / "b") as folder:
        assert folder.path.stat().st_mode & 0o777 == 0o700


def test_nobody_owns_what_is_not_there(tmp_path: Path) -> None:
    assert owner(tmp_path / "nothing") == 0


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from config.lock import DataFolder\n"
        "with DataFolder(Path(sys.argv[1])): print('locked', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path.cwd()
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        assert owner(tmp_path) == process.pid
        process.kill()
        process.wait()
        with DataFolder(tmp_path):
            assert owner(tmp_path) == os.getpid()
