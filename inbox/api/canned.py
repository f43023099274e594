"""Canned replies as an agent may use them in a conversation or in a first letter: filled in, ready to be changed and sent."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from inbox.api.conversations import Line, Name, visible
from inbox.call import Call, NoBody, NoQuery
from inbox.canned import fill, first_name
from inbox.decode import Body
from inbox.loading import one_view
from inbox.policy import RANK, Person
from inbox.ports import CannedFacts
from stream import reads


class CannedView(msgspec.Struct, frozen=True, kw_only=True):
    """A canned reply: `name` is what one types after a slash, `text` has its placeholders filled."""

    name: str
    title: str
    text: str


class CannedReplies(msgspec.Struct, frozen=True, kw_only=True):
    """All that the caller's teams have, by name."""

    items: list[CannedView]


class LetterQuery(Body, frozen=True, kw_only=True):
    """What is known of a letter that is being written; `name` is whom it goes to."""

    channel: Annotated[str, Meta(max_length=128)] = ""
    name: Name = ""
    subject: Line = ""


async def read_list(call: Call[NoBody, NoQuery]) -> CannedReplies:
    """The canned replies for this conversation, filled in with its names."""
    row = await one_view(call.services, await visible(call, call.arg()))
    return await _filled(call, row.channel, row.contact.name, row.subject, row.id)


async def read_for_letter(call: Call[NoBody, LetterQuery]) -> CannedReplies:
    """Those for a conversation that has not begun yet."""
    return await _filled(call, call.query.channel, call.query.name, call.query.subject)


async def _filled(
    call: Call[NoBody, Any], channel: str, contact: str, subject: str, conversation: str = ""
) -> CannedReplies:
    agent = await reads.agent(call.services.store, call.person.login)
    name = (agent.name if agent else "") or call.person.login
    house = call.services.house()
    configured = house.channel(channel)
    contact = contact if "@" not in contact else ""
    facts = {
        "contact.name": contact,
        "contact.first_name": first_name(contact),
        "agent.name": name,
        "agent.first_name": first_name(name) or name,
        "conversation.id": conversation,
        "conversation.subject": subject,
        "conversation.channel": (configured.name if configured else "") or channel,
    }
    found = [one for one in house.replies if _may_use(call.person, one)]
    return CannedReplies(
        items=[CannedView(name=one.name, title=one.title, text=fill(one.text, facts)) for one in found]
    )


def _may_use(person: Person, one: CannedFacts) -> bool:
    """Everybody's, their teams', and everything for who leads."""
    return not one.teams or RANK[person.role] > 0 or bool(person.teams & set(one.teams))
