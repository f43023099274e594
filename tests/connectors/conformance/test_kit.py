"""The kit itself: it finds what is broken, lets pass what is sound, and says so to people and machines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from connectors.conformance.report import junit, table
from connectors.conformance.run import judge, judge_all
from connectors.conformance.suite import REQUIREMENTS, Result, Suite
from tests.connectors.conformance.mutants import MUTANTS, suite

ROOT = Path(__file__).resolve().parents[3]


async def test_the_sound_connector_passes() -> None:
    assert {
        result.requirement: result.detail for result in await judge_all(suite()) if result.verdict == "fail"
    } == {}


@pytest.mark.parametrize("name", MUTANTS)
async def test_every_defect_is_named(name: str) -> None:
    broken, requirement = MUTANTS[name]
    result = await judge(broken, requirement)
    assert result.verdict == "fail"
    assert result.detail


async def test_an_exemption_is_reported_with_its_reason() -> None:
    broken, requirement = MUTANTS["anybody may write"]
    exempt = suite(verification=broken.manifest.verification, exempt={requirement: "only for trying out"})
    assert await judge(exempt, requirement) == Result(requirement, "exempt", "only for trying out")


def test_the_report_names_every_requirement() -> None:
    results = [Result(requirement, "pass") for requirement in REQUIREMENTS]
    results[3] = Result(results[3].requirement, "fail", 'it says "no" & <nothing>')
    results[4] = Result(results[4].requirement, "exempt", "reason")
    shown = table(results)
    assert all(requirement in shown for requirement in REQUIREMENTS)
    assert 'it says "no" & <nothing>' in shown
    assert shown.endswith(f"{len(results) - 2} pass, 1 fail, 1 exempt")
    root = ElementTree.fromstring(junit("made-up", results))
    assert (root.get("tests"), root.get("failures")) == (str(len(results)), "1")
    failure = root.find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == 'it says "no" & <nothing>'


@pytest.mark.parametrize(("module", "code"), [("echo_suite", 0), ("mutant_module", 1)])
def test_the_command_judges_and_exits(tmp_path: Path, module: str, code: int) -> None:
    if module == "mutant_module":
        text = (
            "from tests.connectors.conformance.mutants import MUTANTS\nSUITE = MUTANTS['ids forgotten'][0]\n"
        )
        (tmp_path / f"{module}.py").write_text(text)
        target = module
    else:
        target = f"tests.connectors.conformance.{module}"
    done = subprocess.run(
        [sys.executable, "-m", "connectors.conformance", target, "--junit", str(tmp_path / "junit.xml")],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert ("C0801  FAIL" in done.stdout) is bool(code)
    assert ElementTree.parse(tmp_path / "junit.xml").getroot().get("failures") == str(code)


def test_the_command_wants_a_suite() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "connectors.conformance", "json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "json has no SUITE" in done.stderr


def test_a_suite_needs_no_more_than_a_manifest_and_a_config() -> None:
    bare = Suite(module="connectors.echo", manifest=suite().manifest, config={"secret": "x" * 20})
    assert bare.requests == ()
