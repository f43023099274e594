"""A fault of shape hides no deeper one of the same file, and makes none that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import mending
from config.catalogue import Catalogue
from config.errors import ConfigError
from config.leaves import BROKEN
from config.load import load
from config.mending import Mended
from config.references import Sources
from config.settings import TeamFile
from config.yaml_positions import parse, plain
from tests.config.conftest import ENVIRONMENT

TEAM = """teams:
  front: {name: Front, queues: [support]}
agents:
  ann: {teams: [front], capacity: many, skills: {lang.ed: 5}}
  sam: {teams: [frnt], role: boss}
"""
ROUTING = """version: 1
skills: {lang.de: {levels: 5}}
queues:
  support: {name: Support}
  billing: {name: [no]}
rules:
  - {name: one, when: channel == "desk", queue: billing, need: [lang.de >= 9]}
  - {name: two, when: channel == "dsk", queue: 3}
  - {name: all, queue: suport}
"""


def faults(folder: Path, catalogue: Catalogue) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, ENVIRONMENT, catalogue)
    return [line.rpartition("/")[2] for line in caught.value.lines()]


def test_a_fault_of_shape_in_the_team_hides_no_deeper_one(folder: Path, catalogue: Catalogue) -> None:
    (folder / "team.yaml").write_text(TEAM)
    assert faults(folder, catalogue) == [
        'team.yaml:4:35: expected a whole number, got the text "many"',
        'team.yaml:4:50: unknown skill "lang.ed" (did you mean "lang.de"?)',
        'team.yaml:5:17: unknown team "frnt" (did you mean "front"?)',
        'team.yaml:5:30: expected one of admin, agent, supervisor, got "boss"',
    ]


def test_a_fault_of_shape_in_the_routing_hides_no_deeper_one(folder: Path, catalogue: Catalogue) -> None:
    (folder / "routing.yaml").write_text(ROUTING)
    found = faults(folder, catalogue)
    assert [line.partition(": ")[0] for line in found] == [
        "routing.yaml:5:19",
        "routing.yaml:7:76",
        "routing.yaml:8:48",
        "routing.yaml:9:24",
    ]
    assert 'unknown queue "suport"' in found[3]


def test_faults_of_shape_in_two_files_hide_nothing_in_either(folder: Path, catalogue: Catalogue) -> None:
    (folder / "team.yaml").write_text(TEAM)
    (folder / "routing.yaml").write_text(ROUTING)
    assert len(faults(folder, catalogue)) == 8


def test_nothing_is_said_to_be_missing_that_is_only_wrong(folder: Path, catalogue: Catalogue) -> None:
    text = (folder / "routing.yaml").read_text()
    for good, bad in (
        ("support: {name: Support}", "support: 7"),
        ("tags: [bill]", "tags: bill"),
        ("billing: {levels: 3}", "billing: {levels: no}"),
        ("lang.de: {levels: 5}", "lang.de: 5"),
        ("sample: {weight: 2}", "sample: heavy"),
    ):
        assert good in text
        (folder / "routing.yaml").write_text(text.replace(good, bad))
        assert len(faults(folder, catalogue)) == 1, bad
    (folder / "routing.yaml").write_text(text)
    text = (folder / "team.yaml").read_text()
    for good, bad in (
        ("front: {name", "front: {nmae"),
        ("role: supervisor", "role: chief"),
        ("Ann,", "[Ann],"),
    ):
        assert good in text
        (folder / "team.yaml").write_text(text.replace(good, bad))
        assert len(faults(folder, catalogue)) == 1, bad


def test_a_channel_that_is_wrong_hides_no_fault_of_another(folder: Path, catalogue: Catalogue) -> None:
    (folder / "channels.yaml").write_text(
        "desk: {connector: sample, enabled: perhaps, config: {url: 1}}\nother: {connector: nothing}\n"
    )
    found = faults(folder, catalogue)
    assert [line.partition(": ")[0] for line in found] == [
        "channels.yaml:1:36", "channels.yaml:1:53", "channels.yaml:1:59", "channels.yaml:2:20",
    ]  # fmt: skip


def test_a_section_that_is_wrong_all_over_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = Sources(environment={}, folder=Path())
    tree = parse(b"agents: {a: 1, b: 2, c: {capacity: x, name: C}}", "team.yaml")
    whole = Mended(tree, TeamFile, sources)
    assert list(whole.value.agents) == ["c"]
    assert whole.names == {"agents", "a", "1", "b", "2", "c", "capacity", "x"}
    assert plain(whole.tree) == {"agents": {"c": {"name": "C"}}}
    monkeypatch.setattr(mending, "ROUNDS", 2)
    assert Mended(tree, TeamFile, sources).value is BROKEN
    assert Mended(parse(b"3", "team.yaml"), TeamFile, sources).value is BROKEN
