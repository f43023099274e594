"""The state behind the fake server: rows folded by the real fold, views made by the real views. No HTTP, no routing, no store."""

import time
from collections.abc import Iterable
from typing import Any

import msgspec

from inbox import views
from inbox.live import frames
from inbox.ports import Duty, Opening, QueueFacts
from stream import events as ev
from stream import model
from stream.fold import Key, fold_row, touches
from stream.ids import new_token

CAPABILITIES: dict[str, dict[str, Any]] = {
    "email": {
        "copies": True,
        "html": True,
        "files": True,
        "max_file_bytes": 10_000_000,
        "subjects": True,
        "starts_conversations": True,
    },
    "webchat": {
        "files": True,
        "max_file_bytes": 5_000_000,
        "typing_in": True,
        "typing_out": True,
        "receipts": True,
    },
    "telegram": {"files": True, "max_file_bytes": 20_000_000, "text_limit": 4096},
    "webhook": {"files": False, "text_limit": 160},
}


class FakeWorld:
    """Rows, contents and a journal of events; `emit` is the only way to change rows."""

    def __init__(self) -> None:
        self.rows: dict[Key, Any] = {}
        self.contents: dict[str, model.Content] = {}
        self.epoch = "epoch-1"
        self.n = 100
        self.journal: list[dict[str, Any]] = []
        self.tags = ["billing", "returns", "warranty"]
        self.statuses: list[dict[str, str]] = []
        self.channels = [
            {"id": ident, "connector": connector, "name": name, "capabilities": CAPABILITIES[connector]}
            for ident, connector, name in (
                ("support-email", "email", "support@"),
                ("site-chat", "webchat", "Website chat"),
                ("telegram", "telegram", "Telegram"),
                ("orders-hook", "webhook", "Order system"),
            )
        ]
        self.queues = {"billing": "Billing", "orders": "Orders", "technical": "Technical"}
        self.suggestions: dict[str, list[views.Suggestion]] = {}
        self.merged: dict[str, list[str]] = {}
        self.decisions: dict[str, list[dict[str, Any]]] = {}
        self.connected: set[str] = set()
        self.duty: dict[str, Duty] = {}
        self.opening: dict[str, Opening] = {}
        self.canned = [
            {"name": "thanks", "title": "Thanks, we look into it", "text": "Dear {name},\n\nthank you."},
            {"name": "refund", "title": "How a refund works", "text": "A refund takes three days."},
            {"name": "hours", "title": "", "text": "We are here from 9 to 5, thanks."},
        ]
        self.now = time.time

    # --- reading ---------------------------------------------------------------------------------------------------

    def of(self, kind: str) -> list[Any]:
        """All rows of one kind."""
        return [row for (one, _), row in self.rows.items() if one == kind]

    def conversation(self, ident: str) -> model.Conversation:
        """One conversation's row. Raises `KeyError`."""
        row: model.Conversation = self.rows["conversation", ident]
        return row

    def agent(self, login: str) -> model.Agent:
        """One agent's row."""
        row: model.Agent = self.rows["agent", login]
        return row

    def messages(self, conversation: str) -> list[model.Message]:
        """A conversation's messages, oldest first."""
        found = [row for row in self.of("message") if row.conversation == conversation]
        return sorted(found, key=lambda row: row.seq)

    def around(self) -> views.Around:
        """What the real views need."""
        identities = {row.id: row for row in self.of("identity")}
        return views.Around(identities, {row.id: row for row in self.of("contact")}, self.contents)

    def view(self, ident: str) -> Any:
        """A ConversationView as JSON-able data."""
        return msgspec.to_builtins(views.conversation_view(self.conversation(ident), self.around()))

    def message_view(self, row: model.Message) -> Any:
        """A MessageView as JSON-able data."""
        return msgspec.to_builtins(views.message_view(row, self.contents))

    def agent_view(self, login: str) -> Any:
        """An AgentView as JSON-able data."""
        connected, duty = login in self.connected, self.duty.get(login, Duty())
        return msgspec.to_builtins(views.agent_view(self.agent(login), duty, connected=connected))

    def queue_view(self, ident: str) -> Any:
        """A QueueView as JSON-able data."""
        facts, opening = QueueFacts(id=ident, name=self.queues[ident]), self.opening.get(ident, Opening())
        return msgspec.to_builtins(frames.queue_view(facts, self.waiting(ident), opening))

    def hours(self) -> dict[str, Any]:
        """The frame that tells what goes by the clock."""
        closed = {ident: one for ident, one in self.opening.items() if one.closed}
        told: dict[str, Any] = msgspec.json.decode(frames.hours_frame(closed, self.duty))
        return told

    def contact_view(self, ident: str) -> Any:
        """A ContactView as JSON-able data."""
        identities = [row for row in self.of("identity") if row.contact == ident]
        merged = [self.rows["contact", other] for other in self.merged.get(ident, ())]
        contact: model.Contact = self.rows["contact", ident]
        return msgspec.to_builtins(
            views.contact_view(contact, identities, merged, self.suggestions.get(ident, ()), self.contents)
        )

    def waiting(self, queue: str) -> int:
        """How many conversations wait in `queue`."""
        rows = self.of("conversation")
        return sum(row.queue == queue and row.status == "open" and not row.assignee for row in rows)

    # --- changing --------------------------------------------------------------------------------------------------

    def content(self, content: model.Content) -> str:
        """Keep a content; answers its id."""
        ident = f"c_{new_token()}"
        self.contents[ident] = content
        return ident

    def emit(self, event: Any, at: float | None = None, *, shown: bool = False) -> dict[str, Any]:
        """Fold `event` into the rows and journal its frame. `shown`: it has just become visible, so the view comes along."""
        at = self.now() if at is None else at
        if isinstance(event, ev.ConversationEvent) and not event.version:
            known = self.rows.get(("conversation", event.conversation))
            event = msgspec.structs.replace(event, version=known.version + 1 if known else 1)
        for key in touches(event):
            self.rows[key] = fold_row(key, self.rows.get(key), event, at)
        prev, self.n = self.n, self.n + 2
        frame: dict[str, Any] = {"t": "event", "n": self.n, "prev": prev, "at": at}
        frame["event"] = msgspec.to_builtins(event)
        if content := self._content_of(event):
            frame["content"] = content
        if shown or isinstance(event, ev.ConversationStarted):
            frame["conversation"] = self.view(event.conversation)
        self.journal.append(frame)
        return frame

    def _content_of(self, event: Any) -> dict[str, Any]:
        ident = getattr(event, "content", "") or getattr(event, "profile", "")
        content = self.contents.get(ident)
        if isinstance(content, model.MessageContent):
            return {ident: msgspec.to_builtins(views.said(event.message, content))}
        return {ident: msgspec.to_builtins(content)} if content else {}

    def person(self, name: str, addresses: Iterable[tuple[str, str]]) -> tuple[str, list[str]]:
        """A contact with identities (scheme, value); answers their ids."""
        contact, identities = f"ctc_{new_token()}", []
        profile = self.content(model.PersonContent(name=name))
        self.emit(ev.ContactCreated(contact=contact, profile=profile))
        for scheme, value in addresses:
            ident = f"idn_{new_token()}"
            address = self.content(model.AddressContent(value=value, display=name))
            verified: Any = "claimed" if scheme == "email" else "channel"
            self.emit(
                ev.IdentityAdded(
                    identity=ident,
                    contact=contact,
                    scheme=scheme,
                    scope="channel",
                    lookup=ident,
                    address=address,
                    verified=verified,
                )
            )
            identities.append(ident)
        return contact, identities

    def start(
        self, channel: str, identity: str, subject: str = "", at: float | None = None, **more: Any
    ) -> str:
        """A new conversation; answers its id."""
        ident = f"cnv_{new_token()}"
        connector = next(one["connector"] for one in self.channels if one["id"] == channel)
        about = self.content(model.ConversationContent(key=ident, subject=subject))
        self.emit(
            ev.ConversationStarted(
                conversation=ident,
                channel=channel,
                connector=str(connector),
                key=ident,
                about=about,
                identity=identity,
                **more,
            ),
            at,
        )
        return ident

    def receive(
        self, conversation: str, text: str, at: float | None = None, **content: Any
    ) -> dict[str, Any]:
        """The customer writes; answers the frame."""
        row = self.conversation(conversation)
        return self.emit(
            ev.MessageReceived(
                conversation=conversation,
                message=f"msg_{new_token()}",
                seq=row.seq + 1,
                author=model.Author(kind="contact", id=row.identity),
                content=self.content(model.MessageContent(text=text, **content)),
            ),
            at,
        )

    def reply(
        self,
        conversation: str,
        agent: str,
        text: str,
        at: float | None = None,
        message: str = "",
        files: tuple[model.Attachment, ...] = (),
        data: dict[str, Any] | None = None,
    ) -> str:
        """A message of ours is queued; answers its id."""
        message = message or f"msg_{new_token()}"
        self.emit(
            ev.ReplyQueued(
                conversation=conversation,
                message=message,
                seq=self.conversation(conversation).seq + 1,
                author=model.Author(kind="agent", id=agent),
                content=self.content(model.MessageContent(text=text, attachments=files, data=data or {})),
            ),
            at,
        )
        return message

    def note(
        self,
        conversation: str,
        agent: str,
        text: str,
        at: float | None = None,
        message: str = "",
        **more: Any,
    ) -> str:
        """A private note; answers its id."""
        message = message or f"msg_{new_token()}"
        self.emit(
            ev.NoteAdded(
                conversation=conversation,
                message=message,
                seq=self.conversation(conversation).seq + 1,
                author=model.Author(kind="agent", id=agent),
                content=self.content(model.MessageContent(text=text)),
                **more,
            ),
            at,
        )
        return message

    def deliver(
        self, conversation: str, message: str, delivery: model.Delivery, error: str = ""
    ) -> dict[str, Any]:
        """What became of a message of ours."""
        return self.emit(
            ev.DeliveryChanged(conversation=conversation, message=message, delivery=delivery, error=error)
        )

    def enqueue(self, conversation: str, queue: str, at: float | None = None, **more: Any) -> dict[str, Any]:
        """It waits in `queue`."""
        row = self.conversation(conversation)
        since = row.place or (self.now() if at is None else at)
        held = row.assignee if row.status == "open" else ""
        return self.emit(
            ev.ConversationQueued(
                conversation=conversation,
                queue=queue,
                waiting_since=since,
                released=held,
                released_units=row.units if held else 0,
                connector=row.connector,
                **more,
            ),
            at,
        )

    def offer(self, conversation: str, agent: str, seconds: float = 30.0) -> dict[str, Any]:
        """`agent` is asked."""
        row = self.conversation(conversation)
        return self.emit(
            ev.OfferMade(
                conversation=conversation,
                offer=f"off_{new_token()}",
                agent=agent,
                expires_at=self.now() + seconds,
                units=row.units or 1,
                connector=row.connector,
            ),
            shown=True,
        )

    def assign(
        self, conversation: str, agent: str, at: float | None = None, how: Any = "assigned"
    ) -> dict[str, Any]:
        """`agent` has it, whoever had it before."""
        row = self.conversation(conversation)
        offered = row.offer.agent if row.offer else ""
        held = row.assignee if row.status == "open" else ""
        return self.emit(
            ev.ConversationAssigned(
                conversation=conversation,
                agent=agent,
                units=row.units or 1,
                how=how,
                by=model.Author(kind="agent", id=agent),
                connector=row.connector,
                reserved=row.offer.units if row.offer and offered == agent else 0,
                released=held,
                released_units=row.units if held else 0,
                recalled=offered if offered != agent else "",
                recalled_units=row.offer.units if row.offer and offered != agent else 0,
            ),
            at,
        )

    def team(self, *agents: tuple[str, str, model.Role, model.AgentStatus, dict[str, int]]) -> None:
        """Agents as (login, name, role, status, skills)."""
        for login, name, role, status, skills in agents:
            queues = tuple(self.queues)
            self.emit(
                ev.AgentConfigured(
                    agent=login, name=name, role=role, queues=queues, skills=skills, capacity=10
                )
            )
            self.emit(
                ev.AgentStatusChanged(agent=login, status=status, reason="Lunch" if status == "away" else "")
            )
