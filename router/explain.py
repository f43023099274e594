"""Why an item went where it went: what a record of a choice is laid down from, and the full list of agents on demand."""

from __future__ import annotations

from heapq import nsmallest
from typing import Any

from router import keeping, stepping
from router.agents import ABSENT, Agent, Rank
from router.board import Board
from router.items import Entry, Phase
from router.picking import key as key_under
from router.profiles import Signature
from router.records import Ranked

LOSERS = 3
GROUPS = 8


def ranked(board: Board, signature: Signature, entry: Entry, winner: Agent, tops: list[Agent]) -> Ranked:
    """The next ones of all profiles with room, beside `winner`; of their own profile it is whoever comes after them."""
    if not tops:
        return []
    others = [agent for agent in tops if agent is not winner] if len(tops) > 1 else []
    second = board.pools.top(signature.size_index, winner.profile.index, entry.excluded | {winner.facts.id})
    if second is not None:
        others.append(second)
    keyed = [(under(board, signature, agent), agent.facts) for agent in others]
    return nsmallest(LOSERS, keyed) if len(keyed) > 1 else keyed


def under(board: Board, signature: Signature, agent: Agent) -> Rank:
    """An agent's key under the chain of a signature's queue; the least goes next."""
    rank = agent.ranks[signature.ranking]
    return key_under(board.pools, board.busy, signature, agent.profile, rank) if signature.shared else rank


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
        "opens_at": _opens(board, item.queue),
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


def _opens(board: Board, queue: str) -> float | None:
    """When a closed queue opens again; None while it is open, or when that is not foreseen."""
    hours = board.plan.queues[queue].hours if queue in board.closed else None
    return hours.next_opening(board.now) if hours is not None else None


def _standing(board: Board, signature: Signature, agent: Agent) -> Rank:
    """Their key now, also when they have not been counted since their last change."""
    rank = agent.rank(signature.size[2])
    return key_under(board.pools, board.busy, signature, agent.profile, rank)


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
    return sum(1 for other in signature.line if other.key < entry.key)


def _next_step(board: Board, entry: Entry) -> float | None:
    look = stepping.next_look(entry, board.now) if entry.phase is Phase.WAITING else None
    return max(0.0, look[1] - board.now) if look else None
