"""A canary: changed rules for a stable share of contacts, watched beside the others, and given up when a stated condition comes true. Pure.

Figures are those of one term of the router: after a change of leader both sides are counted anew; that a canary was given up is kept
with the active configuration (`config.canary`).
"""

from __future__ import annotations

from hashlib import sha256
from typing import Literal

import msgspec

from router.rules import Rules


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """When to give it up, once both sides have `after` conversations that were served or left (`errors`: at once).

    `wait`: its mean wait is more than so many times that of the others, and `wait_more` seconds longer. `level`: the share served
    `within` seconds is lower by more than this. `left`: the share that left unserved is higher by more than this. `errors`: more than
    so many could be given to nobody, or their placing was refused. None: not asked.
    """

    after: int = 200
    wait: float | None = None
    wait_more: float = 5.0
    within: float = 20.0
    level: float | None = None
    left: float | None = None
    errors: int | None = None


class GuardEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As it is written: when a canary is given up, once both sides have `after` conversations served or left (`errors`: at once).

    `wait`: its mean wait is more than so many times the others', and `wait_more` longer. `level`: the share served `within` a while is lower
    by more (0.05: five points). `left`: the share that left unserved is higher by more. `errors`: more than so many found nobody.
    """

    after: int = 200
    wait: float | None = None
    wait_more: str = "5s"
    within: str = "20s"
    level: float | None = None
    left: float | None = None
    errors: int | None = None


class Canary(msgspec.Struct, frozen=True, kw_only=True):
    """`rules` (their names begin with `name` and a colon) decide for a `share` of contacts or conversations. `ended`: why no longer.

    `mark` is another one whenever anything about it is.
    """

    name: str
    rules: Rules
    share: float
    by: Literal["contact", "conversation"] = "contact"
    guard: Guard = Guard()
    file: str = ""
    mark: str = ""
    ended: str = ""

    def takes(self, contact: str, ident: str) -> bool:
        """Whether this conversation is in the share: always the same answer for one contact, also when the share grows."""
        key = (contact or ident) if self.by == "contact" else ident
        drawn = int.from_bytes(sha256(f"{self.name}\0{key}".encode()).digest()[:8])
        return drawn < self.share * 2**64

    @property
    def title(self) -> str:
        """How people are told of it."""
        return f"canary {self.name} ({self.file})" if self.file else f"canary {self.name}"


def bare(canary: Canary) -> Rules:
    """Its rules by the names that its file gives them."""
    rules = [msgspec.structs.replace(rule, name=rule.name.partition(":")[2]) for rule in canary.rules.rules]
    return msgspec.structs.replace(
        canary.rules, rules=tuple(rules), by_name={rule.name: rule for rule in rules}
    )


class Side(msgspec.Struct):
    """What was seen of the canary's conversations, or of the others'."""

    served: int = 0
    left: int = 0
    waited: float = 0.0
    within: int = 0
    errors: int = 0

    @property
    def ended(self) -> int:
        """Those that were served or left."""
        return self.served + self.left

    @property
    def mean(self) -> float:
        """Seconds until somebody had it."""
        return self.waited / self.served if self.served else 0.0


class Watch:
    """Counts both sides. `reason` says why the canary was given up, once it was. Memory: a row for each that waits."""

    def __init__(self, canary: Canary) -> None:
        self.canary = canary
        self.reason = canary.ended
        self.own, self.others = Side(), Side()
        self._waiting: dict[str, tuple[bool, float]] = {}

    @property
    def on(self) -> bool:
        """Whether its rules decide."""
        return not self.reason

    def came(self, ident: str, since: float, *, own: bool) -> None:
        """A conversation was placed."""
        self._waiting.setdefault(ident, (own, since))

    def given(self, ident: str, at: float) -> None:
        """Somebody has it."""
        known = self._waiting.pop(ident, None)
        if known is None:
            return
        own, since = known
        side = self.own if own else self.others
        wait = max(0.0, at - since)
        side.served += 1
        side.waited += wait
        side.within += wait <= self.canary.guard.within

    def gone(self, ident: str) -> None:
        """It was resolved; if nobody ever had it, it left."""
        known = self._waiting.pop(ident, None)
        if known is not None:
            side = self.own if known[0] else self.others
            side.left += 1

    def failed(self, ident: str) -> None:
        """Nobody could ever have it, or its placing was refused."""
        known = self._waiting.get(ident)
        if known is not None:
            side = self.own if known[0] else self.others
            side.errors += 1

    def judge(self) -> str:
        """Why the canary is given up now; "" to go on."""
        if self.reason:
            return ""
        self.reason = worse(self.canary.guard, self.own, self.others)
        return self.reason

    def figures(self) -> dict[str, float]:
        """Both sides, for the metrics."""
        return {
            f"canary_{name}_{figure}": float(getattr(side, figure))
            for name, side in (("own", self.own), ("others", self.others))
            for figure in ("served", "left", "errors", "mean")
        }


def watching(canary: Canary | None, before: Watch | None) -> Watch | None:
    """What watches under another plan: the same canary is watched on."""
    if canary is None:
        return None
    if before is not None and before.canary.mark == canary.mark and not canary.ended:
        return before
    return Watch(canary)


def worse(guard: Guard, own: Side, others: Side) -> str:
    """The first condition that is true of these figures, in words; "" for none."""
    if guard.errors is not None and own.errors > guard.errors:
        return (
            f"{own.errors} conversations could not be placed or given to anybody; {guard.errors} are allowed"
        )
    if min(own.ended, others.ended) < guard.after:
        return ""
    if (
        guard.wait is not None
        and own.mean > others.mean * guard.wait
        and own.mean - others.mean > guard.wait_more
    ):
        return f"the mean wait is {own.mean:.1f} s against {others.mean:.1f} s, more than {guard.wait:g} times as long"
    levels = own.within / own.ended, others.within / others.ended
    if guard.level is not None and levels[1] - levels[0] > guard.level:
        return f"{levels[0]:.1%} were served within {guard.within:g} s against {levels[1]:.1%}"
    shares = own.left / own.ended, others.left / others.ended
    if guard.left is not None and shares[0] - shares[1] > guard.left:
        return f"{shares[0]:.1%} left unserved against {shares[1]:.1%}"
    return ""
