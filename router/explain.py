"""Why an item went where it went: the record that is kept with the decision (at most 4 kB of JSON), and the full list on demand.

A record holds the rule, the step, what was needed, how many agents fit, were available and had room, why the other ability profiles
were refused (grouped by what they lack), the winner and the nearest losers by name. It holds nothing that a customer said.
"""

from __future__ import annotations

from heapq import nsmallest
from typing import Any

from router import keeping, stepping
from router.agents import ABSENT, Agent, Rank
from router.board import Board
from router.durations import spoken
from router.items import Entry, Phase
from router.picking import key as key_under
from router.profiles import Signature

LOSERS = 3
GROUPS = 8
NAMED = 40
"""Excluded agents that a record names at most."""


Ranked = list[tuple[Rank, Agent]]
"""Agents with their keys under the chain, in the order in which they would be chosen."""

_WON = {
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


def record(
    board: Board, signature: Signature, entry: Entry, winner: Agent, how: str, before: Rank, next_ones: Ranked, profiles: int
) -> dict[str, Any]:  # fmt: skip
    """The record of one choice, just made. `before` is the winner's key when chosen, `next_ones` those who came after."""
    item = entry.item
    idle = signature.chain == ("longest_idle",)
    values = {} if idle else dict(zip(signature.chain, before[1:-1], strict=True))
    since = before[1] if idle else values.pop("longest_idle", None)
    return {
        "v": 1,
        "at": board.now,
        "config": board.plan.hash,
        "rule": item.rule[:200],
        "step": entry.step,
        "queue": item.queue[:200],
        "need": [text[:100] for text in signature.words[:20]],
        "team": signature.team[:200],
        "units": item.units,
        "connector": item.connector,
        "waited": round(max(0.0, board.now - item.waiting_since), 3),
        "agents": {
            "fit": signature.members,
            "available": signature.available,
            "profiles_with_room": profiles,
        },
        "excluded": sorted(entry.excluded)[:NAMED],
        "winner": _named(winner, how)
        | ({"idle_since": since} if since is not None else {})
        | ({"by": values} if values else {}),
        "losers": [_named(agent, _lost(signature.chain, key, before)) for key, agent in next_ones],
        "refused": refusals(board, signature),
    }


def _named(agent: Agent, why: str) -> dict[str, Any]:
    return {"agent": agent.facts.id, "name": agent.facts.name[:80], "why": why}


def ranked(board: Board, signature: Signature, entry: Entry, winner: Agent, tops: list[Agent]) -> Ranked:
    """The next ones of all profiles with room; of the winner's own it is whoever comes after."""
    if not tops:
        return []
    others = [agent for agent in tops if agent is not winner]
    second = board.pools.top(signature.size_index, winner.profile.index, entry.excluded | {winner.facts.id})
    if second is not None:
        others.append(second)
    ranking = signature.ranking
    if signature.shared:
        return nsmallest(LOSERS, [(under(board, signature, agent), agent) for agent in others])
    others.sort(key=lambda agent: agent.ranks[ranking])
    return [(agent.ranks[ranking], agent) for agent in others[:LOSERS]]


def under(board: Board, signature: Signature, agent: Agent) -> Rank:
    """An agent's key under the chain of a signature's queue; the least goes next."""
    rank = agent.ranks[signature.ranking]
    return key_under(board.classes, board.busy, signature, agent.profile, rank) if signature.shared else rank


def won(signature: Signature, winner: Rank, next_ones: Ranked) -> str:
    """The word of the chain by which the winner goes first."""
    if len(signature.chain) == 1:
        return _WON[signature.chain[0]]
    first = next_ones[0][0] if next_ones else winner
    for word, mine, other in zip(signature.chain, winner[1:-1], first[1:-1], strict=True):
        if mine != other:
            return _WON[word]
    return _WON[signature.chain[0]]


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
        "spare": "{less} units less room",
        "fullest": "{less} units more room",
        "preferred": "{less} of what is preferred are lacking",
        "proficiency": "{less} levels less in what is asked for",
        "least_skilled": "{less} skills more",
        "most_skilled": "{less} skills fewer",
    }
    return said[word].format(less=f"{mine - best:g}")


