"""The check against providers' specifications: it lets pass what is specified and names what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.spec_check import FILES, READ_AS, judge_calls, judge_types, main, our_calls

SPEC: dict[str, Any] = {
    "methods": {
        "sendThing": {
            "fields": [
                {"name": "chat_id", "types": ["Integer", "String"], "required": True},
                {"name": "thing", "types": ["InputFile"], "required": True},
                {"name": "words", "types": ["Array of String"], "required": False},
                {"name": "about", "types": ["About"], "required": False},
            ]
        }
    },
    "types": {"About": {"fields": [{"name": "id", "types": ["Integer"], "required": True}]}},
}


def test_what_is_specified_passes() -> None:
    assert (
        judge_calls(SPEC, [("sendThing", {"chat_id": 1, "words": ["a"], "about": {"id": 1}}, {"thing"})])
        == []
    )


@pytest.mark.parametrize(
    ("method", "params", "files", "says"),
    [
        ("sendNothing", {}, set(), "no such method"),
        ("sendThing", {"chat_id": 1}, set(), "thing is required"),
        ("sendThing", {"chat_id": 1, "more": 1}, {"thing"}, "no parameter more"),
        ("sendThing", {"chat_id": 1.5}, {"thing"}, "chat_id = 1.5 is none of"),
        ("sendThing", {"chat_id": True}, {"thing"}, "chat_id = True is none of"),
        ("sendThing", {"chat_id": 1, "words": "a"}, {"thing"}, "words = 'a' is none of"),
        ("sendThing", {"chat_id": 1, "about": {"id": "x"}}, {"thing"}, "about = "),
        ("sendThing", {"chat_id": 1, "about": {}}, {"thing"}, "about = "),
        ("sendThing", {"thing": "x"}, {"chat_id"}, "chat_id takes no file"),
    ],
)
def test_what_is_not_specified_is_named(
    method: str, params: dict[str, Any], files: set[str], says: str
) -> None:
    assert any(says in fault for fault in judge_calls(SPEC, [(method, params, files)]))


async def test_every_kind_of_request_is_judged() -> None:
    methods = {method for method, _params, _files in await our_calls()}
    assert methods == {
        "sendMessage", "sendPhoto", "sendDocument", "sendChatAction", "getMe", "getFile", "getUpdates", "getWebhookInfo", "setWebhook",
    }  # fmt: skip


def test_structs_are_judged_by_their_fields() -> None:
    nothing: dict[str, Any] = {"types": {name: {"fields": []} for name in (*READ_AS, *FILES)}}
    faults = judge_types(nothing)
    assert "Update: there is no field update_id" in faults
    assert "files: there is no field file_id" in faults


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    (tmp_path / "telegram").mkdir()
    types: dict[str, Any] = {name: {"fields": []} for name in (*READ_AS, *FILES)}
    (tmp_path / "telegram" / "api.json").write_text(json.dumps({"methods": {}, "types": types}))
    assert main([str(tmp_path)]) == 1
    assert "sendMessage: there is no such method" in capsys.readouterr().out
