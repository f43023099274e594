"""What people do to conversations over HTTP: one handler per verb, made from the table in `inbox/verbs.py`."""

from __future__ import annotations

from typing import Any

import msgspec

from inbox.call import Call, Handler, NoQuery
from inbox.errors import not_found
from inbox.loading import message_views, one_view
from inbox.policy import may
from inbox.verbs import WORK, work
from inbox.views import ConversationView, MessageView
from stream import commands as cmd
from stream import reads

SUMMARIES = {
    "reply": "Send a message to the customer",
    "note": "Write a private note",
    "accept": "Accept an offer",
    "decline": "Decline an offer",
    "take": "Take it from the queue or from a colleague",
    "assign": "Give it to an agent",
    "transfer": "Put it into a queue",
    "handover": "Give what a bot has to people",
    "resolve": "Done",
    "reopen": "Open it again",
    "wake": "End a snooze",
    "snooze": "Out of sight until a time",
    "tags": "Add and remove tags",
    "priority": "Set the priority",
    "spam": "Mark as spam, or not",
    "read": "Read up to a message",
    "retry": "Send a failed message again, or give it up",
    "move": "Put a customer's message into another conversation of theirs, or into a new one",
}


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """Done at number `n`: the conversation as it is now (null when it has gone out of the caller's sight)."""

    n: int
    conversation: ConversationView | None


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """Kept at number `n`: the message."""

    n: int
    message: MessageView


def on(verb: str) -> Handler:
    """The handler of `verb`."""
    writes = verb in {"reply", "note"}

    async def handler(call: Any) -> Any:
        ident = call.arg()
        result = await work(call.services, call.person, verb, ident, call.body)
        return await (_posted(call, result) if writes else _changed(call, ident, result))

    handler.__doc__ = SUMMARIES[verb]
    handler.__name__ = verb
    body: Any = WORK[verb].body
    handler.__annotations__ = {"call": Call[body, NoQuery], "return": Posted if writes else Changed}
    return handler


async def _posted(call: Call[Any, NoQuery], result: cmd.Committed | cmd.Duplicate) -> Posted:
    row = await reads.message(call.services.store, call.body.message)
    if row is None or row.conversation != call.arg():
        raise not_found("This message")
    return Posted(n=result.n, message=(await message_views(call.services, [row]))[0])


async def _changed(call: Call[Any, NoQuery], ident: str, result: cmd.Committed | cmd.Duplicate) -> Changed:
    row = await reads.conversation(call.services.store, ident)
    visible = row is not None and may(call.person, "conversation.read", row)
    return Changed(n=result.n, conversation=await one_view(call.services, row) if row and visible else None)