def refusals(board: Board, signature: Signature) -> list[dict[str, object]]:
    """Why ability profiles do not fit, grouped by what they lack, with counts; worked out again only when the team has changed."""
    stamp, groups = signature.refusals
    if stamp == board.classes.changes:
        return groups
    counts: dict[tuple[str, ...], list[int]] = {}
    for profile in board.classes.profiles:
        if profile.members and not signature.profiles >> profile.index & 1:
            count = counts.setdefault(board.classes.lacking(profile, signature), [0, 0])
            count[0] += 1
            count[1] += profile.members
    ordered = sorted(counts.items(), key=lambda group: (-group[1][1], group[0]))
    groups = [
        {"lacks": [name[:60] for name in lacks[:6]], "profiles": count[0], "agents": count[1]}
        for lacks, count in ordered[:GROUPS]
    ]
    rest = ordered[GROUPS:]
    if rest:
        groups.append(
            {
                "lacks": ["other combinations"],
                "profiles": sum(c[0] for _, c in rest),
                "agents": sum(c[1] for _, c in rest),
            }
        )
    signature.refusals = (board.classes.changes, groups)
    return groups


def candidates(board: Board, ident: str) -> dict[str, Any] | None:
    """Everything about one item now: every agent, in the order of choice, with the reason why not. None when it is not known."""
    entry = board.entries.get(ident)
    if entry is None:
        return None
    item = entry.item
    if not item.queue:
        return {"id": ident, "phase": entry.phase.value, "agents": []}
    signature = entry.signature or board.sign(entry)
    holders = board.holders.get(item.contact, {}) if item.contact else {}
    everybody = sorted(
        board.agents.values(),
        key=lambda agent: (agent.facts.id not in holders, _standing(board, signature, agent)),
    )
    return {
        "id": ident,
        "phase": entry.phase.value,
        "agent": entry.agent,
        "rule": item.rule,
        "queue": item.queue,
        "open": item.queue not in board.closed,
        "step": entry.step,
        "need": signature.words,
        "team": signature.team,
        "units": item.units,
        "ahead": _ahead(signature, entry),
        "next_step_in": _next_step(board, entry),
        "level": keeping.described(board, item),
        "agents": [
            {
                "agent": agent.facts.id,
                "name": agent.facts.name,
                "why_not": why_not(board, signature, entry, agent),
            }
            for agent in everybody
        ],
    }


def _standing(board: Board, signature: Signature, agent: Agent) -> Rank:
    """Their key now, also when they have not been counted since their last change."""
    rank = agent.rank(signature.size[2])
    return key_under(board.classes, board.busy, signature, agent.profile, rank)


def why_not(board: Board, signature: Signature, entry: Entry, agent: Agent) -> str:
    """Why this agent cannot have it at the moment, or ""."""
    facts, item = agent.facts, entry.item
    if not facts.active:
        return "no longer in the team"
    if not signature.profiles >> agent.profile.index & 1:
        return "lacks " + ", ".join(board.classes.lacking(agent.profile, signature))
    if facts.status != "online" or agent.away:
        return "away" if agent.away else facts.status + (f" ({facts.reason})" if facts.reason else "")
    if agent.seen in ABSENT:
        return "not connected"
    if agent.off:
        return agent.off
    if agent.wrapping:
        return "wrapping up"
    if facts.id in entry.excluded:
        return "declined it or let it pass"
    if facts.id == entry.agent or facts.id in entry.also or agent.room(item.units, item.connector):
        return ""
    cap = agent.caps.get(item.connector)
    if cap is not None and agent.held.get(item.connector, 0) >= cap:
        return f"has {agent.held.get(item.connector, 0)} of {cap} {item.connector} conversations"
    beyond = "; more than there is room for: silent customers have written again, or somebody gave it by hand"
    return f"has {agent.load} of {agent.limit} units taken{beyond if agent.load > agent.limit else ''}"


def _ahead(signature: Signature, entry: Entry) -> int:
    if entry.phase is not Phase.WAITING:
        return 0
    return sum(1 for key, stamp, other in signature.line.heap if other.stamp == stamp and key < entry.key)


def _next_step(board: Board, entry: Entry) -> float | None:
    look = stepping.next_look(entry, board.now) if entry.phase is Phase.WAITING else None
    return max(0.0, look[1] - board.now) if look else None
