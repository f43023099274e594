"""Deciding about bots: giving what they have to people. That they get it first is a decision of the router (`routing.push`)."""

from __future__ import annotations

from stream import commands as cmd
from stream import events as ev
from stream.decide import bounds
from stream.decide.draft import Draft
from stream.decide.people import checked
from stream.decide.work import requeue
from stream.model import Author, MessageContent


def hand_over(draft: Draft, command: cmd.HandOver) -> None:
    """It waits for people in the queue that its rule gave it, at its place, and never comes back to the bot by itself."""
    row = checked(draft, command)
    bot = draft.agent(command.agent)
    if bot.kind != "bot" or row.assignee != bot.id or row.status != "open":
        draft.refuse("state", f"{bot.name or bot.id} does not have this conversation.", row.id)
    if command.unanswered and row.last_agent_at >= row.last_customer_at:
        draft.refuse("state", f"{bot.name or bot.id} has answered meanwhile.", row.id)
    bounds.fits(draft, "summary", command.summary, bounds.MAX_TEXT, row.id)
    by = Author(kind="bot", id=bot.id)
    if command.summary.strip():
        content = draft.content("summary", MessageContent(text=command.summary))
        note = draft.new_id("msg", "summary")
        draft.emit(
            ev.NoteAdded(conversation=row.id, message=note, seq=row.seq + 1, author=by, content=content)
        )
        row = draft.conversation(row.id)
    reason = f"{bot.name or bot.id} hands over: {command.reason or 'no reason given'}"
    requeue(draft, row, queue=row.queue, reason=reason[: bounds.MAX_REASON], by=by, forget_declined=True)
