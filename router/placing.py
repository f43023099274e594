"""Which queue an item goes into: the rules for those that arrive, the queue they had for those that come back; and out-of-hours."""

from __future__ import annotations

from typing import Any

import msgspec

from router import botting, plan, stepping, witness
from router.board import Board
from router.decisions import AutoReply, Queue
from router.inputs import Item
from router.items import Entry, Phase, same
from router.rules import Facts, Match, Rules, Step

replace = msgspec.structs.replace
TEXT_LIMIT = 2_000


def arrive(board: Board, entry: Entry, facts: Facts) -> None:
    """The first rule that holds gives queue, requirement, priority and tags."""
    item = entry.item
    watch = board.watch
    rules = board.plan.rules if watch is None or not watch.on else board.plan.deciding(item.contact, item.id)
    match = rules.match(facts)
    if match is None:
        return
    rule = match.rule
    placed = replace(
        item,
        queue=_open_queue(board, rule.queue),
        team=rule.steps[0].team,
        need=(*rule.steps[0].need, *match.need),
        rule=rule.name,
        priority=max(rule.priority, item.priority),
        units=board.channel(item).weight,
        waiting_since=item.place or item.waiting_since or facts.at,
    )
    own = rules is not board.plan.rules and watch is not None
    why = f"rule {rule.name}" + (f" of the {watch.canary.title}" if own and watch is not None else "")
    record = _record(
        board, match, rules, facts.at, item, watch.canary.title if own and watch is not None else ""
    )
    entry.quiet, entry.reached, entry.opened = facts.automatic, 0, frozenset()
    _queue(board, entry, placed, Queue(
        id=item.id, reason=why, queue=placed.queue, waiting_since=placed.waiting_since, priority=placed.priority, rule=rule.name,
        need=placed.need, units=placed.units, team=placed.team, tags=rule.tags, language=match.language, explain=record,
    ))  # fmt: skip
    if watch is not None:
        watch.came(item.id, placed.waiting_since, own=own)
        if len(rule.steps) == 1 and entry.signature is not None and not entry.signature.members:
            watch.failed(item.id)
    if not botting.first_contact(board, entry, rule) and not facts.automatic:
        out_of_hours(board, entry, rule.queue)


def _record(
    board: Board, match: Match, rules: Rules, asked_at: float, item: Item, file: str
) -> dict[str, Any]:
    """What is kept of the choice: what decided it, as it was before. `file` is the one that is tried, if its rules decided."""
    rule, since = match.rule, item.place or item.waiting_since
    return {
        "v": 1,
        "at": board.now,
        "config": board.plan.hash,
        "rule": rule.name[:200],
        "when": rule.when.source[:1_000] if rule.when else "always",
        "lang": match.language,
        "facts": witness.seen(rules.reads, rules.looks, match.values),
        "channel": item.channel[:200],
        "connector": item.connector,
        "since": since or asked_at,
        **({"priority": item.priority} if item.priority else {}),
        **({"file": file} if file else {}),
        **({"derived": [text[:100] for text in match.need[:20]]} if match.need else {}),
    }


def come_back(board: Board, entry: Entry) -> None:
    """It was woken or taken from somebody, and waits again where it waited before, at its place."""
    item = entry.item
    placed = replace(
        item,
        waiting_since=item.place or item.created_at or board.now,
        units=item.units or board.channel(item).weight,
    )
    _queue(board, entry, placed, Queue(
        id=item.id, reason="back at its place", queue=item.queue, waiting_since=placed.waiting_since, priority=item.priority,
        rule=item.rule, need=item.need, units=placed.units, team=item.team,
    ))  # fmt: skip


def _queue(board: Board, entry: Entry, placed: Item, decision: Queue) -> None:
    board.decisions.append(decision)
    fields = ("queue", "team", "need", "rule", "priority", "units", "waiting_since")
    entry.patch = {name: getattr(placed, name) for name in fields}
    entry.item = placed
    board.line_up(entry)
    entry.pending = "queue"
    advance(board, entry)


def heard(board: Board, entry: Entry, placed: Item) -> None:
    """Something else of it has changed while it is being placed: its clock may have moved it in line."""
    if entry.phase is not Phase.WAITING or same(entry.item, placed):
        entry.item = placed
        return
    pending = entry.pending
    board.lift(entry)
    entry.item = placed
    board.line_up(entry)
    entry.pending = pending


