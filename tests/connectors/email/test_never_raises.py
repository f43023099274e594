"""No bytes make the codec raise, hang or grow: random bytes, mails broken at random, and what a coverage-guided fuzzer finds.

`make soak` runs the fuzzer for ten minutes; here it has a minute, in which the other tests of this file run beside it.
"""

from __future__ import annotations

import importlib.util
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.connectors.email.promises import check

ROOT = Path(__file__).resolve().parents[3]
GUIDED_SECONDS = 60
LONGEST = 20_000
CORPUS = [path.read_bytes() for path in sorted((Path(__file__).parent / "corpus").glob("*.eml"))]
PIECES = [
    b"\r\n", b"\n\n", b"--b1\r\n", b"--b1--\r\n", b"From: ", b"To: a@b, ", b"Subject: ", b"=?utf-8?Q?", b"?=", b"=?x?B?", b"Content-Type: ",
    b"multipart/mixed; boundary=b1", b"multipart/alternative; boundary=b1", b"message/rfc822", b"text/html; charset=", b"text/plain", b"utf-7",
    b"iso-2022-jp", b"base64", b"Content-Transfer-Encoding: ", b"quoted-printable", b"Content-Disposition: attachment; filename*0*=", b"''%",
    b"<div>", b"<blockquote type=cite>", b"<!--", b"</", b"&#x", b"> ", b"On 4 Mar 2024, a@b wrote:", b"-----Original Message-----", b"-- \n",
    b"begin 644 a\n", b"\nend\n", b"=ybegin line=9 name=a\n", b"=yend\n", b"format=flowed; delsp=yes", b"~{", b"~}", b"\x1b$B", b"\xff\xfe", b"\0", b"\xe2\x80\xae", b'"', b"(", b"<", b">", b";", b":", b"@", b"Date: ",
    b"Final-Recipient: rfc822; ", b"Action: failed", b"Status: 5.", b"message/delivery-status", b"winmail.dat", b"application/ms-tnef",
]  # fmt: skip
COUNT = int(os.environ.get("PARLEY_FUZZ_EXAMPLES", "400"))
SECONDS = float(os.environ.get("PARLEY_FUZZ_SECONDS", "10"))


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=40)), max_size=60).map(b"".join))
@settings(max_examples=COUNT, suppress_health_check=[HealthCheck.too_slow])
def test_pieces_of_mail_in_any_order(raw: bytes) -> None:
    check(raw)


@given(st.binary(max_size=2_000))
@settings(max_examples=COUNT)
def test_any_bytes(raw: bytes) -> None:
    check(raw)


def broken(raw: bytes, chance: random.Random) -> bytes:
    """A mail with a few places changed, dropped, doubled or taken from another."""
    data = bytearray(raw)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0:
                data[at : at + 1] = bytes((chance.randrange(256),))
            case 1:
                del data[at : at + chance.randrange(60)]
            case 2:
                data[at:at] = data[chance.randrange(len(data) + 1) :][: chance.randrange(200)]
            case 3:
                data[at:at] = chance.choice(PIECES)
            case _:
                other = chance.choice(CORPUS)
                data[at:at] = other[chance.randrange(len(other)) :][: chance.randrange(300)]
    return bytes(data)


@pytest.mark.timeout(SECONDS * 3 + 60)
def test_real_mails_broken_at_random() -> None:
    chance = random.Random(20240304)
    until = time.monotonic() + SECONDS
    count = 0
    while time.monotonic() < until:
        check(broken(chance.choice(CORPUS), chance))
        count += 1
    assert count > 100


INSTALLED = importlib.util.find_spec("atheris") is not None
guided = pytest.mark.skipif(
    not INSTALLED, reason="atheris is not installed here (it exists for Linux on x86-64)"
)


def fuzzer(seconds: int, folder: Path) -> subprocess.Popen[str]:
    """The fuzzer at work for so many seconds, behind everybody else in line; it starts from the corpus."""
    for number, raw in enumerate(CORPUS):
        (folder / str(number)).write_bytes(raw[:LONGEST])
    # By way of a shell: a process counts the most memory that whoever started it had before, and this one may have much by now.
    fuzzing = [sys.executable, "-W", "ignore", "-m", "tests.connectors.email.fuzzing"]
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        "-timeout=20",
        "-rss_limit_mb=600",
        f"-artifact_prefix={folder}/",
        str(folder),
    ]
    with (folder.parent / f"{folder.name}.log").open("w") as log:
        return subprocess.Popen(
            ["nice", "-n", "5", "sh", "-c", '"$@"; exit $?', "sh", *fuzzing, *options],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            text=True,
            errors="replace",
        )


def judge(running: subprocess.Popen[str], folder: Path) -> None:
    """Waits for the end; a broken promise fails the test with the fuzzer's report."""
    code = running.wait()
    said = (folder.parent / f"{folder.name}.log").read_text("utf-8", "replace")
    assert code == 0, said[-4_000:]
    assert "Done" in said


@pytest.fixture(scope="module")
def a_minute(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """The fuzzer, begun with the first test of this file."""
    if not INSTALLED:
        pytest.skip("atheris is not installed here")
    folder = tmp_path_factory.mktemp("guided") / "found"
    folder.mkdir()
    running = fuzzer(GUIDED_SECONDS, folder)
    yield running, folder
    if running.poll() is None:
        running.kill()
        running.wait()


@pytest.fixture(autouse=True)
def _beside(request: pytest.FixtureRequest) -> None:
    """Begins the fuzzer's minute while the other tests run, unless only the long form was asked for."""
    if INSTALLED and request.node.get_closest_marker("soak") is None:
        request.getfixturevalue("a_minute")


@guided
@pytest.mark.timeout(GUIDED_SECONDS + 120)
def test_what_a_coverage_guided_fuzzer_finds_in_a_minute(
    a_minute: tuple[subprocess.Popen[str], Path],
) -> None:
    judge(*a_minute)


@guided
@pytest.mark.soak
@pytest.mark.timeout(900)
def test_what_a_coverage_guided_fuzzer_finds_in_ten_minutes(tmp_path: Path) -> None:
    folder = tmp_path / "found"
    folder.mkdir()
    judge(fuzzer(600, folder), folder)
