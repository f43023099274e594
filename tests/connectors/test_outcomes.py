"""What an attempt means: every branch of the decision, with time and chance as arguments."""

from __future__ import annotations

import msgspec
import pytest

from connectors.contract import (
    Accepted,
    Malformed,
    Manifest,
    NeedsOperator,
    Outcome,
    Rejected,
    Retry,
    SentUnknown,
    TryLater,
    Unknown,
    Unsupported,
)
from connectors.outcomes import BACKOFF_CAP, Attempt, Ruling, outcome_of, rule
from connectors.registry import manifest

ECHO = manifest("echo")
ONCE = manifest("telegram")


def ruling(
    outcome: Outcome,
    attempts: int = 0,
    waited: float = 0.0,
    chance: float = 1.0,
    face: Manifest = ONCE,
    done: int = 0,
) -> Ruling:
    return rule(Attempt(outcome=outcome, parts_done=done, parts=3), face, attempts, waited, chance)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (TryLater("down"), Retry(text="down")),
        (TryLater("down", 7.0), Retry(text="down", after=7.0, scope="account")),
        (NeedsOperator("token"), Retry(text="token", after=BACKOFF_CAP, scope="account")),
        (SentUnknown("silence"), Unknown(text="silence")),
        (Unsupported("no voice"), Rejected(text="no voice")),
        (Malformed("no"), Rejected(text="no")),
        (TimeoutError(), Unknown(text="The channel did not answer in time.")),
        (ValueError("secret"), Unknown(text="The connector failed while it sent (ValueError).")),
    ],
)
def test_errors_are_outcomes(error: Exception, outcome: Outcome) -> None:
    assert outcome_of(error) == outcome


def test_accepted() -> None:
    assert ruling(Accepted()).delivery == "sent"
    assert ruling(Accepted(state="delivered")).delivery == "delivered"


def test_rejected() -> None:
    found = ruling(Rejected(text="blocked", stopped=True), done=1)
    assert (found.delivery, found.stopped) == ("failed", True)
    assert found.error == "blocked (Part 1 of 3 has been sent.)"


def test_unknown_depends_on_whether_repeats_are_harmless() -> None:
    assert ruling(Unknown(text="?")).delivery == "unknown"
    assert ruling(Unknown(text="?"), face=ECHO).delivery == "queued"


@pytest.mark.parametrize(
    ("attempts", "chance", "wait"),
    [(0, 1.0, 1.0), (3, 1.0, 8.0), (3, 0.5, 4.0), (9, 1.0, BACKOFF_CAP), (0, 0.0, 0.0)],
)
def test_back_off_is_jittered_and_capped(attempts: int, chance: float, wait: float) -> None:
    found = ruling(Retry(text="busy"), attempts=attempts, chance=chance)
    assert (found.delivery, found.wait, found.account) == ("queued", wait, False)


def test_what_the_provider_asks_for_goes_first() -> None:
    found = ruling(Retry(text="busy", after=33.0, scope="account"), chance=0.0)
    assert (found.wait, found.account) == (33.0, True)


@pytest.mark.parametrize(
    ("attempts", "waited", "after", "given_up"),
    [
        (18, 0.0, 1.0, False),
        (19, 0.0, 1.0, True),
        (5, 598.0, 1.0, False),
        (5, 600.0, 1.0, True),
        (0, 9_000.0, 1.0, False),
        (1, 9_000.0, 1.0, False),
        (2, 9_000.0, 1.0, True),
        (0, 0.0, 601.0, True),
    ],
)
def test_when_it_is_given_up(attempts: int, waited: float, after: float, given_up: bool) -> None:
    found = ruling(Retry(text="busy", after=after), attempts=attempts, waited=waited)
    assert (found.delivery == "failed") is given_up
    if given_up:
        assert found.error == f"Given up after {attempts + 1} tries: busy"


def test_errors_are_short_enough_to_be_kept() -> None:
    assert len(ruling(Rejected(text="x" * 5_000), done=2).error) <= 500
    assert len(ruling(msgspec.structs.replace(Rejected(text="y"), text="z" * 5_000)).error) <= 500
