"""Files to a checked configuration: the corpus of broken files, includes, the bundle and its way back."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from config.catalogue import Catalogue
from config.errors import ConfigError
from config.load import load, revive
from config.references import Sources
from tests.config.conftest import CANARY, ENVIRONMENT, HERE

BROKEN = sorted((HERE / "broken").glob("*.yaml"))
EXPECT = re.compile(r"^# expect(?:-in (\S+))? (\d+:\d+) (.*)$", re.MULTILINE)


def faults(folder: Path, catalogue: Catalogue) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, ENVIRONMENT, catalogue)
    return caught.value.lines()


def test_the_corpus_is_large_enough() -> None:
    assert len(BROKEN) >= 60


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_every_fault_is_found_at_its_place(path: Path, folder: Path, catalogue: Catalogue) -> None:
    target = folder / f"{path.stem.partition('-')[0]}.yaml"
    shutil.copyfile(path, target)
    expected = [
        f"{folder / file if file else target}:{place}: {text.replace('{folder}', str(folder))}"
        for file, place, text in EXPECT.findall(path.read_text("utf-8"))
    ]
    assert expected
    assert faults(folder, catalogue) == expected


def test_a_right_folder_loads(folder: Path, catalogue: Catalogue) -> None:
    found = load(folder, ENVIRONMENT, catalogue)
    assert found.house.channels["desk"].config.token.reveal() == CANARY
    assert [agent.agent for agent in found.house.agents] == ["ann", "sam"]
    assert found.house.agents[0].queues == ("support",)
    assert found.house.agents[1].teams == ("front",)
    assert found.house.agents[0].capacity == 10
    assert found.warnings == ()


def test_faults_of_all_files_come_at_once(folder: Path, catalogue: Catalogue) -> None:
    for name in ("parley-unknown-key", "channels-own-check", "team-unknown-skill"):
        shutil.copyfile(HERE / "broken" / f"{name}.yaml", folder / f"{name.partition('-')[0]}.yaml")
    (folder / "routing.yaml").write_text("queues: {support: {}}\nrules: 3\n")
    assert [line.partition(":")[0].rpartition("/")[2] for line in faults(folder, catalogue)] == [
        "channels.yaml",
        "parley.yaml",
        "routing.yaml",
    ]


def test_a_fault_in_a_channel_hides_none_in_routing_and_team(folder: Path, catalogue: Catalogue) -> None:
    for name in ("channels-own-check", "routing-unknown-skill", "team-unknown-skill"):
        shutil.copyfile(HERE / "broken" / f"{name}.yaml", folder / f"{name.partition('-')[0]}.yaml")
    assert {line.partition(":")[0].rpartition("/")[2] for line in faults(folder, catalogue)} == {
        "channels.yaml",
        "routing.yaml",
        "team.yaml",
    }


def test_one_file_with_inline_sections(tmp_path: Path, folder: Path, catalogue: Catalogue) -> None:
    text = "version: 1\n"
    for name in ("channels", "team", "routing"):
        inner = (folder / f"{name}.yaml").read_text()
        text += f"{name}:\n" + "".join(f"  {line}\n" for line in inner.splitlines())
    (tmp_path / "one.yaml").write_text(text)
    whole = load(tmp_path / "one.yaml", ENVIRONMENT, catalogue)
    assert whole.bundle(b"k") == load(folder, ENVIRONMENT, catalogue).bundle(b"k")


def test_a_section_in_several_files(folder: Path, catalogue: Catalogue) -> None:
    (folder / "parley.yaml").write_text("include: {team: [team.yaml, more.yaml]}\n")
    (folder / "more.yaml").write_text("agents:\n  bob: {teams: [front]}\n")
    assert [one.agent for one in load(folder, ENVIRONMENT, catalogue).house.agents] == ["ann", "sam", "bob"]


def test_a_folder_without_the_main_file(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(ConfigError, match=r"parley\.yaml: there is no such file"):
        load(tmp_path, ENVIRONMENT, catalogue)


def test_rules_may_stand_in_several_files_and_keep_their_places(folder: Path, catalogue: Catalogue) -> None:
    (folder / "parley.yaml").write_text("include: {routing: [vip.yaml, routing.yaml]}\n")
    (folder / "vip.yaml").write_text(
        "attributes: [tier]\nqueues: {vip: {}}\nrules:\n"
        "  - {name: vip, when: contact.tier == 'gold', queue: support}\n"
    )
    plan = load(folder, ENVIRONMENT, catalogue).house.plan
    assert [rule.name for rule in plan.rules.rules] == ["vip", "all"]
    assert set(plan.queues) == {"vip", "support"}
    (folder / "vip.yaml").write_text("rules:\n  - {name: all, queue: suport}\n")
    found = faults(folder, catalogue)
    assert f'{folder}/vip.yaml:2:24: unknown queue "suport" (did you mean "support"?)' in found


def test_a_queue_that_nobody_serves_is_a_warning(folder: Path, catalogue: Catalogue) -> None:
    text = (
        (folder / "routing.yaml")
        .read_text()
        .replace("  support: {name: Support}", "  support: {}\n  sales: {}")
    )
    (folder / "routing.yaml").write_text(text)
    found = load(folder, ENVIRONMENT, catalogue).warnings
    assert [str(warning) for warning in found] == [
        f'{folder}/routing.yaml:7:3: no agent serves the queue "sales"',
        f'{folder}/routing.yaml:7:3: no rule fills the queue "sales"',
    ]


def test_secrets_are_not_in_the_bundle_and_a_new_one_changes_the_hash(
    folder: Path, catalogue: Catalogue
) -> None:
    bundle, digest = load(folder, ENVIRONMENT, catalogue).bundle(b"key")
    assert CANARY not in str(bundle)
    assert bundle["channels"]["desk"]["config"]["token"] == "${DESK_TOKEN}"
    other, changed = load(folder, {**ENVIRONMENT, "DESK_TOKEN": "another one"}, catalogue).bundle(b"key")
    assert changed != digest
    assert {**other, "secrets": ""} == {**bundle, "secrets": ""}


def test_the_order_of_keys_does_not_change_the_hash(folder: Path, catalogue: Catalogue) -> None:
    before = load(folder, ENVIRONMENT, catalogue).bundle(b"key")[1]
    (folder / "channels.yaml").write_text(
        "desk: {config: {token: '${DESK_TOKEN}', url: 'https://example.org'}, connector: sample}"
    )
    assert load(folder, ENVIRONMENT, catalogue).bundle(b"key")[1] == before


def test_a_bundle_is_read_back_with_this_process_s_secrets(folder: Path, catalogue: Catalogue) -> None:
    bundle, digest = load(folder, ENVIRONMENT, catalogue).bundle(b"key")
    house = revive(bundle, Sources(environment={"DESK_TOKEN": "mine"}, folder=folder), catalogue)
    assert house.channels["desk"].config.token.reveal() == "mine"
    assert house.plan.hash == digest
    assert house.agents == load(folder, ENVIRONMENT, catalogue).house.agents


def test_a_bundle_whose_secret_is_missing_here(folder: Path, catalogue: Catalogue) -> None:
    bundle, _ = load(folder, ENVIRONMENT, catalogue).bundle(b"key")
    with pytest.raises(ConfigError, match="the environment variable DESK_TOKEN is not set"):
        revive(bundle, Sources(environment={}, folder=folder), catalogue)


def test_a_connector_that_quotes_a_secret_is_redacted(folder: Path, catalogue: Catalogue) -> None:
    text = (folder / "channels.yaml").read_text().replace("example.org", "example.org/echo")
    (folder / "channels.yaml").write_text(text)
    (line,) = faults(folder, catalogue)
    assert line.endswith("channels.yaml:4:10: does not fit ****")
    assert CANARY not in line


def test_a_process_without_channels_needs_no_secrets_of_theirs(folder: Path, catalogue: Catalogue) -> None:
    bundle, digest = load(folder, ENVIRONMENT, catalogue).bundle(b"key")
    house = revive(bundle, Sources(environment={}, folder=folder), catalogue, blocks=False)
    assert house.channels["desk"].config is None
    assert house.plan.hash == digest
    assert load(folder, {}, catalogue, roles=("router",)).house.channels["desk"].connector == "sample"


def test_a_file_may_include_more_of_its_kind(folder: Path, catalogue: Catalogue) -> None:
    text = (folder / "routing.yaml").read_text()
    (folder / "routing.yaml").write_text(f"include: [rules/vip.yaml, rules/late.yaml]\n{text}")
    (folder / "rules").mkdir()
    (folder / "rules" / "vip.yaml").write_text(
        "include: more.yaml\nrules:\n  - {name: vip, when: returning, queue: support}\n"
    )
    (folder / "rules" / "more.yaml").write_text("rules:\n  - {name: more, when: automatic, queue: support}\n")
    (folder / "rules" / "late.yaml").write_text("queues: {late: {}}\n")
    plan = load(folder, ENVIRONMENT, catalogue).house.plan
    assert [rule.name for rule in plan.rules.rules] == ["more", "vip", "all"]
    assert set(plan.queues) == {"late", "support"}
    assert "include" not in load(folder, ENVIRONMENT, catalogue).bundle(b"k")[0]["routing"]


def test_files_that_include_each_other(folder: Path, catalogue: Catalogue) -> None:
    text = (folder / "routing.yaml").read_text()
    (folder / "routing.yaml").write_text(f"include: [a.yaml, b.yaml, nowhere.yaml, 5]\n{text}")
    (folder / "a.yaml").write_text("include: [b.yaml]\n")
    (folder / "b.yaml").write_text("include: [routing.yaml]\n")
    (folder / "team.yaml").write_text("agnts: {}\n")
    assert faults(folder, catalogue) == [
        f"{folder}/b.yaml:1:11: this file includes itself: routing.yaml -> a.yaml -> b.yaml -> routing.yaml",
        f"{folder}/routing.yaml:1:10: expected a file, or a list of files",
        f"{folder}/routing.yaml:1:19: {folder}/b.yaml is included already",
        f"{folder}/routing.yaml:1:27: {folder}/nowhere.yaml cannot be read: No such file or directory",
        f'{folder}/team.yaml:1:1: unknown key "agnts" (did you mean "agents"?)',
    ]


def test_files_that_no_system_gives(folder: Path, catalogue: Catalogue) -> None:
    text = (folder / "routing.yaml").read_text()
    (folder / "loop.yaml").symlink_to("loop.yaml")
    for name in (r"a\0b.yaml", "loop.yaml", "x" * 5_000):
        (folder / "routing.yaml").write_text(f'include: "{name}"\n{text}')
        (told,) = faults(folder, catalogue)
        assert told.startswith(f"{folder}/routing.yaml:1:10: ")
        assert "cannot be read: " in told
    (folder / "round").symlink_to(".")
    (folder / "routing.yaml").write_text(f"include: round/routing.yaml\n{text}")
    told_of = "more than 64 files are included", "Too many levels of symbolic links"
    assert any(line.endswith(told_of) for line in faults(folder, catalogue))
