"""Canned replies as an agent may use them in a conversation: filled in, ready to be changed and sent."""

from __future__ import annotations

import msgspec

from inbox.api.conversations import visible
from inbox.call import Call, NoBody, NoQuery
from inbox.canned import fill, first_name
from inbox.loading import one_view
from inbox.policy import RANK, Person
from inbox.ports import CannedFacts
from inbox.views import ConversationView
from stream import reads


class CannedView(msgspec.Struct, frozen=True, kw_only=True):
    """A canned reply: `name` is what one types after a slash, `text` has its placeholders filled."""

    name: str
    title: str
    text: str


class CannedReplies(msgspec.Struct, frozen=True, kw_only=True):
    """All that the caller's teams have, by name."""

    items: list[CannedView]


async def read_list(call: Call[NoBody, NoQuery]) -> CannedReplies:
    """The canned replies for this conversation, filled in with its names."""
    row = await visible(call, call.arg())
    facts = await _facts(call, await one_view(call.services, row))
    found = [one for one in call.services.house().replies if _may_use(call.person, one)]
    return CannedReplies(
        items=[CannedView(name=one.name, title=one.title, text=fill(one.text, facts)) for one in found]
    )


def _may_use(person: Person, one: CannedFacts) -> bool:
    """Everybody's, their teams', and everything for who leads."""
    return not one.teams or RANK[person.role] > 0 or bool(person.teams & set(one.teams))


async def _facts(call: Call[NoBody, NoQuery], row: ConversationView) -> dict[str, str]:
    agent = await reads.agent(call.services.store, call.person.login)
    name = (agent.name if agent else "") or call.person.login
    channel = call.services.house().channel(row.channel)
    contact = row.contact.name if "@" not in row.contact.name else ""
    return {
        "contact.name": contact,
        "contact.first_name": first_name(contact),
        "agent.name": name,
        "agent.first_name": first_name(name) or name,
        "conversation.id": row.id,
        "conversation.subject": row.subject,
        "conversation.channel": (channel.name if channel else "") or row.channel,
    }
