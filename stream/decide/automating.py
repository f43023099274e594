"""Deciding about the rules of the automation: once per cause, bounded per conversation, each action only where it makes sense.

An action that cannot be (a reply to a customer who has left, a resolved conversation) is left out and said so; the others happen.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from stream import commands as cmd
from stream import events as ev
from stream.commands.automation import Automate, RuleRun
from stream.decide import bounds, work
from stream.decide.draft import AUTO, Draft, Refusal
from stream.decide.people import set_priority, set_tags
from stream.decide.routing import check_epoch
from stream.decide.sends import queue_send, reachable
from stream.model import Author, Conversation, MessageContent

MOST_RULES = 100


def automate(draft: Draft, command: Automate) -> None:
    """See `commands.Automate`. Refused as a state when the guard has told already that it cuts here."""
    check_epoch(draft, command.epoch)
    source = AUTO, f"{command.conversation}:{command.key}"
    draft.once(*source)
    row = draft.conversation(command.conversation)
    bounds.few(draft, "rules", command.runs, MOST_RULES, row.id)
    fresh = draft.now - row.automated_since > command.within
    since, runs = (draft.now, 1) if fresh else (row.automated_since, row.automated + 1)
    if runs > command.most + 1:
        draft.refuse(
            "state", f"Rules ran {command.most} times here; they rest until the time is over.", row.id
        )
    cut = command.cut
    if runs > command.most:
        cut = f"rules ran {command.most} times within {command.within:g} s on this conversation"
    names = tuple(run.rule for run in command.runs)
    event = ev.AutomationRan(
        conversation=row.id, trigger=command.trigger, rules=names, cause=command.cause, chain=command.chain,
        depth=command.depth, cut=cut, runs=runs, since=since,
    )  # fmt: skip
    draft.emit(event)
    if not cut:
        did = [
            f"{run.rule}: {said}"
            for index, run in enumerate(command.runs)
            for said in _act(draft, row.id, run, index)
        ]
        # The event is fresh and nobody else has it yet; no fold reads these fields.
        msgspec.structs.force_setattr(event, "did", tuple(did))
        msgspec.structs.force_setattr(event, "calls", _calls(command.runs))
        msgspec.structs.force_setattr(event, "effects", len(draft.events) - 1)
    draft.extras.sources[source] = (row.id, b"")


def _calls(runs: tuple[RuleRun, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for run in runs for name in run.webhooks))


def _act(draft: Draft, ident: str, run: RuleRun, index: int) -> list[str]:
    """Do what one rule says; what was done and what was not, in words."""
    by = Author(kind="system", id=f"rule:{run.rule}"[: bounds.MAX_LOGIN])
    did: list[str] = []
    for wanted, action in _ACTIONS:
        if not wanted(run):
            continue
        try:
            did.append(action(draft, draft.conversation(ident), run, by, index))
        except Refusal as refusal:
            did.append(f"not done: {refusal.sentence}")
    return did


def _tags(draft: Draft, row: Conversation, run: RuleRun, by: Author, _index: int) -> str:
    set_tags(draft, cmd.SetTags(token=draft.token, conversation=row.id, by=by, add=run.tag, remove=run.untag))
    return " ".join(["tags", *(f"+{tag}" for tag in run.tag), *(f"-{tag}" for tag in run.untag)])


def _priority(draft: Draft, row: Conversation, run: RuleRun, by: Author, _index: int) -> str:
    set_priority(
        draft, cmd.SetPriority(token=draft.token, conversation=row.id, by=by, priority=run.priority or 0)
    )
    return f"priority {run.priority}"


def _note(draft: Draft, row: Conversation, run: RuleRun, by: Author, index: int) -> str:
    content = draft.content(f"n{index}", MessageContent(text=run.note))
    message = draft.new_id("msg", f"n{index}")
    draft.emit(
        ev.NoteAdded(conversation=row.id, message=message, seq=row.seq + 1, author=by, content=content)
    )
    return "a private note"


def _reply(draft: Draft, row: Conversation, run: RuleRun, by: Author, index: int) -> str:
    if row.status == "resolved" or row.spam:
        draft.refuse("state", "nothing automatic is sent to this conversation", row.id)
    reachable(draft, row)
    message = draft.new_id("msg", f"r{index}")
    queue_send(draft, row, message, by, MessageContent(text=run.reply), automatic=True)
    return "a reply"


def _webhooks(_draft: Draft, _row: Conversation, run: RuleRun, _by: Author, _index: int) -> str:
    return f"calls {', '.join(run.webhooks)}"


def _move(draft: Draft, row: Conversation, run: RuleRun, by: Author, _index: int) -> str:
    if row.status == "resolved" or row.spam:
        draft.refuse("state", "a conversation that is done waits in no queue", row.id)
    queue, team = run.queue or row.queue, run.team or ""
    if (queue, team) == (row.queue, row.team) and row.status == "open" and not row.assignee:
        return f"stays in {queue}"
    work.requeue(
        draft, row, queue=queue, reason=f"by the rule {run.rule}", by=by, forget_declined=True, team=team
    )
    return f"queue {queue}" + (f", team {team}" if team else "")


def _snooze(draft: Draft, row: Conversation, run: RuleRun, by: Author, _index: int) -> str:
    if row.spam:
        draft.refuse("state", "it is spam", row.id)
    work.snooze(
        draft, cmd.Snooze(token=draft.token, conversation=row.id, by=by, until=draft.now + run.snooze)
    )
    return f"snoozed for {run.snooze:g} s"


def _resolve(draft: Draft, row: Conversation, run: RuleRun, by: Author, _index: int) -> str:
    work.resolve(
        draft, cmd.Resolve(token=draft.token, conversation=row.id, by=by, reason=f"by the rule {run.rule}")
    )
    return "resolved"


_Wanted = Callable[[RuleRun], bool]
_Action = Callable[[Draft, Conversation, RuleRun, Author, int], str]
_ACTIONS: tuple[tuple[_Wanted, _Action], ...] = (
    (lambda run: bool(run.tag or run.untag), _tags),
    (lambda run: run.priority is not None, _priority),
    (lambda run: bool(run.note), _note),
    (lambda run: bool(run.reply), _reply),
    (lambda run: bool(run.webhooks), _webhooks),
    (lambda run: run.queue is not None or run.team is not None, _move),
    (lambda run: run.snooze > 0, _snooze),
    (lambda run: run.resolve, _resolve),
)
