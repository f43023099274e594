"""What the router asks because a rule of the automation matched: all of it or nothing, once per cause."""

from __future__ import annotations

import msgspec

from stream.commands.routing import Decision


class RuleRun(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule does, in the order of these fields. `queue` or `team` None: it stays where it is; `snooze` in seconds (0: not)."""

    rule: str
    tag: tuple[str, ...] = ()
    untag: tuple[str, ...] = ()
    priority: int | None = None
    note: str = ""
    reply: str = ""
    webhooks: tuple[str, ...] = ()
    queue: str | None = None
    team: str | None = None
    snooze: float = 0.0
    resolve: bool = False


class Automate(Decision, frozen=True, kw_only=True):
    """Let `runs` act on the conversation because of `trigger`; `key` names the cause: what was done for it is a `Duplicate`.

    At most `most` such commands act on one conversation `within` so many seconds; the first one beyond that is kept as cut, the next
    are refused. `cut`: the guard has ended the chain already, only that is kept.
    """

    key: str
    trigger: str
    runs: tuple[RuleRun, ...]
    cause: int = 0
    chain: tuple[str, ...] = ()
    depth: int = 0
    cut: str = ""
    most: int = 20
    within: float = 600.0
