"""The record that is kept with a choice (at most 4 kB of JSON): laid down as what it refers to, written out when somebody first reads it.

It holds the rule, the step, what was needed, how many agents fit, were available and had room, why the other ability profiles were
refused (grouped by what they lack), the winner and the nearest losers by name. It holds nothing that a customer said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from router.agents import Rank
from router.durations import spoken
from router.inputs import Colleague, Item
from router.levels import due
from router.ordering import aged
from router.profiles import Signature
from router.queues import Key

NAMED = 40
"""Excluded agents that a record names at most."""

Ranked = list[tuple[Rank, Colleague]]
"""Agents with their keys under the chain, in the order in which they would be chosen."""

WON = {
    "longest_idle": "longest idle",
    "round_robin": "next in turn",
    "spare": "most room",
    "fullest": "least room",
    "preferred": "what is preferred",
    "proficiency": "most proficient",
    "opportunity": "least needed elsewhere",
    "least_skilled": "fewest skills",
    "most_skilled": "most skills",
}


class Laid(msgspec.Struct, frozen=True):
    """What a record refers to: nothing of it changes any more. `before` is the winner's key when chosen, `next_ones` who came after.

    `fit`, `available` and `profiles` count agents who fit, who were available of those, and profiles that had room.
    `place` is where it stood in line, `behind` who came next of all that could be given out then; `also` were asked, too, each by a key.
    """

    at: float
    config: str
    item: Item
    step: int
    signature: Signature
    fit: int
    available: int
    profiles: int
    excluded: frozenset[str]
    winner: Colleague
    how: str
    before: Rank
    next_ones: Sequence[tuple[Rank, Colleague]]
    refused: list[dict[str, object]]
    also: Sequence[tuple[Rank, str, int]]
    replaces: str
    place: Key
    behind: Key | None
    opened: frozenset[int]


class Record(Mapping[str, Any]):
    """One choice, read like the dictionary that it becomes when it is first read."""

    __slots__ = ("_kept",)

    def __init__(self, laid: Laid) -> None:
        self._kept: Laid | dict[str, Any] = laid

    def told(self) -> dict[str, Any]:
        """All of it, written out."""
        if isinstance(self._kept, Laid):
            self._kept = _written(self._kept)
        return self._kept

    def __getitem__(self, name: str) -> Any:
        return self.told()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.told())

    def __len__(self) -> int:
        return len(self.told())


def _written(laid: Laid) -> dict[str, Any]:
    item, signature, before = laid.item, laid.signature, laid.before
    values = dict(zip(signature.chain, before[1:-1], strict=True))
    since = values.pop("longest_idle", None)
    return {
        "v": 1,
        "at": laid.at,
        "config": laid.config,
        "rule": item.rule[:200],
        "step": laid.step,
        "queue": item.queue[:200],
        "need": [text[:100] for text in signature.words[:20]],
        "team": signature.team[:200],
        "units": item.units,
        "connector": item.connector,
        **_stood(laid),
        "waited": round(max(0.0, laid.at - item.waiting_since), 3),
        "agents": {"fit": laid.fit, "available": laid.available, "profiles_with_room": laid.profiles},
        "excluded": sorted(laid.excluded)[:NAMED],
        "winner": _named(laid.winner, laid.how, before)
        | ({"idle_since": since} if since is not None else {})
        | ({"by": values} if values else {}),
        "losers": [_named(agent, _lost(signature.chain, key, before), key) for key, agent in laid.next_ones],
        "refused": laid.refused,
        **({"also": [login for _, login, _ in laid.also]} if laid.also else {}),
        **({"also_keys": [list(key[:-1]) for key, _, _ in laid.also]} if laid.also else {}),
        **({"replaces": laid.replaces} if laid.replaces else {}),
    }


def _stood(laid: Laid) -> dict[str, Any]:
    """What its step and its place in line followed from, and who came next."""
    item, behind, level = laid.item, laid.behind, laid.item.level
    return {
        "channel": item.channel[:200],
        "asked": [text[:100] for text in item.need[:20]],
        "since": item.waiting_since,
        "place": list(_aged(laid)[:2]),
        **({"priority": item.priority} if item.priority else {}),
        **({"promised": [level.boost, due(level)]} if level is not None else {}),
        **({"open_steps": sorted(laid.opened)[:NAMED]} if laid.opened else {}),
        **({"next": {"conversation": behind[2], "place": list(behind[:2])}} if behind is not None else {}),
    }


def _aged(laid: Laid) -> Key:
    slope = laid.signature.slope
    return aged(laid.place, slope, laid.at) if slope else laid.place


def _named(agent: Colleague, why: str, key: Rank) -> dict[str, Any]:
    """An agent by name, with their key under the chain but for the id that ends it."""
    return {"agent": agent.id, "name": agent.name[:80], "why": why, "key": list(key[:-1])}


def won(signature: Signature, winner: Rank, next_ones: Sequence[tuple[Rank, Colleague]]) -> str:
    """The word of the chain by which the winner goes first."""
    if len(signature.chain) == 1:
        return WON[signature.chain[0]]
    first = next_ones[0][0] if next_ones else winner
    for word, mine, other in zip(signature.chain, winner[1:-1], first[1:-1], strict=True):
        if mine != other:
            return WON[word]
    return WON[signature.chain[0]]


def _lost(chain: tuple[str, ...], key: Rank, winner: Rank) -> str:
    if key[0] > winner[0]:
        return "not seen connected yet"
    for at, word in enumerate(chain, 1):
        if key[at] != winner[at]:
            return _behind(word, key[at], winner[at])
    return "idle as long; the id decides" if chain == ("longest_idle",) else "equal; the id decides"


def _behind(word: str, mine: float, best: float) -> str:
    if word == "longest_idle":
        return f"idle for {spoken(mine - best)} less"
    if word == "round_robin":
        return f"had a turn {spoken(mine - best)} later"
    if word == "opportunity":
        return "more needed by what else waits"
    said = {
        "spare": "{less} unit{s} less room",
        "fullest": "{less} unit{s} more room",
        "preferred": "{less} of what is preferred are lacking",
        "proficiency": "{less} level{s} less in what is asked for",
        "least_skilled": "{less} skill{s} more",
        "most_skilled": "{less} skill{s} fewer",
    }
    return said[word].format(less=f"{mine - best:g}", s="" if mine - best == 1 else "s")
