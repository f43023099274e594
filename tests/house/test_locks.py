"""The locks hold what pyproject.toml asks for, by hash and without a host; every dependency says its licence and its reason."""

import re
import tomllib
from importlib import metadata
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house import tree

RUN, TEST = "requirements.lock", "requirements-test.lock"
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)
_COPYLEFT = re.compile(r"GPL|General Public|SSPL|EUPL|CDDL|EPL|MPL|Mozilla|Business Source", re.IGNORECASE)
_LICENCE = re.compile(r"#\s*(MIT|BSD|Apache|MPL)")


def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((tree.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return project


def _pins(lock: str) -> dict[str, str]:
    text = (tree.ROOT / lock).read_text("utf-8")
    return {canonicalize_name(match["name"]): match["version"] for match in _PIN.finditer(text)}


def _asked(lock: str) -> list[str]:
    project = _project()
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *extras["build"], *(extras["test"] if lock == TEST else [])]


@pytest.mark.parametrize("lock", [RUN, TEST])
def test_a_lock_holds_what_is_asked_for(lock: str) -> None:
    pins = _pins(lock)
    wrong = [
        text
        for text in _asked(lock)
        if not (asked := Requirement(text)).specifier.contains(pins.get(canonicalize_name(asked.name), "0"))
    ]
    assert not wrong, f"{lock} does not hold {', '.join(wrong)}: make lock"


def test_what_is_tested_is_what_runs() -> None:
    run, test = _pins(RUN), _pins(TEST)
    assert {name: test.get(name) for name in run} == run


@pytest.mark.parametrize("lock", [RUN, TEST])
def test_every_release_is_hashed_and_nothing_names_a_host(lock: str) -> None:
    text = (tree.ROOT / lock).read_text("utf-8")
    releases = re.split(r"\n(?=[A-Za-z0-9])", text)[1:]
    assert len(releases) == len(_pins(lock))
    assert all("--hash=sha256:" in release for release in releases)
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--(index|extra-index|find|trusted))", text, re.MULTILINE)


def test_every_dependency_says_its_licence_and_its_reason() -> None:
    lines = (tree.ROOT / "pyproject.toml").read_text("utf-8").splitlines()
    named = {canonicalize_name(Requirement(text).name) for text in _asked(TEST)}
    silent = [
        line.strip()
        for line in lines
        if (match := re.match(r'\s+"([A-Za-z0-9-]+)[^"]*",?(.*)$', line))
        and canonicalize_name(match[1]) in named
        and not _LICENCE.search(match[2])
    ]
    assert not silent, "\n".join(silent)


def _licence(name: str) -> str:
    said = metadata.metadata(name)
    named = [*said.get_all("License-Expression", []), *said.get_all("License", [])]
    classifiers = [text for text in said.get_all("Classifier", []) if text.startswith("License ::")]
    return " ".join([*(text.partition("\n")[0] for text in named), *classifiers])


def test_nothing_copyleft_is_imported() -> None:
    there = {canonicalize_name(found.name) for found in metadata.distributions()}
    wrong = {name: said for name in _pins(RUN) if name in there and _COPYLEFT.search(said := _licence(name))}
    assert not wrong


@pytest.mark.parametrize(
    "said", ["GPL-3.0-only", "GNU Lesser General Public License", "AGPL-3.0", "SSPL-1.0", "MPL-2.0"]
)
def test_copyleft_is_seen(said: str) -> None:
    assert _COPYLEFT.search(said)
