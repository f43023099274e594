"""Deciding it: an item is an agent's from now on, offered or pushed, and why is laid down."""

from __future__ import annotations

from router import explain
from router.agents import Agent, Rank
from router.board import Board
from router.choosing import HELD, Choice, best
from router.decisions import Offer, Push
from router.items import RESERVED, Entry
from router.picking import key as key_under
from router.plan import Channel
from router.profiles import Signature
from router.queues import Key
from router.records import WON, Laid, Record, won


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
    channel = board.plan.channel(item.channel, item.connector)
    before = explain.under(board, signature, agent) if signature.shared else agent.ranks[signature.ranking]
    beyond = _beyond(agent, item.units) if agent.yielding else 0
    ranked = explain.ranked(board, signature, entry, agent, choice.tops)
    _reserve(board, signature, entry, agent, channel)
    board.pools.refresh(agent)
    ask = 1 if channel.give == "push" or choice.how else channel.ask or board.plan.offer.ask
    others = _others(board, signature, entry, ask - 1) if ask > 1 else []
    _decide(board, entry, channel, beyond, Laid(
        board.now, board.plan.hash, item, entry.step, signature, signature.members, signature.available, len(choice.tops),
        entry.excluded, agent.facts, choice.how or won(signature, before, ranked), before, ranked, explain.refusals(board, signature),
        others, replaces, entry.key, behind, entry.opened,
    ))  # fmt: skip


def hand(board: Board, signature: Signature, entry: Entry, agent: Agent, behind: Key | None) -> None:
    """Decide it for the only one who can take it; the pools hear of it once the agent has all that they can take."""
    item, facts = entry.item, agent.facts
    channel = board.plan.channel(item.channel, item.connector)
    before = board.pools.ranks(agent)[signature.ranking]
    if signature.shared:
        before = key_under(board.pools, board.busy, signature, agent.profile, before)
    beyond = _beyond(agent, item.units) if agent.yielding else 0
    held = signature.sticky and item.contact and facts.id in board.holders.get(item.contact, ())
    _reserve(board, signature, entry, agent, channel)
    _decide(board, entry, channel, beyond, Laid(
        board.now, board.plan.hash, item, entry.step, signature, signature.members, signature.available, 0 if held else 1,
        entry.excluded, facts, HELD if held else WON[signature.chain[0]], before, (), explain.refusals(board, signature),
        (), "", entry.key, behind, entry.opened,
    ))  # fmt: skip


def _decide(board: Board, entry: Entry, channel: Channel, beyond: int, laid: Laid) -> None:
    """The decision, and why."""
    item = laid.item
    reason = f"{laid.how} of {laid.available} available who fit" if laid.profiles else laid.how
    if channel.give == "push":
        board.decisions.append(Push(
            id=item.id, agent=entry.agent, units=item.units, beyond=beyond, reason=reason, explain=Record(laid),
        ))  # fmt: skip
        return
    also = tuple((login, more) for _, login, more in laid.also) if laid.also else ()
    if also or laid.replaces:
        reason += _besides(entry, also, laid.replaces)
    until = board.now + (channel.accept_within or board.plan.offer.accept_within)
    board.decisions.append(Offer(
        id=item.id, agent=entry.agent, units=item.units, beyond=beyond, also=also, replaces=laid.replaces, expires_at=until,
        reason=reason, explain=Record(laid),
    ))  # fmt: skip


def _reserve(board: Board, signature: Signature, entry: Entry, agent: Agent, channel: Channel) -> None:
    """It waits no more and is the agent's."""
    if channel.give != "push":
        agent.offers[entry.item.id] = board.now
    board.hold(entry, RESERVED, agent, entry.item.units)
    board.stamps = entry.stamp = board.stamps + 1
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
