"""Who gets what: the best agent for an item, and the items in their order for whoever has room.

After every change no waiting item fits an agent with room, so only what changed since has to be looked at: the lines
that were joined, and the lines that somebody who was freed can serve.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import msgspec

from router import explain
from router.agents import Agent, Rank
from router.board import Board
from router.decisions import Offer, Push
from router.items import RESERVED, Entry
from router.ordering import aged
from router.profiles import Signature, bits, lines
from router.queues import Key
from router.records import Laid, Record, won

Head = tuple[Key, int]
"""The place of the first of a line, and the signature."""


class Choice(msgspec.Struct, frozen=True):
    """The winner, why they go before the chain ("" when it chose), and the first of every profile that has room."""

    agent: Agent
    how: str
    tops: list[Agent]


def settle(board: Board) -> None:
    """Give out whatever can be given out since the last change."""
    classes, freed, ready, anew = board.classes, board.freed, 0, 0
    joined, board.joined, board.freed = board.joined & board.busy, 0, 0
    for index in bits(freed) if freed else ():
        profile = classes.profiles[index]
        if profile.room:
            anew |= 1 << index
            for size, those in enumerate(classes.sized):
                if profile.room >> size & 1:
                    ready |= profile.serves & those
    for index in bits(joined) if joined else ():
        able = has_room(board, classes.signatures[index])
        if able:
            ready |= 1 << index
            anew |= able
    ready &= board.busy
    if ready:
        signatures, indices = classes.signatures, lines(ready)
        if classes.ageing:
            heads = [(_place(board, signatures[index]), index) for index in indices]
        else:
            heads = [(signatures[index].line.key, index) for index in indices]
        _drain(board, heads, anew)


def has_room(board: Board, signature: Signature) -> int:
    """The profiles that fit and have somebody with room, as bits."""
    return board.pools.free[signature.size_index] & signature.profiles


def _place(board: Board, signature: Signature) -> Key:
    """The place of the first of a line among the first of all lines."""
    key = signature.line.key
    return aged(key, signature.slope, board.now) if signature.slope else key


def _drain(board: Board, heads: list[Head], anew: int) -> None:
    """Items in their order over all these lines, until nobody fitting has room. Items that everybody free declined step aside.

    `anew` are the profiles (bits) that may have got room or work since the last time; everybody else had their choice then.
    """
    heapify(heads)
    aside: list[tuple[Signature, Entry]] = []
    while heads and anew:
        index = heappop(heads)[1]
        signature = board.classes.signatures[index]
        if not has_room(board, signature) or signature.queue in board.closed:
            continue
        entry = signature.line.take()
        choice = best(board, signature, entry)
        if signature.line.first is not None:
            heappush(heads, (_place(board, signature), index))
        if choice is None:
            aside.append((signature, entry))
        else:
            give(board, signature, entry, choice, behind=heads[0][0] if heads else None)
            profile = choice.agent.profile
            if not profile.room:
                anew &= ~(1 << profile.index)
    for signature, entry in aside:
        signature.line.put(entry)


def best(
    board: Board, signature: Signature, entry: Entry, besides: frozenset[str] = frozenset()
) -> Choice | None:
    """The agent who should have it: who already holds a conversation of the same contact, else the first of the chain that fits.

    `besides` are asked already.
    """
    free = has_room(board, signature)
    if not free:
        return None
    if signature.sticky and entry.item.contact and not besides:
        sticky = _holder(board, signature, entry)
        if sticky is not None:
            return Choice(sticky, "holds a conversation of the same contact", [])
    size, ranking = signature.size_index, signature.ranking
    top, excluded = board.pools.top, entry.excluded | besides if besides else entry.excluded
    tops = [agent for profile in bits(free) if (agent := top(size, profile, excluded)) is not None]
    if not tops:
        return None
    if len(tops) == 1:
        winner = tops[0]
    elif signature.shared:
        winner = min(tops, key=lambda agent: explain.under(board, signature, agent))
    else:
        winner = min(tops, key=lambda agent: agent.ranks[ranking])
    return Choice(winner, "", tops)


def _holder(board: Board, signature: Signature, entry: Entry) -> Agent | None:
    found: Agent | None = None
    for ident in board.holders.get(entry.item.contact, ()):
        agent = board.agents[ident]
        fits = signature.profiles >> agent.profile.index & 1 and agent.fits >> signature.size_index & 1
        if (
            fits
            and ident not in entry.excluded
            and (
                found is None
                or explain.under(board, signature, agent) < explain.under(board, signature, found)
            )
        ):
            found = agent
    return found


def give(
    board: Board,
    signature: Signature,
    entry: Entry,
    choice: Choice,
    replaces: str = "",
    behind: Key | None = None,
) -> None:
    """Decide it: their capacity counts as taken from now on. It takes the place of the open offer `replaces`, if any.

    `behind`: the place of who comes next of all that can be given out now.
    """
    item, agent = entry.item, choice.agent
    ident, units, channel = agent.facts.id, item.units, board.plan.channel(item.channel, item.connector)
    push = channel.give == "push"
    before = explain.under(board, signature, agent) if signature.shared else agent.ranks[signature.ranking]
    beyond = _beyond(agent, units) if agent.yielding else 0
    ranked = explain.ranked(board, signature, entry, agent, choice.tops)
    if not push:
        agent.offers[item.id] = board.now
    _reserve(board, signature, entry, agent)
    ask = 1 if push or choice.how else channel.ask or board.plan.offer.ask
    others = _others(board, signature, entry, ask - 1) if ask > 1 else []
    how = choice.how or won(signature, before, ranked)
    record = Record(Laid(
        board.now, board.plan.hash, item, entry.step, signature, signature.members, signature.available, len(choice.tops),
        entry.excluded, agent.facts, how, before, ranked, explain.refusals(board, signature), others, replaces,
        entry.key, behind, entry.opened,
    ))  # fmt: skip
    reason = choice.how or f"{how} of {signature.available} available who fit"
    if push:
        decision: Push | Offer = Push(
            id=item.id, agent=ident, units=units, beyond=beyond, reason=reason, explain=record
        )
    else:
        also = tuple((login, more) for _, login, more in others)
        until = board.now + (channel.accept_within or board.plan.offer.accept_within)
        reason += _besides(entry, also, replaces) if also or replaces else ""
        decision = Offer(
            id=item.id, agent=ident, units=units, beyond=beyond, also=also, replaces=replaces, expires_at=until,
            reason=reason, explain=record,
        )  # fmt: skip
    board.decisions.append(decision)


def _reserve(board: Board, signature: Signature, entry: Entry, agent: Agent) -> None:
    """It waits no more and is the agent's."""
    board.hold(entry, RESERVED, agent, entry.item.units)
    board.pools.refresh(agent)
    entry.stamp = board.stamp()
    board.step_out(signature)
    board.last_wait[entry.item.queue] = (board.now, board.now - entry.item.waiting_since)
    if board.awaiting:
        board.forget_awaited(entry)


def _besides(entry: Entry, also: tuple[tuple[str, int], ...], replaces: str) -> str:
    """Who else is asked and what it takes the place of, in words."""
    words = f"; {len(also) + 1} are asked at once" if also else ""
    if replaces:
        words += f"; better since step {entry.step} of rule {entry.item.rule} began"
    return words


def _beyond(agent: Agent, units: int) -> int:
    return max(0, agent.load + units - agent.facts.capacity) if agent.yielding else 0


def _others(board: Board, signature: Signature, entry: Entry, most: int) -> list[tuple[Rank, str, int]]:
    """Who else is asked at the same time, the next of the chain, each with their key and what is beyond their capacity."""
    item = entry.item
    found: list[tuple[Rank, str, int]] = []
    for _ in range(most):
        choice = best(board, signature, entry, frozenset((entry.agent, *entry.also)))
        if choice is None:
            break
        key = explain.under(board, signature, choice.agent)
        found.append((key, choice.agent.facts.id, _beyond(choice.agent, item.units)))
        choice.agent.offers[item.id] = board.now
        board.hold_too(entry, choice.agent)
        board.pools.refresh(choice.agent)
    return found
