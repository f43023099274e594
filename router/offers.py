"""The life of an offer: it stands, and is accepted, declined, silent or recalled. Silence in a row sets the agent away.

Who declined an item or let it pass is not asked again while anybody else who fits is available; if nobody is, they may be
asked again after a while.
"""

from __future__ import annotations

from router.agents import Agent
from router.board import Board
from router.decisions import EndOffer, SetAway
from router.items import Entry, Phase


def stand(board: Board, entry: Entry) -> None:
    """It is committed: count it and set its timer; recall it if things have changed since it was decided."""
    offer = entry.item.offer
    assert offer is not None
    agent = board.agent(offer.agent)
    agent.offers[entry.item.id] = offer.expires_at - board.plan.within(
        entry.item.channel, entry.item.connector
    )
    board.hold(entry, Phase.OFFERED, agent, offer.units)
    board.touch(agent)
    board.timers.at(offer.expires_at, "offer", entry.item.id, entry.stamp)
    if board.begun:
        review(board, entry, agent)


def review(board: Board, entry: Entry, agent: Agent) -> None:
    """Recall an offer that the agent cannot or should not take any more."""
    item = entry.item
    if agent.facts.status != "online" or agent.away:
        recall(
            board,
            entry,
            f"{agent.facts.name or agent.facts.id} is {'away' if agent.away else agent.facts.status}",
        )
    elif agent.lost:
        recall(board, entry, f"{agent.facts.name or agent.facts.id} is not connected")
    elif not board.sign(entry).profiles >> agent.profile.index & 1:
        recall(
            board,
            entry,
            f"what it needs has changed; {agent.facts.name or (item.offer and item.offer.agent)} does not fit",
        )


def recall(board: Board, entry: Entry, reason: str) -> None:
    """Take an offer back; it does not count against the agent."""
    _end(board, entry, "recalled", reason)


def expire(board: Board, entry: Entry) -> None:
    """Nobody answered in time."""
    within = board.plan.within(entry.item.channel, entry.item.connector)
    _end(board, entry, "expired", f"no answer within {within:g} s")


def _end(board: Board, entry: Entry, how: str, reason: str) -> None:
    offer = entry.item.offer
    if entry.phase is not Phase.OFFERED or offer is None or entry.pending:
        return
    entry.pending = "end"
    board.decisions.append(
        EndOffer(
            id=entry.item.id,
            offer=offer.id,
            agent=offer.agent,
            how="expired" if how == "expired" else "recalled",
            reason=reason,
        )
    )


def ended(board: Board, ident: str, agent_id: str, how: str) -> None:
    """What the end of an offer says about the agent (the item's own change follows)."""
    agent = board.agents.get(agent_id)
    entry = board.entries.get(ident)
    if entry is not None and how != "recalled":
        entry.forgiven -= {agent_id}
    if agent is None:
        return
    if how == "declined":
        agent.silent = 0
    elif how == "expired" and agent.seen == "connected":
        agent.silent += 1
        _too_silent(board, agent)


def _too_silent(board: Board, agent: Agent) -> None:
    limit = board.plan.offer.silent_after
    if not limit or agent.silent < limit or agent.facts.status != "online" or agent.away or not board.begun:
        return
    agent.away = True
    board.touch(agent)
    board.decisions.append(
        SetAway(agent=agent.facts.id, reason=f"{agent.silent} offers in a row without an answer")
    )
    for item in sorted(agent.offers):
        review(board, board.entries[item], agent)


def exclude(board: Board, entry: Entry) -> None:
    """Note who must not be asked, and when to see whether that may change."""
    declined = frozenset(entry.item.declined)
    if not declined:
        entry.forgiven = declined
    excluded = declined - entry.forgiven
    entry.excluded = excluded
    entry.asked = board.stamp()
    if excluded:
        _ask_later(board, entry)


def _ask_later(board: Board, entry: Entry) -> None:
    again = board.plan.offer.ask_again_after
    if again:
        board.timers.after(again, board.now + again, "ask", entry.item.id, entry.asked)


def ask_again(board: Board, entry: Entry) -> None:
    """Whoever declined may be asked again, unless somebody else who fits is available (with or without room)."""
    board.flush()
    if entry.phase is not Phase.WAITING or entry.signature is None:
        return
    signature = board.sign(entry)
    barred = 0
    for ident in entry.excluded:
        agent = board.agents.get(ident)
        if agent is not None and agent.available and signature.profiles >> agent.profile.index & 1:
            barred += 1
    if signature.available > barred:
        _ask_later(board, entry)
        return
    entry.forgiven |= entry.excluded
    entry.excluded = frozenset()
    board.joined |= 1 << entry.signature.index
