"""What channels deliver: kept once, in the right conversation, with the answer of the first time."""

from __future__ import annotations

import pytest

from stream import commands as cmd
from stream.model import Author, MessageContent
from tests.making import ANN, sender
from tests.stream.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def edit(desk: Desk, source: str, **more: object) -> cmd.ReceiveEdit:
    facts = {
        "channel": "website",
        "connector": "webchat",
        "source_key": source,
        "content": MessageContent(text="new"),
    }
    command: cmd.ReceiveEdit = desk.on(cmd.ReceiveEdit, **(facts | more))
    return command


def test_a_first_message_makes_its_contact_identity_and_conversation(desk: Desk) -> None:
    done = desk.done(desk.message("v1", "msg:1", provider_id="p1"))
    assert [type(event).__name__ for event in done.events] == [
        "ContactCreated", "IdentityAdded", "ConversationStarted", "MessageReceived",
    ]  # fmt: skip
    row = desk.shelf.message(done.id)
    assert (row.direction, row.delivery, row.seq, row.provider_ids) == ("in", "received", 1, ("p1",))
    assert desk.shelf.inbound["website", "msg:1"] == (done.n, done.id, b"hello")


def test_a_repeat_in_the_same_group_or_later_has_the_same_answer(desk: Desk) -> None:
    first, again = desk.group(desk.message("v1", "msg:1"), desk.message("v1", "msg:1"))
    later = desk.submit(desk.message("v2", "msg:1", "other words"))
    assert isinstance(first, cmd.Committed)
    assert again == later == cmd.Duplicate(n=first.n, id=first.id)


def test_keys_of_two_channels_do_not_meet(desk: Desk) -> None:
    desk.done(desk.message("v1", "msg:1"))
    desk.done(desk.message("v1", "msg:1", channel="shop"))
    assert len(desk.shelf.rows("conversation")) == 2


