"""Pairs turned into classes: agents of equal ability share a profile, items of equal requirement share a signature.

An ability is one bit (a queue served, a team, a skill at a level), so whether a profile fits a signature is one AND, done once when
either of them first appears and kept as bitmasks on both sides. How much work an agent holds is not an ability: see `agents`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from router.inputs import Colleague
from router.needs import Need, Wants
from router.queues import Line

Size = tuple[int, str, tuple[str, ...]]
"""What an item takes of an agent: units, and one of the cap of a connector; and the words by which agents are ranked for it."""

_BYTE: tuple[tuple[int, ...], ...] = tuple(
    tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256)
)


def bits(mask: int) -> list[int]:
    """The positions of the ones of `mask`, lowest first."""
    if not mask & (mask - 1):
        return [mask.bit_length() - 1] if mask else []
    found: list[int] = []
    if mask.bit_count() * 6 < mask.bit_length():
        while mask:
            low = mask & -mask
            found.append(low.bit_length() - 1)
            mask ^= low
        return found
    base = 0
    for byte in mask.to_bytes((mask.bit_length() + 7) >> 3, "little"):
        if byte:
            found += [base + bit for bit in _BYTE[byte]]
        base += 8
    return found


REMEMBERED = 1_024


class Profile:
    """A set of abilities (`have`), the signatures that it fits (`serves`), how many agents have it, and the sizes they have `room` for."""

    __slots__ = ("available", "have", "index", "members", "room", "serves", "skills")

    def __init__(self, index: int, have: int, skills: Mapping[str, int]) -> None:
        self.index = index
        self.have = have
        self.skills = skills
        self.serves = 0
        self.members = 0
        self.available = 0
        self.room = 0


class Ask(NamedTuple):
    """What tells one signature from another."""

    queue: str
    team: str
    wants: Wants
    size: Size
    slope: float = 0.0


class Signature:
    """A requirement, the profiles that fit it, its line of waiting items, and how many agents could ever take them.

    As bits: all of `need`, one of each of `some`, nothing of `forbid`; who has one of each of `wishes` goes first.

    `slope` is how fast its items age (0: their order does not ask). `sticky` and `chain` are how its queue chooses among agents;
    `shared`: something in the chain belongs to profiles. `ranking` is which of the agents' ranks counts. `able` is what the pools remember.
    """

    __slots__ = (
        "able", "available", "chain", "forbid", "index", "levels", "line", "members", "need", "profiles", "queue", "ranking", "refusals",
        "shared", "size", "size_index", "slope", "some", "sticky", "team", "wants", "wishes", "words",
    )  # fmt: skip

    def __init__(self, index: int, ask: Ask, size_index: int, ranking: int) -> None:
        self.index = index
        self.queue = ask.queue
        self.team = ask.team
        self.wants = ask.wants
        self.words = ask.wants.words()
        self.slope = ask.slope
        self.size = ask.size
        self.size_index = size_index
        self.ranking = ranking
        self.sticky = False
        self.chain: tuple[str, ...] = ()
        self.shared = False
        self.levels: dict[int, int] = {}
        self.need = self.forbid = 0
        self.some: tuple[int, ...] = ()
        self.wishes: tuple[int, ...] = ()
        self.profiles = 0
        self.members = 0
        self.available = 0
        self.able = (-1, 0)
        self.line = Line(index)
        self.refusals: tuple[int, list[dict[str, object]]] = (-1, [])


class Classes:
    """All profiles and signatures, who fits what, and which signatures (bits) are of each size.

    Some signature is `ageing`, or `weighing` what else waits against who could take it.

    An agent is no ability, unless a requirement names one: whoever is `named` has a profile of their own. `fresh` are those who were
    named since somebody last looked and whose profile has to be found anew.
    """

    __slots__ = (
        "_abilities", "_by_have", "_lines", "_size_index", "ageing", "by_ask", "changes", "fresh", "named", "profiles", "rankings",
        "signatures", "sized", "sizes", "weighing",
    )  # fmt: skip

    def __init__(self) -> None:
        self.profiles: list[Profile] = []
        self.signatures: list[Signature] = []
        self.sizes: list[Size] = []
        self.sized: list[int] = []
        self.ageing = self.weighing = False
        self.changes = 0
        self._lines: dict[int, tuple[Line, ...]] = {}
        self._abilities: dict[tuple[str, str, int], int] = {}
        self._by_have: dict[int, Profile] = {}
        self.by_ask: dict[tuple[object, ...], Signature] = {}
        self._size_index: dict[Size, int] = {}
        self.rankings: dict[tuple[str, ...], int] = {}
        self.named: set[str] = set()
        self.fresh: list[str] = []

    def _bit(self, kind: str, name: str, level: int = 0) -> int:
        return 1 << self._abilities.setdefault((kind, name, level), len(self._abilities))

    def have(self, agent: Colleague) -> int:
        """The abilities of an agent, one bit per level of a skill."""
        mask = 0
        for queue in agent.queues:
            mask |= self._bit("queue", queue)
        for team in agent.teams:
            mask |= self._bit("team", team, 1)
        for skill, level in agent.skills.items():
            for step in range(1, min(level, 100) + 1):
                mask |= self._bit("skill", skill, step)
        if agent.id in self.named:
            mask |= self._bit("agent", agent.id, 1)
        return mask

    def profile(self, agent: Colleague) -> Profile:
        """The profile of an agent, made when it is the first of its kind."""
        have = self.have(agent)
        known = self._by_have.get(have)
        if known is not None:
            return known
        profile = self._by_have[have] = Profile(len(self.profiles), have, agent.skills)
        self.profiles.append(profile)
        for signature in self.signatures:
            self._join(profile, signature)
        return profile

    def signature(self, ask: Ask, pick: tuple[str, ...]) -> Signature:
        """A new signature (one that `by_ask` does not have), for a queue that chooses by `pick`."""
        size, ranks = ask.size, ask.size[2]
        size_index = self._size_index.setdefault(size, len(self._size_index))
        if size_index == len(self.sizes):
            self.sizes.append(size)
            self.sized.append(0)
        self.sized[size_index] |= 1 << len(self.signatures)
        self.ageing = self.ageing or bool(ask.slope)
        ranking = self.rankings.setdefault(ranks, len(self.rankings))
        signature = self.by_ask[ask] = Signature(len(self.signatures), ask, size_index, ranking)
        signature.sticky = "sticky" in pick
        wishful = ("preferred",) if ask.wants.wishes else ()
        signature.chain = (*wishful, *(word for word in pick if word != "sticky"))
        signature.shared = len(signature.chain) > len(ranks)
        self.weighing = self.weighing or "opportunity" in signature.chain
        signature.need = self._bit("queue", ask.queue) | (self._bit("team", ask.team, 1) if ask.team else 0)
        signature.need |= self._any(ask.wants.every)
        signature.some = tuple(map(self._any, ask.wants.some))
        signature.forbid = self._any(ask.wants.none)
        signature.wishes = tuple(map(self._any, ask.wants.wishes))
        self.signatures.append(signature)
        for profile in self.profiles:
            self._join(profile, signature)
        return signature

    def _any(self, needs: Iterable[Need]) -> int:
        mask = 0
        for one in needs:
            mask |= self._bit(one.kind, one.skill, one.level)
            if one.kind == "agent" and one.skill not in self.named:
                self.named.add(one.skill)
                self.fresh.append(one.skill)
        return mask

    def _join(self, profile: Profile, signature: Signature) -> None:
        have = profile.have
        if (
            signature.need & have == signature.need
            and not signature.forbid & have
            and all(one & have for one in signature.some)
        ):
            signature.profiles |= 1 << profile.index
            signature.members += profile.members
            signature.available += profile.available
            profile.serves |= 1 << signature.index

    def lines(self, mask: int) -> tuple[Line, ...]:
        """The lines of the signatures of `mask` (bits), remembered: under load the same ones wait for whoever has the same abilities."""
        known = self._lines.get(mask)
        if known is None:
            if len(self._lines) >= REMEMBERED:
                self._lines.clear()
            known = self._lines[mask] = tuple(self.signatures[index].line for index in bits(mask))
        return known

    def of_sizes(self, sizes: int) -> int:
        """The signatures (bits) of these sizes (bits)."""
        mask = 0
        for those in self.sized:
            if sizes & 1:
                mask |= those
            sizes >>= 1
        return mask

    def count(self, profile: Profile, members: int, available: int) -> None:
        """So many more (or fewer) agents have this profile, and are available."""
        profile.members += members
        profile.available += available
        self.changes += members != 0
        for index in bits(profile.serves):
            signature = self.signatures[index]
            signature.members += members
            signature.available += available

    def lacking(self, profile: Profile, signature: Signature) -> tuple[str, ...]:
        """What a profile lacks for a signature, in words."""
        missing: list[str] = []
        if not self._bit("queue", signature.queue) & profile.have:
            missing.append(f"queue {signature.queue}")
        if signature.team and not self._bit("team", signature.team, 1) & profile.have:
            missing.append(f"team {signature.team}")
        have, wanted = profile.have, signature.wants
        missing.extend(str(one) for one in wanted.every if not self._any((one,)) & have)
        missing.extend(" | ".join(map(str, one)) for one in wanted.some if not self._any(one) & have)
        missing.extend(f"not {one}" for one in wanted.none if self._any((one,)) & have)
        return tuple(missing)
