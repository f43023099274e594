"""Whom to choose among those who fit and have room: the words of a chain, and the key that each agent gets by it. Pure.

sticky         who holds a conversation of the same contact, then who had this one last (`choosing` looks for them first)
longest_idle   who took work, was done with some or came online longest ago
round_robin    who was given work longest ago
spare          who has the most units left
fullest        who has the fewest units left, so that others stay free for heavy work
proficiency    the highest sum of levels in the skills that are asked for
opportunity    who is least needed by everything else that waits: conversations per agent who could take one of them now
least_skilled  the fewest skills, so that those with many stay free
most_skilled   the most skills

Where anything is wished for (`prefer ...`), whoever has more of it goes before all of these.

Connected agents go before those who are only presumed to be there, whatever the chain says; the id ends every chain. What an agent has
of their own orders them within their profile (`agents`); what a profile has is the same for all of its agents and compared between
profiles only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from router.agents import Pools
from router.profiles import Profile, Signature, bits

OWN = ("longest_idle", "round_robin", "spare", "fullest")
SHARED = ("proficiency", "opportunity", "least_skilled", "most_skilled")
WORDS = ("sticky", *OWN, *SHARED)
SCALE = 1_000_000
"""Demand is counted in whole millionths, so that sums do not depend on their order."""

Chain = tuple[str, ...]


def whole(chain: Chain) -> Chain:
    """The chain without `sticky`, ended by `longest_idle` unless it says whose turn it is."""
    rest = tuple(word for word in chain if word != "sticky")
    return rest if "longest_idle" in rest or "round_robin" in rest else (*rest, "longest_idle")


def own(chain: Chain) -> Chain:
    """What of a whole chain belongs to the agent alone."""
    return tuple(word for word in chain if word in OWN)


def key(
    pools: Pools, busy: int, signature: Signature, profile: Profile, rank: tuple[Any, ...]
) -> tuple[Any, ...]:
    """An agent's key under a whole chain: their rank with what their profile adds in between. `busy`: where anything waits, as bits."""
    values: list[Any] = [rank[0]]
    at = 1
    for word in signature.chain:
        if word in OWN:
            values.append(rank[at])
            at += 1
        else:
            values.append(_SHARED[word](pools, busy, signature, profile))
    values.append(rank[-1])
    return tuple(values)


def _proficiency(_pools: Pools, _busy: int, signature: Signature, profile: Profile) -> int:
    known = signature.levels.get(profile.index)
    if known is None:
        known = signature.levels[profile.index] = -sum(
            max(profile.skills.get(need.skill, 0) for need in one)
            for one in (*((need,) for need in signature.wants.every), *signature.wants.some, *signature.wants.wishes)
        )  # fmt: skip
    return known


def _opportunity(pools: Pools, busy: int, _signature: Signature, profile: Profile) -> int:
    total = 0
    for index in bits(profile.serves & busy):
        other = pools.classes.signatures[index]
        total += other.line.live * (SCALE // max(1, pools.able(other)))
    return total


def _preferred(_pools: Pools, _busy: int, signature: Signature, profile: Profile) -> int:
    return -sum(1 for one in signature.wishes if one & profile.have)


_SHARED: dict[str, Callable[[Pools, int, Signature, Profile], int]] = {
    "preferred": _preferred,
    "proficiency": _proficiency,
    "opportunity": _opportunity,
    "least_skilled": lambda _pools, _busy, _signature, profile: len(profile.skills),
    "most_skilled": lambda _pools, _busy, _signature, profile: -len(profile.skills),
}
