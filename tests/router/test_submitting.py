"""Decisions as commands of the stream, each with its epoch."""

from __future__ import annotations

import pytest

from router import decisions as say
from router.decisions import Decision
from router.submitting import ROUTER, command
from stream import commands as cmd


@pytest.mark.parametrize(
    ("decision", "kind", "fields"),
    [
        (
            say.Queue(
                id="c",
                queue="q",
                waiting_since=5.0,
                need=("x",),
                units=3,
                priority=2,
                rule="r",
                tags=("t",),
                language="de",
            ),
            cmd.Enqueue,
            {
                "queue": "q",
                "waiting_since": 5.0,
                "need": ("x",),
                "units": 3,
                "priority": 2,
                "rule": "r",
                "tags": ("t",),
                "language": "de",
            },
        ),
        (
            say.Offer(id="c", agent="a", units=3, expires_at=9.0, explain={"v": 1}),
            cmd.MakeOffer,
            {"agent": "a", "units": 3, "expires_at": 9.0, "offer": "off_tok", "explain": {"v": 1}},
        ),
        (say.Push(id="c", agent="a", units=1), cmd.Push, {"agent": "a", "units": 1}),
        (
            say.EndOffer(id="c", offer="o", agent="a", how="expired"),
            cmd.EndOffer,
            {"offer": "o", "how": "expired"},
        ),
        (say.HandBack(id="c", agent="a"), cmd.HandBack, {"agent": "a"}),
        (
            say.AutoReply(id="c", text="hi", once="k"),
            cmd.AutoReply,
            {"message": "msg_tok", "text": "hi", "once": "k"},
        ),
        (say.Wake(id="c"), cmd.WakeDue, {}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_decision_is_one_command_with_the_epoch(
    decision: Decision, kind: type, fields: dict[str, object]
) -> None:
    made = command(decision, 7, "tok", "space")
    assert type(made) is kind
    assert isinstance(made, cmd.Decision)
    assert (made.token, made.workspace, made.epoch, made.conversation) == ("tok", "space", 7, "c")
    for name, value in fields.items():
        assert getattr(made, name) == value


def test_setting_away_is_a_status_with_the_epoch() -> None:
    made = command(say.SetAway(agent="a", reason="why"), 7, "tok", "space")
    assert made == cmd.SetStatus(
        token="tok", workspace="space", agent="a", status="away", reason="why", by=ROUTER, epoch=7
    )
