"""A house in dictionaries for tests of the stream: a team, a clock that stands still, and the verbs that tests use. Checks itself."""

from __future__ import annotations

from collections import Counter
from typing import Any

from stream import commands as cmd
from stream import events as ev
from stream.append import append
from stream.decide.draft import OutboxRow
from stream.fold import Key, fold_row, scope_of, touches
from stream.model import Author, Conversation, Entity, MessageContent
from stream.recent import Recent
from tests import making
from tests.making import ANN, BEN, agent
from tests.stream.shelf import Shelf, entities

EPOCH = 7
NOON = 1_700_000_000.0


class Desk:
    """Ann and Ben are online with ten units each; the router's lease has epoch 7; it is noon until a test says otherwise."""

    def __init__(self, recent: Recent | None = None, **facts: Any) -> None:
        self.shelf = Shelf()
        self.recent = recent
        self.shelf.leases["router"] = EPOCH
        self.now = NOON
        self._tokens = 0
        self.done(
            cmd.ApplyConfig(
                token=self.token(),
                hash="h1",
                bundle={},
                agents=(agent("ann", **facts), agent("ben", **facts)),
            )
        )
        for who in (ANN, BEN):
            self.done(self.on(cmd.SetStatus, agent=who.id, status="online", by=who))

    # submitting

    def token(self) -> str:
        """The next token; they count up."""
        self._tokens += 1
        return f"t{self._tokens:06d}"

    def on(self, kind: type[cmd.Command], **facts: Any) -> Any:
        """A command with a token of its own."""
        return kind(**({"token": self.token()} | facts))

    def group(self, *commands: cmd.Command) -> list[cmd.Result]:
        """Append commands as one group and check the house."""
        results = self.shelf.run(append(commands, self.now, self.recent)).results
        check(self.shelf)
        return results

    def submit(self, command: cmd.Command) -> cmd.Result:
        """Append one command."""
        return self.group(command)[0]

    def done(self, command: cmd.Command) -> cmd.Committed:
        """Append; fails the test unless it was committed."""
        result = self.submit(command)
        assert isinstance(result, cmd.Committed), result
        return result

    def refused(self, command: cmd.Command) -> cmd.Refused:
        """Append; fails the test unless it was refused. Refused leaves nothing."""
        before = (self.shelf.n, dict(self.shelf.content), dict(self.shelf.inbound))
        result = self.submit(command)
        assert isinstance(result, cmd.Refused), result
        assert (self.shelf.n, self.shelf.content, self.shelf.inbound) == before
        return result

    def events(self, command: cmd.Command) -> list[str]:
        """Append; the names of the events it made."""
        return [type(event).__name__ for event in self.done(command).events]

    # verbs

    def message(self, who: str, source: str = "", text: str = "hello", **more: Any) -> cmd.ReceiveMessage:
        """A chat message of `who`."""
        token = self.token()
        return making.message(who, source or f"msg:{token}", text, token=token, **more)

    def arrive(self, who: str, **more: Any) -> str:
        """A chat message of `who` is taken in; its conversation's id."""
        return self.done(self.message(who, **more)).conversation

    def enqueue(self, conversation: str, **more: Any) -> cmd.Enqueue:
        """Into the queue `support`."""
        facts = {"epoch": EPOCH, "conversation": conversation, "queue": "support"} | more
        command: cmd.Enqueue = self.on(cmd.Enqueue, **facts)
        return command

    def offer(self, conversation: str, who: str = "ann", units: int = 1, **more: Any) -> cmd.MakeOffer:
        """Twenty seconds to accept."""
        token = self.token()
        facts: dict[str, Any] = {"epoch": EPOCH, "expires_at": self.now + 20, "offer": f"off_{token}"} | more
        return cmd.MakeOffer(token=token, conversation=conversation, agent=who, units=units, **facts)

    def assigned(self, who: str, by: Author = ANN, units: int = 1) -> str:
        """A conversation of `who` that was offered to `by` and accepted."""
        conversation = self.arrive(who)
        offer = self.offer(conversation, by.id, units)
        self.done(offer)
        self.done(self.on(cmd.AcceptOffer, conversation=conversation, by=by, offer=offer.offer))
        return conversation

    def reply(self, conversation: str, text: str = "hi", by: Author = ANN, **more: Any) -> cmd.Reply:
        """A reply with a message id of its own."""
        token = self.token()
        facts: dict[str, Any] = {"message": f"msg_{token}", "content": MessageContent(text=text)} | more
        return cmd.Reply(token=token, conversation=conversation, by=by, **facts)

    def claimed(self, message: str) -> int:
        """Let a worker claim the message's send; the fence."""
        row = self.outbox(message)
        assert row.status == "queued"
        fields = list(self.shelf.outbox[message])
        fields[4], fields[8] = "sending", row.fence + 1
        self.shelf.outbox[message] = tuple(fields)
        return row.fence + 1

    def outbox(self, message: str) -> OutboxRow:
        """The outbox row of a message."""
        return OutboxRow(**dict(zip(OutboxRow.__struct_fields__, self.shelf.outbox[message], strict=True)))

    def delivery(self, message: str, fence: int, delivery: str, **more: Any) -> cmd.RecordDelivery:
        """A worker's report."""
        command: cmd.RecordDelivery = self.on(
            cmd.RecordDelivery, message=message, fence=fence, delivery=delivery, **more
        )
        return command

    def sent(self, conversation: str, ident: str) -> str:
        """A reply that the provider accepted under the id `ident`; the message."""
        reply = self.reply(conversation)
        self.done(reply)
        self.done(self.delivery(reply.message, self.claimed(reply.message), "sent", provider_ids=(ident,)))
        return reply.message

    def receipt(self, ident: str, state: str, **more: Any) -> cmd.ReceiveReceipt:
        """A provider's report on its id `ident`."""
        token = self.token()
        facts: dict[str, Any] = {
            "channel": "website",
            "connector": "webchat",
            "source_key": f"r:{token}",
        } | more
        return cmd.ReceiveReceipt(token=token, provider_id=ident, state=state, **facts)  # type: ignore[arg-type]  # a literal of the test

    # looking

    def row(self, conversation: str) -> Conversation:
        """A conversation."""
        return self.shelf.conversation(conversation)

    def held(self, who: str) -> tuple[int, dict[str, int]]:
        """What an agent has: units, and conversations per connector."""
        row = self.shelf.agent(who)
        return row.load, row.held


