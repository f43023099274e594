"""What differs between two configurations, in lines; and the two commands that ask what the files would do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from config.demo import stage
from config.differing import differences
from config.main import main
from config.opening import DEMO


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["~ a: 1 -> 2"]),
        ({"a": {"b": 1}}, {"a": {"c": [1]}}, ["- a.b: 1", "+ a.c: [1]"]),
        ([{"name": "x", "p": 1}], [{"name": "x", "p": 2}], ["~ x.p: 1 -> 2"]),
        (
            {"r": [{"name": "x"}, {"name": "y"}]},
            {"r": [{"name": "y"}, {"name": "x"}, {"name": "z"}]},
            ["+ r.z: {'name': 'z'}", "~ r: the order is now y, x"],
        ),
        ({"a": [1, 2]}, {"a": [2, 1]}, ["~ a: [1, 2] -> [2, 1]"]),
        ({"a": "x" * 300}, {}, [f"- a: {'x' * 197}..."]),
    ],
)
def test_each_kind_of_difference(before: Any, after: Any, lines: list[str]) -> None:
    assert list(differences(before, after)) == lines


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the demo, and what its files refer to."""
    monkeypatch.setenv(stage.SECRET, "whsec_c2VjcmV0IG9mIHRoZSBzYW1wbGUgYW5kIG9mIG5vYm9keQ==")
    monkeypatch.setenv(stage.PARTNER, stage.NOWHERE)
    return shutil.copytree(DEMO, tmp_path / "etc", ignore=shutil.ignore_patterns("*.py", "__pycache__"))


def test_the_command_compares_what_is_right_only(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = shutil.copytree(copy, tmp_path / "other")
    assert main(["diff", str(copy), str(other)]) == 0
    assert capsys.readouterr().out == "no difference\n"
    text = (other / "routing.yaml").read_text("utf-8")
    (other / "routing.yaml").write_text(text.replace("priority: 5", "priority: 6"), "utf-8")
    assert main(["diff", str(copy), str(other)]) == 1
    assert capsys.readouterr().out == "~ routing.rules.vip.priority: 5 -> 6\n"
    (other / "routing.yaml").write_text(text.replace("priority: 5", "priority: 66"), "utf-8")
    assert main(["diff", str(copy), str(other)]) == 2
    assert "66 is not between 0 and 9" in capsys.readouterr().err


def test_no_secret_is_needed_to_compare(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor a database's address: a reviewer has neither. A channel that is renamed is a difference all the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(stage.SECRET)
        patch.delenv(stage.PARTNER)
        other = shutil.copytree(copy, tmp_path / "other")
        channels = (other / "channels.yaml").read_text("utf-8")
        (other / "channels.yaml").write_text(channels.replace("name: Echo", "name: Parrot"), "utf-8")
        (other / "parley.yaml").write_text(
            "version: 1\nstore: ${NO_DATABASE_HERE}\nkey: ${NOR_A_KEY}\n", "utf-8"
        )
        assert main(["diff", str(copy), str(other)]) == 1
        assert capsys.readouterr().out == "~ channels.echo.name: Echo -> Parrot\n"
        assert main(["diff", str(copy), str(tmp_path / "nowhere")]) == 2
        assert "nowhere: there is no such file or folder" in capsys.readouterr().err


def test_a_conversation_that_might_come(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    item = tmp_path / "item.json"
    item.write_text(json.dumps({"text": "the app crashes", "connector": "webchat"}))
    place = ["--config", str(copy)]
    assert main(["explain", str(item), *place]) == 0
    said = capsys.readouterr().out
    assert said.startswith("rule technical, step 0, queue support, priority 0, tags technical: given to ")
    assert "lacks " in said
    assert main(["explain", str(item), "--at", "2", "--json", *place]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"]["step"] == 2
    assert main(["explain", str(item), "--at", "9", *place]) == 1
    assert "has the steps 0 to 2" in capsys.readouterr().err
    item.write_text('{"channel": "websit"}')
    assert main(["explain", str(item), *place]) == 1
    assert 'unknown channel "websit" (did you mean "website"?)' in capsys.readouterr().err
    item.write_text('{"txt": "hello"}')
    assert main(["explain", str(item), *place]) == 1
    assert f'{item}:1:2: unknown key "txt" (did you mean "text"?)' in capsys.readouterr().err


def test_a_routing_file_may_stand_for_that_of_its_folder(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (copy / "routing.yaml").read_text("utf-8")
    (copy / "next.yaml").write_text(text.replace("priority: 5", "priority: 6"), "utf-8")
    assert main(["diff", str(copy / "routing.yaml"), str(copy / "next.yaml")]) == 1
    assert capsys.readouterr().out == "~ routing.rules.vip.priority: 5 -> 6\n"
    place = ["--data", str(tmp_path / "data")]
    assert main(["check", str(copy / "next.yaml"), *place]) == 0
    assert "right; " in capsys.readouterr().out
    (copy / "next.yaml").write_text(text.replace("priority: 5", "priority: 66"), "utf-8")
    assert main(["check", str(copy / "next.yaml"), *place]) == 2
    assert "next.yaml:" in (said := capsys.readouterr().out)
    assert "66 is not between 0 and 9" in said
    alone = tmp_path / "alone.yaml"
    alone.write_text(text, "utf-8")
    assert main(["check", str(alone), *place]) == 2
    assert "this is a routing file: give the folder" in capsys.readouterr().out