def test_every_kind_of_delivery_answers_a_repeat_alike(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    desk.sent(conversation, "p1")
    facts = {"channel": "website", "connector": "webchat"}
    once = [
        desk.message("v1", "a", provider_id="c1"),
        edit(desk, "b", provider_id="c1"),
        desk.on(cmd.ReceiveDelete, **facts, source_key="c", provider_id="c1"),
        desk.on(cmd.ReceiveReaction, **facts, source_key="d", provider_id="p1", author="x", emoji="👍"),
        desk.receipt("p1", "read", source_key="e"),
        desk.on(cmd.ReceiveSignal, **facts, source_key="f", sender=sender("v1"), name="left", stopped=True),
        desk.on(cmd.ReceivePoison, **facts, source_key="g", raw=b"\xff", error="no JSON"),
        edit(desk, "h", provider_id="never seen"),
    ]
    for command in once:
        first = desk.done(command)
        assert desk.submit(command) == cmd.Duplicate(n=first.n, id=first.id)


def test_a_blocked_identity_makes_nothing_but_its_words_are_kept(desk: Desk) -> None:
    row = desk.row(desk.arrive("v1"))
    desk.done(desk.on(cmd.BlockIdentity, identity=row.identity, blocked=True, by=ANN))
    command = desk.message("v1", "msg:b", "let me in")
    first = desk.done(command)
    assert (first.events, first.id) == ((), row.identity)  # by which it is found when the person is erased
    assert desk.submit(command) == cmd.Duplicate(n=first.n, id=row.identity)
    assert desk.shelf.inbound["website", "msg:b"][2] == b"let me in"
    desk.done(desk.on(cmd.BlockIdentity, identity=row.identity, blocked=False, by=ANN))
    assert desk.arrive("v1") == row.id


def test_who_writes_again_has_come_back_but_an_automatic_answer_has_not(desk: Desk) -> None:
    row = desk.row(desk.arrive("v1"))
    desk.done(
        desk.on(
            cmd.ReceiveSignal, channel="website", connector="webchat", source_key="s", sender=sender("v1"),
            name="stop", stopped=True,
        )
    )  # fmt: skip
    desk.arrive("v1", automatic=True)
    assert desk.shelf.identity(row.identity).stopped
    desk.arrive("v1")
    assert not desk.shelf.identity(row.identity).stopped


def test_an_echo_of_what_we_sent_is_that_message(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    message = desk.sent(conversation, "p1")
    done = desk.done(desk.message("v1", "echo:p1", direction="echo", provider_id="p1"))
    assert (done.events, done.id) == ((), message)


def test_what_our_account_wrote_elsewhere_opens_and_wakes_nothing(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    desk.done(desk.on(cmd.Snooze, conversation=conversation, by=ANN, until=desk.now + 60))
    written = desk.done(desk.message("v1", direction="echo", provider_id="e1"))
    row = desk.row(conversation)
    assert (row.status, row.unread, row.last_direction) == ("snoozed", 1, "out")
    message = desk.shelf.message(written.id)
    assert (message.author, message.delivery) == (Author(kind="system", id="website"), "sent")
    desk.done(desk.on(cmd.Resolve, conversation=conversation, by=ANN))
    desk.done(desk.message("v1", direction="echo", provider_id="e2"))
    assert desk.row(conversation).status == "resolved"
    assert desk.held("ann") == (0, {})


def test_a_message_ends_a_snooze_with_its_agent_if_they_have_room() -> None:
    desk = Desk(capacity=1)
    conversation = desk.assigned("v1")
    desk.done(desk.on(cmd.Snooze, conversation=conversation, by=ANN, until=desk.now + 60))
    assert desk.held("ann") == (0, {})
    desk.arrive("v1")
    assert (desk.row(conversation).assignee, desk.held("ann")) == ("ann", (1, {"webchat": 1}))
    desk.done(desk.on(cmd.Snooze, conversation=conversation, by=ANN, until=desk.now + 60))
    desk.assigned("v2")
    desk.arrive("v1")
    row = desk.row(conversation)
    assert (row.assignee, row.last_agent, row.status) == ("", "ann", "open")


def test_a_quoted_message_of_somebody_else_is_not_pointed_to(desk: Desk) -> None:
    desk.arrive("v1", provider_id="theirs")
    mine = desk.done(desk.message("v2", provider_id="mine"))
    stranger = desk.done(desk.message("v2", reply_to="theirs"))
    own = desk.done(desk.message("v2", reply_to="mine"))
    assert desk.shelf.message(stranger.id).reply_to == ""
    assert desk.shelf.message(own.id).reply_to == mine.id


def test_whoever_repeats_a_providers_id_takes_nothing_over(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    message = desk.sent(conversation, "p1")
    desk.done(desk.message("v2", provider_id="p1"))
    assert desk.shelf.providers["website", "p1"] == (message, conversation)
    desk.arrive("v3", provider_id="p2")
    ours = desk.sent(conversation, "p2")
    assert desk.shelf.providers["website", "p2"] == (ours, conversation)


def test_an_edit_has_the_new_words_and_one_that_lost_a_race_is_refused(desk: Desk) -> None:
    first = desk.done(desk.message("v1", provider_id="p1"))
    before = desk.shelf.message(first.id).content
    desk.done(edit(desk, "e1", provider_id="p1", expected=before))
    row = desk.shelf.message(first.id)
    assert (row.edited_at, desk.shelf.said(row.content)) == (desk.now, MessageContent(text="new"))
    assert desk.refused(edit(desk, "e2", provider_id="p1", expected=before)).code == "version"
    desk.done(edit(desk, "e3", message=first.id, files=True, expected=row.content))
    assert desk.row(row.conversation).preview == desk.shelf.message(first.id).content


def test_an_edit_from_another_channel_or_workspace_finds_nothing(desk: Desk) -> None:
    first = desk.done(desk.message("v1", provider_id="p1"))
    for more in ({"channel": "shop", "message": first.id}, {"workspace": "other", "provider_id": "p1"}):
        done = desk.done(edit(desk, f"e-{more}", **more))
        assert (done.events, done.id) == ((), "")


def test_a_message_taken_back_stays_so(desk: Desk) -> None:
    first = desk.done(desk.message("v1", provider_id="p1"))
    facts = {"channel": "website", "connector": "webchat", "provider_id": "p1"}
    assert desk.events(desk.on(cmd.ReceiveDelete, **facts, source_key="d1")) == ["MessageDeleted"]
    assert desk.events(desk.on(cmd.ReceiveDelete, **facts, source_key="d2")) == []
    assert desk.events(edit(desk, "e1", provider_id="p1")) == []
    assert desk.shelf.message(first.id).deleted_at == desk.now


def test_reactions_replace_and_remove_each_other_and_are_bounded(desk: Desk) -> None:
    first = desk.done(desk.message("v1", provider_id="p1"))

    def react(author: str, emoji: str) -> list[str]:
        facts = {"channel": "website", "connector": "webchat", "provider_id": "p1"}
        return desk.events(
            desk.on(cmd.ReceiveReaction, **facts, source_key=desk.token(), author=author, emoji=emoji)
        )

    assert react("a", "👍") == ["ReactionChanged"]
    assert react("a", "👍") == []
    assert react("a", "👎") == ["ReactionChanged"]
    assert [(one.author, one.emoji) for one in desk.shelf.message(first.id).reactions] == [("a", "👎")]
    assert react("a", "") == ["ReactionChanged"]
    assert react("nobody", "") == []
    for number in range(60):
        react(f"a{number}", "👍")
    assert len(desk.shelf.message(first.id).reactions) == 50


def test_a_poison_item_is_a_dead_letter_with_its_bytes(desk: Desk) -> None:
    poison = desk.on(
        cmd.ReceivePoison,
        channel="website",
        connector="webchat",
        source_key="bad",
        raw=b"\xff",
        error="x" * 5000,
    )
    done = desk.done(poison)
    (letter,) = desk.shelf.dead
    assert letter[:4] == (done.id, "website", "bad", "in")
    assert (len(letter[4]), letter[6]) == (1000, b"\xff")


def test_a_checkpoint_goes_with_its_event_or_neither_is_kept(desk: Desk) -> None:
    desk.shelf.leases["poll:mail"] = 3

    def mail(epoch: int, source: str) -> cmd.ReceiveMessage:
        point = cmd.Checkpoint(channel="mail", key="INBOX", value=source, lease="poll:mail", epoch=epoch)
        return desk.message("v1", source, channel="mail", checkpoint=point)

    desk.done(mail(3, "1"))
    assert desk.refused(mail(2, "2")).code == "lease"
    assert desk.refused(desk.on(cmd.KeepCheckpoint, checkpoint=mail(4, "3").checkpoint)).code == "lease"
    assert desk.shelf.checkpoints == {("mail", "INBOX"): "1"}


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"source": "x" * 600}, "The deduplication key has 600 characters; at most 512 fit."),
        ({"source": "a\0b"}, "The deduplication key holds characters that no database keeps."),
        ({"conversation_key": "\ud800"}, "The conversation's key holds characters that no database keeps."),
        ({"text": "x" * 200_001}, "The text has 200,001 characters; at most 200,000 fit."),
        ({"thread": ("t",) * 201}, "There are 201 ids of the thread; at most 200 fit."),
        ({"sender": sender("v" * 1001)}, "The address has 1,001 characters; at most 1,000 fit."),
    ],
)
def test_what_is_too_long_is_refused_with_a_sentence(
    desk: Desk, facts: dict[str, object], sentence: str
) -> None:
    refused = desk.refused(desk.message("v1", **facts))  # type: ignore[arg-type]  # of the table above
    assert (refused.code, refused.sentence) == ("invalid", sentence)


def test_only_what_made_no_message_is_entered_for_erasing(desk: Desk) -> None:
    done = desk.done(desk.message("a", source="m:1", provider_id="p1"))
    assert desk.shelf.about == {}
    both = desk.group(desk.message("a", source="m:2", provider_id="p2"), edit(desk, "e:2", provider_id="p2"))
    letter = desk.done(
        desk.on(
            cmd.ReceivePoison, channel="website", connector="webchat", source_key="d:1", raw=b"?", error="?"
        )
    )
    assert letter.id.startswith("dead_")
    desk.done(edit(desk, "e:1", provider_id="p1"))
    desk.done(edit(desk, "e:0", provider_id="nobody's"))
    assert isinstance(both[0], cmd.Committed)
    entered = {key: ref for (_channel, key), ref in desk.shelf.about.items()}
    assert {conversation for conversation, _content in desk.shelf.past} == {both[0].conversation}
    assert entered == {"e:2": both[0].id, "d:1": "dead", "e:1": done.id, "e:0": ""}