def look_again(board: Board, entry: Entry) -> None:
    """A timer of its steps: measure what there is to measure, and go where it belongs now."""
    stepping.open_up(board, entry)
    stepping.again(board, entry)
    advance(board, entry)


def advance(board: Board, entry: Entry) -> None:
    """Do what the steps ask for that have begun since the last time; a move waits until the one under way is over."""
    while entry.reached < entry.step and board.begun and entry.phase is Phase.WAITING:
        index = entry.reached + 1
        step = entry.steps[index]
        if step.when is None or index in entry.opened:
            if (step.queue or step.tags) and entry.pending:
                return
            _begin_step(board, entry, index, step)
        entry.reached = index


def _begin_step(board: Board, entry: Entry, index: int, step: Step) -> None:
    item, reason = entry.item, f"step {index} of rule {entry.item.rule}"
    if step.say and not entry.quiet:
        once = f"step:{item.rule}:{index}:{item.waiting_since:.0f}"
        board.decisions.append(AutoReply(id=item.id, text=step.say[:TEXT_LIMIT], once=once, reason=reason))
    rule = board.plan.rule(item.rule, item.queue)
    if step.tags or (step.queue and rule is not None and item.queue == rule.queue != step.queue):
        _move(board, entry, step, reason)


def _move(board: Board, entry: Entry, step: Step, reason: str) -> None:
    """Into the step's queue (or to be tagged where it is), at its place; it keeps its rule and so its steps."""
    item = entry.item
    board.lift(entry)
    placed = replace(item, queue=step.queue or item.queue)
    _queue(board, entry, placed, Queue(
        id=item.id, reason=reason, queue=placed.queue, waiting_since=item.waiting_since, priority=item.priority, rule=item.rule,
        need=item.need, units=item.units, team=item.team, tags=step.tags,
    ))  # fmt: skip


def catch_up(board: Board, entry: Entry) -> None:
    """After a start: of the steps that began while nobody decided, the last that names a queue still moves the item there."""
    begun = range(1, entry.step + 1)
    steps, opened = entry.steps, entry.opened
    moves = [
        index for index in begun if steps[index].queue and (steps[index].when is None or index in opened)
    ]
    entry.reached = max(moves[-1] - 1, 0) if moves else entry.step
    quiet, entry.quiet = entry.quiet, True
    advance(board, entry)
    entry.quiet, entry.reached = quiet, entry.step


def _open_queue(board: Board, name: str) -> str:
    """The queue that takes the place of a closed one, if it has such."""
    queue = board.plan.queues.get(name)
    return name if queue is None or not queue.closed.queue or queue.is_open(board.now) else queue.closed.queue


def out_of_hours(board: Board, entry: Entry, name: str) -> None:
    """Tell the customer, once per closing of the queue they came for, when somebody is there again."""
    item = entry.item
    queue = board.plan.queues.get(name)
    if queue is None or queue.hours is None or not queue.closed.reply or queue.hours.is_open(board.now):
        return
    opens = queue.hours.next_opening(board.now)
    text = queue.closed.reply.replace("{opens}", queue.hours.spoken(opens) if opens else "—")[:TEXT_LIMIT]
    once = f"closed:{name}:{opens or 0:.0f}"
    board.decisions.append(AutoReply(id=item.id, text=text, once=once, reason=f"{queue.name} is closed"))


def watch_hours(board: Board) -> None:
    """Note which queues are closed now, let those that have opened give out work, and set the next timers."""
    board.hours_stamp += 1
    was_closed, board.closed = board.closed, set()
    for name, queue in board.plan.queues.items():
        if not queue.is_open(board.now):
            board.closed.add(name)
        _next_change(board, name, queue)
    opened = was_closed - board.closed
    for signature in board.classes.signatures:
        if signature.queue in opened:
            board.joined |= 1 << signature.index


def _next_change(board: Board, name: str, queue: plan.Queue) -> None:
    change = queue.hours.next_change(board.now) if queue.hours and not queue.closed.offer else None
    if change is not None:
        board.timers.at(change, "hours", name, board.hours_stamp)
