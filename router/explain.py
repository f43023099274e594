"""Why an item went where it went: the record that is kept with the decision (at most 4 kB of JSON), and the full list on demand.

A record holds the rule, the step, what was needed, how many agents fit, were available and had room, why the other ability profiles
were refused (grouped by what they lack), the winner and the nearest losers by name. It holds nothing that a customer said.
"""

from __future__ import annotations

from typing import Any

from router.agents import Agent, Rank
from router.board import Board
from router.durations import spoken
from router.items import Entry, Phase
from router.profiles import Signature

LOSERS = 3
GROUPS = 8
NAMED = 40
"""Excluded agents that a record names at most."""


def record(
    board: Board, signature: Signature, entry: Entry, winner: Agent, how: str, tops: list[Agent], before: Rank
) -> dict[str, Any]:
    """The record of one choice. `tops` are the next of every profile with room, `before` is the winner's rank when chosen."""
    item = entry.item
    return {
        "v": 1,
        "at": board.now,
        "config": board.plan.hash,
        "rule": item.rule[:200],
        "step": entry.step,
        "queue": item.queue[:200],
        "need": [str(need)[:100] for need in signature.needs[:20]],
        "team": signature.team[:200],
        "units": item.units,
        "connector": item.connector,
        "waited": round(max(0.0, board.now - item.waiting_since), 3),
        "agents": {
            "fit": signature.members,
            "available": signature.available,
            "profiles_with_room": len(tops),
        },
        "excluded": sorted(entry.excluded)[:NAMED],
        "winner": {
            "agent": winner.facts.id,
            "name": winner.facts.name[:80],
            "why": how,
            "idle_since": before[1],
        },
        "losers": _losers(board, signature, entry, winner, tops, before),
        "refused": refusals(board, signature),
    }


def _losers(
    board: Board, signature: Signature, entry: Entry, winner: Agent, tops: list[Agent], before: Rank
) -> list[dict[str, Any]]:
    """The next ones, in the order in which they would have been chosen; the winner's own profile has a new head by now."""
    others = [agent for agent in tops if agent is not winner]
    second = (
        board.pools.top(signature.size_index, winner.profile.index, entry.excluded | {winner.facts.id})
        if tops
        else None
    )
    if second is not None:
        others.append(second)
    others.sort(key=lambda agent: agent.rank)
    return [
        {"agent": agent.facts.id, "name": agent.facts.name[:80], "why": _lost(agent, before)}
        for agent in others[:LOSERS]
    ]


def _lost(agent: Agent, winner: Rank) -> str:
    if agent.rank[0] > winner[0]:
        return "not seen connected yet"
    later = agent.rank[1] - winner[1]
    return f"idle for {spoken(later)} less" if later > 0 else "idle as long; the id decides"


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
    ranked = sorted(board.agents.values(), key=lambda agent: (agent.facts.id not in holders, agent.rank))
    return {
        "id": ident,
        "phase": entry.phase.value,
        "agent": entry.agent,
        "rule": item.rule,
        "queue": item.queue,
        "open": item.queue not in board.closed,
        "step": entry.step,
        "need": [str(need) for need in signature.needs],
        "team": signature.team,
        "units": item.units,
        "ahead": _ahead(signature, entry),
        "next_step_in": _next_step(board, entry),
        "agents": [
            {
                "agent": agent.facts.id,
                "name": agent.facts.name,
                "why_not": why_not(board, signature, entry, agent),
            }
            for agent in ranked
        ],
    }


def why_not(board: Board, signature: Signature, entry: Entry, agent: Agent) -> str:
    """Why this agent cannot have it at the moment, or ""."""
    facts, item = agent.facts, entry.item
    if not facts.active:
        return "no longer in the team"
    if not signature.profiles >> agent.profile.index & 1:
        return "lacks " + ", ".join(board.classes.lacking(agent.profile, signature))
    if facts.status != "online" or agent.away:
        return "away" if agent.away else facts.status
    if agent.seen == "gone":
        return "not connected"
    if facts.id in entry.excluded:
        return "declined it or let it pass"
    if facts.id == entry.agent or agent.room(item.units, item.connector):
        return ""
    cap = agent.caps.get(item.connector)
    if cap is not None and agent.held.get(item.connector, 0) >= cap:
        return f"has {agent.held.get(item.connector, 0)} of {cap} {item.connector} conversations"
    return f"has {agent.load} of {facts.capacity} units taken"


def _ahead(signature: Signature, entry: Entry) -> int:
    if entry.phase is not Phase.WAITING:
        return 0
    return sum(1 for key, stamp, other in signature.line.heap if other.stamp == stamp and key < entry.key)


def _next_step(board: Board, entry: Entry) -> float | None:
    after = board.next_step(entry) if entry.phase is Phase.WAITING else 0.0
    return max(0.0, entry.item.waiting_since + after - board.now) if after else None
