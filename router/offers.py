"""The life of an offer: it stands, and is accepted, declined, silent or recalled. Silence in a row sets the agent away.

Who declined an item or let it pass is not asked again while anybody else who fits is available; if nobody is, they may be
asked again after a while.
"""

from __future__ import annotations

from router import choosing, giving, placing, stepping
from router.agents import Agent
from router.board import Board
from router.decisions import EndOffer, SetAway
from router.items import Entry, Phase

_NOBODY: frozenset[str] = frozenset()


def stand(board: Board, entry: Entry) -> None:
    """It is committed: count it and set its timer; recall it if things have changed since it was decided."""
    offer = entry.item.offer
    assert offer is not None
    asked = [board.agent(ident) for ident in offer.asked]
    board.hold(entry, Phase.OFFERED, asked[0], offer.units)
    for agent in asked[1:]:
        board.hold_too(entry, agent)
    date(board, entry)
    board.timers.at(offer.expires_at, "offer", entry.item.id, entry.stamp)
    if board.begun:
        under_step(board, entry)
        for agent in asked:
            review(board, entry, agent)


def date(board: Board, entry: Entry) -> None:
    """Note when it was made: as the next leader will work it out, from when it ends and how long offers stand by the plan."""
    offer = entry.item.offer
    assert offer is not None
    made = offer.expires_at - board.plan.within(entry.item.channel, entry.item.connector)
    for ident in offer.asked:
        agent = board.agents[ident]
        agent.offers[entry.item.id] = made
        board.touch(agent)


def under_step(board: Board, entry: Entry) -> None:
    """It is offered under the step that counts now; look again when another one begins."""
    if _may_recall(board, entry):
        board.sign(entry)
        entry.since_step = entry.step
        watch_steps(board, entry)


def _may_recall(board: Board, entry: Entry) -> bool:
    item = entry.item
    rule = board.plan.rule(item.rule, item.queue) if item.rule else None
    return rule is not None and any(step.recall for step in rule.steps)


def watch_steps(board: Board, entry: Entry) -> None:
    """Look again when a step begins that may take the offer to somebody better."""
    if not _may_recall(board, entry):
        return
    item = entry.item
    board.sign(entry)
    look = stepping.next_look(entry, board.now)
    if look is not None:
        board.timers.after(*look, "step", item.id, entry.stamp)


def look_again(board: Board, entry: Entry) -> None:
    """A step begins while it is offered: if it says so, whoever is better now is asked instead."""
    item = entry.item
    entry.signature = board.sign(entry)
    stepping.open_up(board, entry)
    board.sign(entry)
    before, entry.since_step = entry.since_step, entry.step
    if entry.pending or not any(one.recall for one in entry.steps[before + 1 : entry.step + 1]):
        watch_steps(board, entry)
        return
    asked = (entry.agent, *entry.also)
    board.lift(entry)
    board.flush()
    board.line_up(entry)
    placing.advance(board, entry)
    if entry.patch is not None or item.offer is None:
        return
    choice = choosing.best(board, entry.signature, entry)
    if choice is not None and choice.agent.facts.id not in asked:
        giving.give(board, entry.signature, entry, choice, item.offer.id)
        return
    board.lift(entry)
    entry.stamp = board.stamp()
    stand(board, entry)


def review(board: Board, entry: Entry, agent: Agent) -> None:
    """Recall an offer that the agent cannot or should not take any more."""
    item = entry.item
    if agent.facts.status != "online" or agent.away:
        recall(
            board,
            entry,
            agent,
            f"{agent.facts.name or agent.facts.id} is {'away' if agent.away else agent.facts.status}",
        )
    elif agent.lost:
        recall(board, entry, agent, f"{agent.facts.name or agent.facts.id} is not connected")
    elif not board.sign(entry).profiles >> agent.profile.index & 1:
        recall(
            board,
            entry,
            agent,
            f"what it needs has changed; {agent.facts.name or (item.offer and item.offer.agent)} does not fit",
        )


def recall(board: Board, entry: Entry, agent: Agent, reason: str) -> None:
    """Take an offer back from one who is asked; it does not count against them."""
    ident = agent.facts.id
    left = {entry.agent, *entry.also} - entry.parting - {ident}
    if ident in entry.parting:
        return
    if left:
        entry.parting |= {ident}
    _end(board, entry, "recalled", reason, ident if left or entry.parting else "")


def expire(board: Board, entry: Entry) -> None:
    """Nobody answered in time."""
    within = board.plan.within(entry.item.channel, entry.item.connector)
    _end(board, entry, "expired", f"no answer within {within:g} s")


def _end(board: Board, entry: Entry, how: str, reason: str, alone: str = "") -> None:
    """Over for everybody who is asked, or for one `alone`."""
    offer = entry.item.offer
    if entry.phase is not Phase.OFFERED or offer is None or entry.pending:
        return
    if not alone or {entry.agent, *entry.also} == entry.parting | {alone}:
        entry.pending = "end"
    board.decisions.append(
        EndOffer(
            id=entry.item.id,
            offer=offer.id,
            agent=alone or offer.agent,
            alone=bool(alone),
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
    if not entry.item.declined:
        entry.forgiven = entry.excluded = _NOBODY
        entry.asked = 0
        return
    excluded = frozenset(entry.item.declined) - entry.forgiven
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
