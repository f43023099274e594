"""What happens to a conversation's service level: its clocks are set, a target is at risk, is breached, or is escalated further.

The times of a target are facts of its clock (`stream.model.Target`), so a reader can show what is due without knowing the hours.
"""

from __future__ import annotations

from stream.happening import ConversationEvent
from stream.model import ServiceLevel


class LevelSet(ConversationEvent, tag="level.set", frozen=True, kw_only=True):
    """The clocks are now like this (None: none run any more). The first `heard` turns that were noted count as taken in."""

    level: ServiceLevel | None = None
    heard: int = 0


class LevelReached(ConversationEvent, frozen=True, kw_only=True):
    """Base: the clock of `target` in its `round` has come to `mark` seconds of the `within` that it may take.

    `boost` seconds of head start are added to its place in line; `told` are the agents who are told; `named` of
    them may see it from now on who could not before.
    """

    level: str
    target: str
    round: int
    mark: float
    within: float
    due_at: float = 0.0
    boost: float = 0.0
    told: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    reason: str = ""
    explain: str = ""


class LevelAtRisk(LevelReached, tag="level.at_risk", frozen=True, kw_only=True):
    """It is not yet due and will be soon."""


class LevelBreached(LevelReached, tag="level.breached", frozen=True, kw_only=True):
    """It is due, and nothing has fulfilled it."""


class LevelEscalated(LevelReached, tag="level.escalated", frozen=True, kw_only=True):
    """A later step of its chain: it is still at risk, or still late."""
