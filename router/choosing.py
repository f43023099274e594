"""The best agent for an item: who already holds a conversation of the same contact, else the first of the chain with room."""

from __future__ import annotations

import msgspec

from router import explain
from router.agents import Agent
from router.board import Board
from router.items import Entry
from router.profiles import Signature, bits

HELD = "holds a conversation of the same contact"


class Choice(msgspec.Struct, frozen=True):
    """The winner, why they go before the chain ("" when it chose), and the first of every profile that has room."""

    agent: Agent
    how: str
    tops: list[Agent]


def has_room(board: Board, signature: Signature) -> int:
    """The profiles that fit and have somebody with room, as bits."""
    return board.pools.free[signature.size_index] & signature.profiles


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
            return Choice(sticky, HELD, [])
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
