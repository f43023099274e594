"""How an explanation reads in a terminal."""

from __future__ import annotations

from typing import Any

from config.explaining import lines

RECORD: dict[str, Any] = {
    "rule": "german",
    "step": 1,
    "queue": "support",
    "need": ["lang.de >= 3"],
    "winner": {"agent": "ann", "name": "Ann", "why": "longest idle"},
    "losers": [{"agent": "ben", "name": "Ben", "why": "idle for 5 s less"}],
    "refused": [{"lacks": ["lang.de >= 3"], "profiles": 1, "agents": 2}],
}
TOLD: dict[str, Any] = {
    "conversation": "cnv_1",
    "status": "open",
    "queue": "support",
    "assignee": "ann",
    "rule": "german",
    "need": [],
    "decisions": [
        {"n": 7, "at": 0.0, "type": "offer.made", "agent": "ann", "record": RECORD},
        {
            "n": 8,
            "at": 0.0,
            "type": "conversation.assigned",
            "agent": "ann",
            "how": "taken",
            "reason": "by hand",
        },
    ],
    "now": {
        "phase": "held",
        "need": ["lang.de >= 3"],
        "agents": [{"name": "Ann", "why_not": ""}, {"name": "Ben", "why_not": "lacks lang.de >= 3"}],
    },
}


def test_everything_that_is_known_is_told() -> None:
    said = list(lines(TOLD))
    assert said[0] == "cnv_1: open, queue support, with ann"
    assert said[1].endswith("offer.made ann")
    assert said[2:6] == [
        "  rule german, step 1, queue support, needs lang.de >= 3",
        "  chosen: Ann (longest idle)",
        "  next: Ben (idle for 5 s less)",
        "  refused: 2 agents lack lang.de >= 3",
    ]
    assert said[6].endswith("conversation.assigned ann taken: by hand")
    assert said[7:] == [
        "everybody now (held, needs lang.de >= 3):",
        "  Ann: could have it",
        "  Ben: lacks lang.de >= 3",
    ]


def test_without_decisions_and_queue() -> None:
    told = {**TOLD, "queue": "", "assignee": "", "decisions": [], "now": None}
    assert list(lines(told)) == ["cnv_1: open, queue none"]


def test_who_could_have_had_it_then_is_not_known_of_a_trimmed_journal() -> None:
    assert "everybody at the newest choice: not known any more" in "\n".join(lines({**TOLD, "then": None}))
    assert "not known" not in "\n".join(lines(TOLD))
