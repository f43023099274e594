"""What a queued message is when it leaves: the contract's `Outbound`, put together from the stream. Reads only."""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.contract import Outbound
from connectors.destination import Destination, destination_of
from connectors.files import Files
from stream import reads
from stream.journal import Journal
from stream.model import Content, Message, MessageContent

LOOK_BACK = 50


class Send(msgspec.Struct, frozen=True):
    """A message ready to be planned, with where it goes."""

    outbound: Outbound
    destination: Destination


class NothingToSend(Exception):
    """The message cannot leave; the sentence says why."""


async def send_for(journal: Journal, files: Files, message: str) -> Send:
    """Everything that the channel needs for one message. Raises `NothingToSend`, `StoreError`."""
    row = await reads.message(journal.store, message)
    if row is None:
        raise NothingToSend("The message is not there any more.")
    destination = await destination_of(journal, row.conversation)
    if destination is None:
        raise NothingToSend("The customer's address has been erased.")
    around = await reads.messages(journal.store, row.conversation, row.seq, LOOK_BACK)
    last = next((other for other in reversed(around) if other.direction == "in"), None)
    contents = await journal.contents([row.content, *([last.content] if last else [])])
    content = contents.get(row.content)
    if not isinstance(content, MessageContent):
        raise NothingToSend("The message's content has been erased.")
    context = {
        "conversation": row.conversation,
        "subject": destination.about.subject,
        "agent": await _agent_name(journal, row),
        "last": _last(last, contents.get(last.content)) if last else {},
        "thread": tuple(ident for other in around for ident in other.provider_ids)[-LOOK_BACK:],
        "reply_to": await _provider_ids(journal, row.reply_to),
        "at": row.at,
        "data": content.data,
    }
    return Send(_outbound(row, content, destination, files, context), destination)


def _outbound(
    row: Message, content: MessageContent, destination: Destination, files: Files, context: dict[str, Any]
) -> Outbound:
    return Outbound(
        id=row.id,
        to=destination.to,
        conversation_key=destination.about.key,
        text=content.text,
        html=content.html,
        subject=content.subject or destination.about.subject,
        files=tuple(files.outgoing(attachment) for attachment in content.attachments),
        reply_to=row.reply_to,
        context=context,
        automatic=row.automatic,
    )


async def _agent_name(journal: Journal, row: Message) -> str:
    if row.author.kind != "agent":
        return ""
    agent = await reads.agent(journal.store, row.author.id)
    return agent.name if agent else ""


async def _provider_ids(journal: Journal, message: str) -> tuple[str, ...]:
    found = await reads.message(journal.store, message) if message else None
    return found.provider_ids if found else ()


def _last(row: Message, content: Content | None) -> dict[str, Any]:
    said = content if isinstance(content, MessageContent) else MessageContent()
    return {
        "id": row.id,
        "provider_ids": row.provider_ids,
        "subject": said.subject,
        "text": said.text,
        "at": row.at,
        "data": said.data,
    }
