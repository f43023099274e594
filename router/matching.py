"""Who gets what: the best agent for an item, and the items in their order for whoever has room.

After every change no waiting item fits an agent with room, so only what changed since has to be looked at: the lines
that were joined, and the lines that somebody who was freed can serve.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import msgspec

from router import explain
from router.agents import Agent
from router.board import Board
from router.decisions import Offer, Push
from router.items import Entry, Phase
from router.profiles import Signature, bits
from router.queues import Key

Head = tuple[Key, int]
"""The key at the head of a line (perhaps of one who has left), and the signature."""


class Choice(msgspec.Struct, frozen=True):
    """The winner, how (`sticky` or `longest idle`), the agents who were next, and how many profiles had somebody with room."""

    agent: Agent
    how: str
    others: list[Agent]
    profiles: int


def settle(board: Board) -> None:
    """Give out whatever can be given out since the last change."""
    wanted = board.joined
    for profile in bits(board.freed):
        wanted |= board.classes.profiles[profile].serves
    board.joined = board.freed = 0
    free, signatures = board.pools.free, board.classes.signatures
    heads: list[Head] = []
    for index in bits(wanted & board.busy):
        signature = signatures[index]
        if free[signature.size_index] & signature.profiles:
            heads.append((signature.line.heap[0][0], index))
    if heads:
        _drain(board, heads)


def has_room(board: Board, signature: Signature) -> int:
    """The profiles that fit and have somebody with room, as bits."""
    return board.pools.free[signature.size_index] & signature.profiles


def _drain(board: Board, heads: list[Head]) -> None:
    """Items in their order over all these lines, until nobody fitting has room. Items that everybody free declined step aside."""
    heapify(heads)
    aside: list[tuple[Signature, Entry]] = []
    free = board.pools.free
    while heads and any(free):
        key, index = heappop(heads)
        signature = board.classes.signatures[index]
        if not free[signature.size_index] & signature.profiles or signature.queue in board.closed:
            continue
        head = signature.line.head()
        if head is None:
            continue
        if head[0] == key:
            entry = head[2]
            heappop(signature.line.heap)
            choice = best(board, signature, entry)
            if choice is None:
                aside.append((signature, entry))
            else:
                give(board, signature, entry, choice)
            head = signature.line.head()
        if head is not None:
            heappush(heads, (head[0], index))
    for signature, entry in aside:
        heappush(signature.line.heap, (entry.key, entry.stamp, entry))


def best(board: Board, signature: Signature, entry: Entry) -> Choice | None:
    """The agent who should have it: who already holds a conversation of the same contact, else the longest idle that fits."""
    free = has_room(board, signature)
    if not free:
        return None
    size = signature.size_index
    sticky = _holder(board, signature, entry)
    if sticky is not None:
        return Choice(sticky, "holds a conversation of the same contact", [], free.bit_count())
    tops: list[Agent] = []
    winner: Agent | None = None
    for profile in bits(free):
        agent = board.pools.top(size, profile, entry.excluded)
        if agent is not None:
            tops.append(agent)
            if winner is None or agent.rank < winner.rank:
                winner = agent
    return None if winner is None else Choice(winner, "longest idle", tops, free.bit_count())


def _holder(board: Board, signature: Signature, entry: Entry) -> Agent | None:
    held = board.holders.get(entry.item.contact) if entry.item.contact else None
    found: Agent | None = None
    for ident in held or ():
        agent = board.agents[ident]
        fits = signature.profiles >> agent.profile.index & 1 and agent.fits >> signature.size_index & 1
        if fits and ident not in entry.excluded and (found is None or agent.rank < found.rank):
            found = agent
    return found


def give(board: Board, signature: Signature, entry: Entry, choice: Choice) -> None:
    """Decide it: their capacity counts as taken from now on."""
    item, agent = entry.item, choice.agent
    push = board.channel(item).give == "push"
    before = agent.rank
    entry.stamp = board.stamp()
    board.step_out(signature)
    if not push:
        agent.offers[item.id] = board.now
    board.hold(entry, Phase.RESERVED, agent, item.units)
    board.pools.refresh(agent)
    record = explain.record(board, signature, entry, choice.agent, choice.how, choice.others, before)
    reason = (
        f"{choice.how} of {signature.available} available who fit"
        if choice.how == "longest idle"
        else choice.how
    )
    if push:
        board.decisions.append(
            Push(id=item.id, agent=agent.facts.id, units=item.units, reason=reason, explain=record)
        )
        return
    expires = board.now + board.plan.offer.accept_within
    board.decisions.append(
        Offer(
            id=item.id,
            agent=agent.facts.id,
            units=item.units,
            expires_at=expires,
            reason=reason,
            explain=record,
        )
    )
