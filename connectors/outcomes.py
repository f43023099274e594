"""What an attempt to send means for the message: done, failed, unknown, or again and when. Pure: time and chance are arguments."""

from __future__ import annotations

from typing import Literal

import msgspec

from connectors.contract import (
    Accepted,
    ConnectorError,
    Manifest,
    NeedsOperator,
    Outcome,
    Rejected,
    Retry,
    SentUnknown,
    TryLater,
    Unknown,
)
from connectors.kit.backoff import full_jitter

BACKOFF_CAP = 60.0
FEWEST_TRIES = 3
"""However long a message has waited for others of its lane, it is tried this often before its own time is over."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """How far one attempt came: `parts_done` of `parts` are accepted under `ids`, `outcome` is that of the last one tried."""

    outcome: Outcome
    parts_done: int
    parts: int
    ids: tuple[str, ...] = ()
    operator: bool = False


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be recorded. `wait` in seconds counts for `queued`; `account`: everything else of the account waits as long."""

    delivery: Literal["sent", "delivered", "failed", "unknown", "queued"]
    error: str = ""
    stopped: bool = False
    wait: float = 0.0
    account: bool = False


def outcome_of(error: BaseException) -> Outcome:
    """What an exception out of `Connector.send` means."""
    if isinstance(error, TryLater):
        return Retry(
            text=str(error), after=error.after, scope="conversation" if error.after is None else "account"
        )
    if isinstance(error, NeedsOperator):
        return Retry(text=str(error), after=BACKOFF_CAP, scope="account")
    if isinstance(error, SentUnknown):
        return Unknown(text=str(error))
    if isinstance(error, ConnectorError):
        return Rejected(text=str(error))
    if isinstance(error, TimeoutError):
        return Unknown(text="The channel did not answer in time.")
    return Unknown(text=f"The connector failed while it sent ({type(error).__name__}).")


def rule(attempt: Attempt, manifest: Manifest, attempts: int, waited: float, chance: float) -> Ruling:
    """Decide. `attempts` counts the finished ones before this; `waited` is how long the message is in the outbox."""
    outcome = attempt.outcome
    if isinstance(outcome, Accepted):
        return Ruling(delivery=outcome.state, error=outcome.text[:500])
    if isinstance(outcome, Rejected):
        return Ruling(delivery="failed", error=_told(outcome.text, attempt), stopped=outcome.stopped)
    if isinstance(outcome, Unknown):
        if not manifest.capabilities.idempotent_send:
            return Ruling(delivery="unknown", error=_told(outcome.text, attempt))
        outcome = Retry(text=outcome.text)
    wait = (
        full_jitter(attempts, chance, cap=BACKOFF_CAP) if outcome.after is None else max(outcome.after, 0.0)
    )
    tried = attempts + 1
    if (
        tried >= manifest.tries
        or (waited + wait > manifest.hold and tried >= FEWEST_TRIES)
        or wait > manifest.hold
    ):
        return Ruling(
            delivery="failed", error=_told(f"Given up after {tried} tries: {outcome.text}", attempt)
        )
    return Ruling(delivery="queued", error=outcome.text, wait=wait, account=outcome.scope == "account")


def _told(sentence: str, attempt: Attempt) -> str:
    """Say it too when a part of the message has gone out already."""
    if not attempt.parts_done:
        return sentence[:500]
    return f"{sentence[:400]} (Part {attempt.parts_done} of {attempt.parts} has been sent.)"
