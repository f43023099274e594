"""Any life of a house: a state machine over deciding, folding and saving, without a database. Every step is checked by `desk.check`.

Commands come one at a time or several in a group, some stale, some from a stranger, some twice. Whatever happens: rows are what the
events make of nothing, capacity never drifts, nobody is pushed over theirs, a repeat has the answer of the first time.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from stream import commands as cmd
from stream import events as ev
from stream.append import append
from stream.model import Author, MessageContent
from stream.recent import Recent
from tests.making import ANN, BEN, agent, sender, team
from tests.stream.desk import EPOCH, Desk, check_capacity

PEOPLE = st.sampled_from([ANN, BEN])
RARELY = st.sampled_from([False, False, False, True])
CUSTOMERS = st.sampled_from(["v1", "v2", "v3", "v4"])


class Life(RuleBasedStateMachine):
    """Verbs as rules; `conversations` and `messages` are what is known so far."""

    conversations: Bundle[str] = Bundle("conversations")
    messages: Bundle[str] = Bundle("messages")

    @initialize(target=conversations)
    def open(self) -> Any:
        self.desk = Desk(
            Recent(limit=12), capacity=4, caps={"webchat": 3}
        )  # too few for all: some are read again
        self.answers: dict[str, tuple[cmd.Command, cmd.Result]] = {}
        self.bounced: set[str] = set()
        return multiple(self.desk.arrive("v1"), self.desk.arrive("v2"), self.desk.arrive("v3"))

    # --- submitting

    def ask(self, command: cmd.Command) -> cmd.Result:
        return self.ask_all(command)[0]

    @rule()
    def another_process_writes(self) -> None:
        self.desk.shelf.run(append([self.desk.message("v4")], self.desk.now))

    def ask_all(self, *commands: cmd.Command) -> list[cmd.Result]:
        before = {ident: row.load for ident, row in self.desk.shelf.rows("agent").items()}
        results = self.desk.group(*commands)
        forced = any(
            getattr(event, "over_capacity", False)
            for result in results
            if isinstance(result, cmd.Committed)
            for event in result.events
        )
        for ident, row in self.desk.shelf.rows("agent").items():
            assert forced or row.load <= max(row.capacity, before[ident]), "pushed over capacity"
        return results

    def verb(self, kind: type[cmd.OnConversation], conversation: str, by: Author, **facts: Any) -> cmd.Result:
        return self.ask(self.desk.on(kind, conversation=conversation, by=by, **facts))

    def known(self, result: cmd.Result) -> Any:
        made = result.conversation if isinstance(result, cmd.Committed) else ""
        return made or multiple()

    # --- customers

    @rule(target=conversations, who=CUSTOMERS, window=st.sampled_from([0.0, 1e6]), rare=RARELY, key=CUSTOMERS)
    def receive(self, who: str, window: float, rare: bool, key: str) -> Any:
        command = self.desk.message(
            who,
            conversation_key=key if rare else who,
            reopen_window=window,
            spam=rare,
            provider_id=self.desk.token(),
        )
        result = self.ask(command)
        self.answers[command.source_key] = (command, result)
        return self.known(result)

    @rule(who=CUSTOMERS)
    def write_from_elsewhere(self, who: str) -> None:
        self.ask(self.desk.message(who, direction="echo", provider_id=self.desk.token()))

    @rule(who=CUSTOMERS, to=CUSTOMERS)
    def answer_in_a_thread(self, who: str, to: str) -> None:
        hits = [
            place[1]
            for place, hit in self.desk.shelf.providers.items()
            if hit[0] in self.desk.shelf.bodies["message"]
        ]
        command = self.desk.message(
            who, conversation_key=f"new-{to}", thread=tuple(hits[-3:]), reply_to=hits[-1] if hits else ""
        )
        row = self.known(self.ask(command))
        if isinstance(row, str):
            identities = self.desk.shelf.rows("identity")
            owner = identities[self.desk.row(row).identity]
            writer = next(one for one in identities.values() if one.lookup == sender(who).lookup)
            assert owner.contact == writer.contact, "a stranger got into a thread"

    @rule(data=st.data())
    def redeliver(self, data: st.DataObject) -> None:
        if not self.answers:
            return
        command, first = self.answers[data.draw(st.sampled_from(sorted(self.answers)))]
        head = self.desk.shelf.n
        for again in self.ask_all(command, command):
            assert isinstance(first, cmd.Committed)
            assert again == cmd.Duplicate(n=first.n, id=first.id)
        assert self.desk.shelf.n == head

    @rule(data=st.data(), blocked=RARELY)
    def block(self, data: st.DataObject, blocked: bool) -> None:
        idents = sorted(self.desk.shelf.bodies["identity"])
        if idents:
            self.ask(
                self.desk.on(
                    cmd.BlockIdentity, identity=data.draw(st.sampled_from(idents)), blocked=blocked, by=ANN
                )
            )

    @rule(data=st.data(), undo=st.booleans())
    def merge(self, data: st.DataObject, undo: bool) -> None:
        idents = sorted(self.desk.shelf.bodies["contact"])
        if idents:
            pick = st.sampled_from(idents)
            kind: type[cmd.Command] = cmd.UnmergeContacts if undo else cmd.MergeContacts
            self.ask(self.desk.on(kind, contact=data.draw(pick), merged=data.draw(pick), by=ANN))

    # --- the router

    @rule(conversation=conversations, stale=RARELY, units=st.integers(1, 3))
    def enqueue(self, conversation: str, stale: bool, units: int) -> None:
        command = self.desk.enqueue(conversation, units=units, epoch=EPOCH - stale)
        result = self.ask(command)
        assert not stale or (isinstance(result, cmd.Refused) and result.code == "epoch")

    @rule(conversation=conversations, who=PEOPLE, units=st.integers(1, 3), accepted=st.booleans())
    def offer(self, conversation: str, who: Author, units: int, accepted: bool) -> None:
        offer = self.desk.offer(conversation, who.id, units)
        result = self.ask(offer)
        if accepted:
            accept = self.verb(cmd.AcceptOffer, conversation, who, offer=offer.offer)
            assert type(accept) is type(result)

    @rule(conversation=conversations, units=st.integers(1, 2), again=st.booleans())
    def ask_both(self, conversation: str, units: int, again: bool) -> None:
        row = self.desk.row(conversation)
        replaces = row.offer.id if row.offer and again else ""
        self.ask(self.desk.offer(conversation, "ben", units, also=(("ann", 0),), replaces=replaces))

    @rule(conversation=conversations, who=PEOPLE)
    def rest(self, conversation: str, who: Author) -> None:
        self.ask(self.desk.on(cmd.Rest, conversation=conversation, agent=who.id, epoch=EPOCH))

    @rule(conversation=conversations, who=PEOPLE, units=st.integers(1, 3))
    def push(self, conversation: str, who: Author, units: int) -> None:
        self.ask(self.desk.on(cmd.Push, conversation=conversation, agent=who.id, units=units, epoch=EPOCH))

    @rule(conversation=conversations, who=PEOPLE, order=st.permutations(["accept", "decline", "expire"]))
    def race_for_an_offer(self, conversation: str, who: Author, order: list[str]) -> None:
        row = self.desk.row(conversation)
        offer = row.offer.id if row.offer else "off_none"
        facts: dict[str, Any] = {"conversation": conversation, "offer": offer}
        race = {
            "accept": self.desk.on(cmd.AcceptOffer, **facts, by=who),
            "decline": self.desk.on(cmd.DeclineOffer, **facts, by=who),
            "expire": self.desk.on(cmd.EndOffer, **facts, epoch=EPOCH, how="expired"),
        }
        results = self.ask_all(*(race[name] for name in order))
        done = sum(isinstance(result, cmd.Committed) for result in results)
        declined_first = len(row.offer.asked) > 1 and who.id in row.offer.asked if row.offer else False
        assert done == (row.offer is not None) or (declined_first and done == 2)

    @rule(conversation=conversations, who=PEOPLE)
    def hand_back(self, conversation: str, who: Author) -> None:
        self.ask(self.desk.on(cmd.HandBack, conversation=conversation, agent=who.id, epoch=EPOCH))

    @rule(conversation=conversations)
    def wake_when_due(self, conversation: str) -> None:
        self.ask(self.desk.on(cmd.WakeDue, conversation=conversation, epoch=EPOCH))

    @rule(seconds=st.sampled_from([1.0, 100.0, 1e6]))
    def let_time_pass(self, seconds: float) -> None:
        self.desk.now += seconds

    # --- people

    @rule(conversation=conversations, by=PEOPLE, override=st.booleans(), to=PEOPLE)
    def assign(self, conversation: str, by: Author, override: bool, to: Author) -> None:
        self.verb(cmd.Assign, conversation, by, agent=to.id, override=override)

    @rule(conversation=conversations, by=PEOPLE, behind=st.integers(0, 2))
    def take(self, conversation: str, by: Author, behind: int) -> None:
        version = self.desk.row(conversation).version - behind
        result = self.verb(cmd.Take, conversation, by, version=version)
        assert not behind or not version or (isinstance(result, cmd.Refused) and result.code == "version")

    @rule(conversation=conversations, by=PEOPLE)
    def transfer(self, conversation: str, by: Author) -> None:
        self.verb(cmd.Transfer, conversation, by, queue="sales")

    @rule(conversation=conversations, by=PEOPLE, kind=st.sampled_from([cmd.Resolve, cmd.Reopen, cmd.Wake]))
    def settle(self, conversation: str, by: Author, kind: type[cmd.OnConversation]) -> None:
        self.verb(kind, conversation, by)

    @rule(conversation=conversations, by=PEOPLE, seconds=st.sampled_from([10.0, 1000.0]))
    def snooze(self, conversation: str, by: Author, seconds: float) -> None:
        self.verb(cmd.Snooze, conversation, by, until=self.desk.now + seconds)

    @rule(conversation=conversations, by=PEOPLE, spam=RARELY)
    def mark_spam(self, conversation: str, by: Author, spam: bool) -> None:
        self.verb(cmd.MarkSpam, conversation, by, spam=spam)

    @rule(conversation=conversations, by=PEOPLE, tag=st.sampled_from("abc"), seq=st.integers(0, 9))
    def tag_and_read(self, conversation: str, by: Author, tag: str, seq: int) -> None:
        facts: dict[str, Any] = {"conversation": conversation, "by": by}
        self.ask_all(
            self.desk.on(cmd.SetTags, add=(tag,), remove=("b",), **facts),
            self.desk.on(cmd.SetPriority, priority=seq, **facts),
            self.desk.on(cmd.MarkRead, seq=seq, **facts),
            self.desk.on(
                cmd.AddNote,
                message=f"msg_{self.desk.token()}",
                content=MessageContent(text="n"),
                mentions=("ben",),
                **facts,
            ),
        )

    @rule(who=PEOPLE, status=st.sampled_from(["online", "online", "away", "busy"]))
    def choose_status(self, who: Author, status: str) -> None:
        self.ask(self.desk.on(cmd.SetStatus, agent=who.id, status=status, by=who))

    @rule(capacity=st.integers(1, 6), gone=RARELY)
    def configure(self, capacity: int, gone: bool) -> None:
        people = [agent("ann", capacity=capacity)] + ([] if gone else [agent("ben", capacity=4)])
        self.ask(team(*people, digest=f"{capacity}{gone}"))

    @rule(target=messages, conversation=conversations, by=PEOPLE)
    def reply(self, conversation: str, by: Author) -> Any:
        reply = self.desk.reply(conversation, by=by)
        again = self.desk.on(
            cmd.Reply, conversation=conversation, by=by, message=reply.message, content=reply.content
        )
        first, second = self.ask_all(reply, again)
        if isinstance(first, cmd.Committed):
            assert second == cmd.Duplicate(n=first.n, id=reply.message)
            return reply.message
        return multiple()

    @rule(who=CUSTOMERS, by=PEOPLE, units=st.integers(1, 3))
    def write_first(self, who: str, by: Author, units: int) -> None:
        token = self.desk.token()
        start = cmd.StartConversation(
            token=token, channel="website", connector="webchat", conversation_key=f"new-{who}", to=sender(who), by=by,
            subject="s", message=f"msg_{token}", content=MessageContent(text="first"), units=units,
        )  # fmt: skip
        self.ask(start)

    # --- sends

    @rule(
        message=messages,
        delivery=st.sampled_from(["sent", "delivered", "failed", "unknown", "queued"]),
        early=st.booleans(),
        stopped=RARELY,
    )
    def send(self, message: str, delivery: str, early: bool, stopped: bool) -> None:
        if message not in self.desk.shelf.outbox:
            return
        if early:
            self.ask(self.desk.receipt(f"p-{message}", "delivered", watermark=True))
        fence = self.desk.claimed(message)
        stale = self.ask(self.desk.delivery(message, fence - 1, delivery))
        assert isinstance(stale, cmd.Refused)
        self.desk.done(
            self.desk.delivery(message, fence, delivery, provider_ids=(f"p-{message}",), stopped=stopped)
        )
        done = delivery != "queued"
        assert (message in self.desk.shelf.outbox) != done
        now = self.desk.shelf.message(message).delivery
        bounced = (
            now == "failed" and message in self.bounced
        )  # told before its outcome: final for this attempt
        assert (
            not (early and done and delivery in ("sent", "delivered"))
            or now in ("delivered", "read")
            or bounced
        )

    @rule(
        message=messages,
        state=st.sampled_from(["sent", "delivered", "read", "failed"]),
        watermark=st.booleans(),
    )
    def report(self, message: str, state: str, watermark: bool) -> None:
        rank = {"sent": 3, "failed": 4, "delivered": 5, "read": 6}
        before = {ident: row.delivery for ident, row in self.desk.shelf.rows("message").items()}
        if state == "failed":
            self.bounced.add(message)
        self.ask(self.desk.receipt(f"p-{message}", state, watermark=watermark))
        for ident, row in self.desk.shelf.rows("message").items():
            assert rank.get(row.delivery, 0) >= rank.get(before[ident], 0) or before[ident] == "sent", (
                "a receipt went back"
            )

    @rule(message=messages, by=PEOPLE, discard=st.booleans())
    def send_again(self, message: str, by: Author, discard: bool) -> None:
        conversation = self.desk.shelf.message(message).conversation
        facts: dict[str, Any] = {
            "conversation": conversation,
            "by": by,
            "message": message,
            "discard": discard,
        }
        results = self.ask_all(self.desk.on(cmd.RetrySend, **facts), self.desk.on(cmd.RetrySend, **facts))
        assert sum(isinstance(result, cmd.Committed) for result in results) <= 1

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            check_capacity(self.desk.shelf)
            assert all(
                not isinstance(r.event, ev.ConversationEvent) or r.event.version
                for r in self.desk.shelf.journal
            )


def live(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_any_short_life_keeps_its_books() -> None:
    live(examples=150, steps=50)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("_part", range(4))
def test_any_long_life_keeps_its_books(_part: int) -> None:
    live(examples=2_500, steps=60)