def check(shelf: Shelf) -> None:
    """Whatever happened: the rows are what the events make of nothing, and nothing contradicts."""
    rows = entities(shelf)
    assert refolded(shelf) == rows
    versions: Counter[str] = Counter()
    for recorded in shelf.journal:
        if isinstance(recorded.event, ev.ConversationEvent):
            versions[recorded.event.conversation] += 1
            assert recorded.event.version == versions[recorded.event.conversation]
    seqs: Counter[str] = Counter(message.conversation for message in shelf.rows("message").values())
    for row in shelf.rows("conversation").values():
        assert row.version == versions[row.id]
        assert row.seq == seqs[row.id]
        assert 0 <= row.unread <= row.seq
        assert not (row.offer and (row.assignee or row.status != "open"))
        if row.status != "resolved":
            assert shelf.threads[row.channel, row.key] == row.id
    offers = {row.id: row.offer for row in shelf.rows("conversation").values() if row.offer}
    assert shelf.invited == {(ident, who) for ident, offer in offers.items() for who in offer.also}
    check_capacity(shelf)
    for message in shelf.outbox:
        assert shelf.message(message).direction == "out"


def check_capacity(shelf: Shelf) -> None:
    """Agents hold exactly what their conversations say."""
    for agent_row in shelf.rows("agent").values():
        units, kinds = 0, Counter[str]()
        for row in shelf.rows("conversation").values():
            if row.status == "open" and row.assignee == agent_row.id and not row.resting:
                units, kinds[row.connector] = units + row.units, kinds[row.connector] + 1
            assert not row.resting or (row.status == "open" and row.assignee)
            if row.offer and agent_row.id in row.offer.asked:
                units, kinds[row.connector] = units + row.offer.units, kinds[row.connector] + 1
        assert (agent_row.load, agent_row.held) == (units, dict(kinds)), agent_row.id


def refolded(shelf: Shelf) -> dict[Key, Entity]:
    """The rows as the journal makes them from nothing; each event's scope is the conversation's."""
    rows: dict[Key, Entity] = {}
    for recorded in shelf.journal:
        event = recorded.event
        before = None
        for key in touches(event):
            if key[0] == "conversation":
                before = rows.get(key)
            rows[key] = fold_row(key, rows.get(key), event, recorded.at)
        if isinstance(event, ev.ConversationEvent):
            after = rows["conversation", event.conversation]
            assert isinstance(after, Conversation)
            was = scope_of(before) if isinstance(before, Conversation) else None
            expected = scope_of(after)
            assert recorded.scope is not None
            assert recorded.scope.was == (None if was is None or was == expected else was)
    return rows
