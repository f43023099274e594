"""How a decision reads in a terminal."""

from __future__ import annotations

from typing import Any

from config.explaining import lines

RECORD: dict[str, Any] = {
    "n": 7,
    "at": 0.0,
    "kind": "offer.made",
    "reason": "",
    "agent": "ann",
    "explain": {
        "rule": "german",
        "step": 1,
        "queue": "support",
        "need": ["lang.de >= 3"],
        "winner": {"agent": "ann", "name": "Ann", "why": "longest idle"},
        "losers": [{"agent": "ben", "name": "Ben", "why": "idle for 5 s less"}],
        "refused": [{"lacks": ["lang.de >= 3"], "profiles": 1, "agents": 2}],
    },
}


def test_everything_that_is_known_is_told() -> None:
    head, *rest = lines(RECORD)
    assert head.endswith("offer.made ann")
    assert rest == [
        "  rule german, step 1, queue support, needs lang.de >= 3",
        "  chosen: Ann (longest idle)",
        "  next: Ben (idle for 5 s less)",
        "  refused: 2 agents lack lang.de >= 3",
    ]


def test_an_erased_record_leaves_the_decision() -> None:
    assert len(lines({**RECORD, "explain": None, "reason": "taken"})) == 1
    assert lines({**RECORD, "explain": None, "reason": "taken"})[0].endswith("offer.made ann: taken")
