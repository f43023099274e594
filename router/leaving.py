"""Agents who come and go: what they are offered is recalled, and after the grace time their live conversations go back to the queue.

Losing the connection stops new offers at once; open offers are recalled a few seconds later, so that a page that is loaded
again costs nothing. Asynchronous conversations stay with their agent unless the configuration says otherwise.
"""

from __future__ import annotations

import msgspec

from router import offers
from router.agents import Agent, Seen
from router.board import Board
from router.decisions import HandBack
from router.inputs import Colleague
from router.items import Entry, Phase

RECALL_AFTER = 5.0
"""Seconds without a connection until open offers are recalled."""


def changed(board: Board, facts: Colleague) -> None:
    """An agent's facts or status."""
    known = board.agents.get(facts.id)
    before = known.facts.status if known else ""
    was_gone = known.gone if known else False
    if known is not None:
        known.away = known.away and facts.status == before
        facts = msgspec.structs.replace(facts, idle_since=max(facts.idle_since, known.facts.idle_since))
        known.silent = known.silent if facts.status == before else 0
    agent = board.seat(facts)
    _watch(board, agent, was_gone=was_gone)
    if board.begun and facts.status != before:
        for item in sorted(agent.offers):
            offers.review(board, board.entries[item], agent)


def seen(board: Board, ident: str, how: Seen) -> None:
    """What is known of their connection."""
    agent = board.agents.get(ident)
    if agent is None or agent.seen == how:
        return
    was_gone = agent.gone
    agent.seen = how
    agent.lost = False
    board.touch(agent)
    _watch(board, agent, was_gone=was_gone, moved=True)
    if how == "gone" and agent.offers:
        board.timers.at(board.now + RECALL_AFTER, "lost", ident, agent.gone_stamp)


def _watch(board: Board, agent: Agent, *, was_gone: bool, moved: bool = False) -> None:
    if moved or agent.gone != was_gone:
        agent.gone_stamp += 1
    if agent.gone and (not was_gone or moved) and agent.items:
        wait(board, agent)


def wait(board: Board, agent: Agent) -> None:
    """Somebody who is gone holds something: look again after the grace time."""
    board.timers.at(board.now + board.plan.hand_back.after, "gone", agent.facts.id, agent.gone_stamp)


def lost(board: Board, agent: Agent) -> None:
    """Still not connected: what they are offered goes to the next."""
    agent.lost = True
    for item in sorted(agent.offers):
        offers.review(board, board.entries[item], agent)


def hand_back(board: Board, agent: Agent) -> None:
    """The grace time is over."""
    if not agent.gone:
        return
    why = "is offline" if agent.facts.status == "offline" else "is not connected"
    for item in sorted(agent.items):
        entry = board.entries[item]
        if entry.phase is Phase.ASSIGNED and not entry.pending and goes_back(board, entry):
            entry.pending = "back"
            reason = f"{agent.facts.name or agent.facts.id} {why}"
            board.decisions.append(HandBack(id=item, agent=agent.facts.id, reason=reason))


def goes_back(board: Board, entry: Entry) -> bool:
    """Whether this conversation cannot wait for its agent."""
    return board.plan.hand_back.asynchronous or board.channel(entry.item).live
