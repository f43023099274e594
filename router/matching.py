"""Who gets what: the items in their order for whoever has room.

After every change no waiting item fits an agent with room, so only what changed since has to be looked at: the lines
that were joined, and the lines that somebody who was freed can serve.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heapify, heappop, heappush
from operator import attrgetter

from router.agents import Agent
from router.board import Board
from router.choosing import best, has_room
from router.giving import give, hand
from router.items import Entry
from router.ordering import aged
from router.profiles import bits
from router.queues import Key, Line

Head = tuple[Key, int]
"""The place of the first of a line, and the signature."""

Place = Callable[[Line], Key]
_KEY: Place = attrgetter("key")


def serve(board: Board) -> bool:
    """Give out what the one agent who was touched has got room for. False, and nothing is done, where more than that is to be looked at.

    They are the only ones who can take it: what still waits although somebody else has room, those have declined.
    """
    (agent,) = board.dirty.values()
    pending = board.joined or board.freed or board.turned or not board.begun
    if pending or board.classes.weighing or (agent.facts.active, agent.available) != agent.counted:
        return False
    fits = board.pools.fits(agent)
    anew = fits & ~agent.fits
    if anew:
        fits = _serve(board, agent, fits, anew)
    board.dirty.clear()
    board.pools.place(agent, fits)
    return True


def _serve(board: Board, agent: Agent, fits: int, anew: int) -> int:
    """Items in their order while the agent has room for sizes of `anew` (bits); the sizes that fit then. What they declined steps aside."""
    classes, aside = board.classes, []
    place = _place(board) if classes.ageing else _KEY
    mask = agent.profile.serves & classes.of_sizes(anew)
    lines = _lines(board, mask)
    while lines:
        lines = sorted(lines, key=place)
        entry = lines[0].take()
        if agent.facts.id in entry.excluded:
            aside.append((lines[0], entry))
        else:
            hand(board, classes.signatures[lines[0].index], entry, agent, _behind(lines, place))
            fits = board.pools.fits(agent)
            if not fits & anew:
                break
            mask = agent.profile.serves & classes.of_sizes(fits & anew)
        lines = [line for line in _lines(board, mask) if line.first is not None]
    for line, entry in aside:
        line.put(entry)
    return fits


def _behind(lines: Sequence[Line], place: Place) -> Key | None:
    """The place of who comes next when the first of the first of these lines, which are in order, has just been taken."""
    behind = place(lines[0]) if lines[0].first is not None else None
    if len(lines) > 1:
        second = place(lines[1])
        if behind is None or second < behind:
            return second
    return behind


def _lines(board: Board, mask: int) -> Sequence[Line]:
    """Those of the signatures `mask` (bits) under which anything waits, within the hours of its queue."""
    found = board.classes.lines(mask & board.busy)
    if not board.closed:
        return found
    signatures = board.classes.signatures
    return [line for line in found if signatures[line.index].queue not in board.closed]


def _place(board: Board) -> Place:
    """How the first of a line compares with the first of others now, where some age faster than others."""
    signatures, now = board.classes.signatures, board.now

    def now_aged(line: Line) -> Key:
        slope = signatures[line.index].slope
        return aged(line.key, slope, now) if slope else line.key

    return now_aged


def settle(board: Board) -> None:
    """Give out whatever can be given out since the last change."""
    classes, freed, ready, anew = board.classes, board.freed, 0, 0
    joined, board.joined, board.freed = board.joined & board.busy, 0, 0
    for index in bits(freed) if freed else ():
        profile = classes.profiles[index]
        if profile.room:
            anew |= 1 << index
            ready |= profile.serves & classes.of_sizes(profile.room)
    for index in bits(joined) if joined else ():
        able = has_room(board, classes.signatures[index])
        if able:
            ready |= 1 << index
            anew |= able
    if ready:
        _drain(board, _lines(board, ready), anew)


def _drain(board: Board, lines: Sequence[Line], anew: int) -> None:
    """Items in their order over all these lines, until nobody fitting has room. Items that everybody free declined step aside.

    `anew` are the profiles (bits) that may have got room or work since the last time; everybody else had their choice then.
    """
    place = _place(board) if board.classes.ageing else _KEY
    heads: list[Head] = [(place(line), line.index) for line in lines]
    heapify(heads)
    aside: list[tuple[Line, Entry]] = []
    while heads and anew:
        index = heappop(heads)[1]
        signature = board.classes.signatures[index]
        if not has_room(board, signature):
            continue
        entry = signature.line.take()
        choice = best(board, signature, entry)
        if signature.line.first is not None:
            heappush(heads, (place(signature.line), index))
        if choice is None:
            aside.append((signature.line, entry))
        else:
            give(board, signature, entry, choice, behind=heads[0][0] if heads else None)
            profile = choice.agent.profile
            if not profile.room:
                anew &= ~(1 << profile.index)
    for line, entry in aside:
        line.put(entry)
