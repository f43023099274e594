"""The append as a program, on dictionaries: numbers, answers, neighbours, what is read and in which order it is written."""

from __future__ import annotations

import msgspec
import pytest

from stream import commands as cmd
from stream.append import append
from stream.decide import _DECISIONS
from stream.loading import MAX_ROUNDS
from stream.store.statements import queries
from tests.making import ANN, sender
from tests.stream.desk import Desk
from tests.stream.shelf import Shelf
from tests.stream.stories import STORIES


@pytest.fixture
def desk() -> Desk:
    return Desk()


def commands_of(base: type[cmd.Command]) -> list[type[cmd.Command]]:
    below = [kind for direct in base.__subclasses__() for kind in commands_of(direct)]
    return below or [base]


def test_every_command_has_a_decision() -> None:
    assert set(commands_of(cmd.Command)) == set(_DECISIONS)


def test_numbers_are_without_gap_and_results_name_their_last(desk: Desk) -> None:
    start = desk.shelf.n
    results = desk.group(
        desk.message("a"), desk.on(cmd.Take, conversation="cnv_no", by=ANN), desk.message("b")
    )
    first, refused, second = results
    assert isinstance(first, cmd.Committed)
    assert isinstance(refused, cmd.Refused)
    assert isinstance(second, cmd.Committed)
    assert (first.n, second.n) == (start + 4, start + 8)
    assert [recorded.n for recorded in desk.shelf.journal] == list(range(1, start + 9))


def test_a_refused_command_leaves_nothing_in_the_middle_of_its_work(desk: Desk) -> None:
    """The contact and the identity are made before the checkpoint is refused: neither is kept, nor seen by the next."""
    point = cmd.Checkpoint(channel="mail", key="k", value="v", lease="gone", epoch=1)
    refused, done = desk.group(desk.message("a", checkpoint=point), desk.message("a"))
    assert isinstance(refused, cmd.Refused)
    assert isinstance(done, cmd.Committed)
    assert type(done.events[0]).__name__ == "ContactCreated"
    assert len(desk.shelf.rows("contact")) == 1


def test_later_commands_of_a_group_see_the_earlier_ones(desk: Desk) -> None:
    arrive = desk.message("a", provider_id="p1")
    conversation = f"cnv_{arrive.token}"
    by = {"conversation": conversation, "by": ANN}
    reply = desk.reply(conversation)
    results = desk.group(
        arrive, desk.on(cmd.Take, **by), desk.on(cmd.Take, **by), reply, desk.on(cmd.Snooze, **by, until=desk.now + 9),
        desk.message("a"), desk.on(cmd.Resolve, **by), desk.message("a"),
    )  # fmt: skip
    assert [type(result).__name__ for result in results] == [
        "Committed", "Committed", "Refused", "Committed", "Committed", "Committed", "Committed", "Committed",
    ]  # fmt: skip
    row = desk.row(conversation)
    assert (row.status, row.assignee, row.last_agent, row.seq) == ("open", "", "ann", 4)


def test_an_answer_finds_its_thread_in_the_group_that_made_it(desk: Desk) -> None:
    first, answer, quote = desk.group(
        desk.message("a", provider_id="<1>"),
        desk.message("a", conversation_key="other", thread=("<1>",)),
        desk.message("a", reply_to="<1>"),
    )
    assert isinstance(first, cmd.Committed)
    assert isinstance(answer, cmd.Committed)
    assert isinstance(quote, cmd.Committed)
    assert desk.shelf.message(answer.id).conversation == desk.shelf.message(first.id).conversation
    assert desk.shelf.message(quote.id).reply_to == first.id


def test_a_repeat_in_the_group_has_the_number_of_the_first_not_of_the_last(desk: Desk) -> None:
    reply = desk.reply(desk.assigned("a"))
    first, _, again = desk.group(reply, desk.message("b"), reply)
    assert isinstance(first, cmd.Committed)
    assert again == cmd.Duplicate(n=first.n, id=reply.message)


def test_the_key_passes_from_one_to_the_other_in_one_group(desk: Desk) -> None:
    old = desk.arrive("a")
    desk.done(desk.on(cmd.Resolve, conversation=old, by=ANN))
    desk.now += 1
    new = desk.arrive("a", reopen_window=0.0)
    tag = desk.on(cmd.SetTags, conversation=old, by=ANN, add=("x",))
    results = desk.group(
        tag, desk.on(cmd.Resolve, conversation=new, by=ANN), desk.on(cmd.Reopen, conversation=old, by=ANN)
    )
    assert all(isinstance(result, cmd.Committed) for result in results)
    assert (desk.row(old).status, desk.row(new).status) == ("open", "resolved")


def test_a_group_that_changes_nothing_writes_nothing(desk: Desk) -> None:
    command = desk.message("a")
    desk.done(command)
    desk.shelf.log.clear()
    desk.group(command, command, desk.on(cmd.Take, conversation="cnv_no", by=ANN))
    assert not [name for name in desk.shelf.log if not name.startswith(("head_lock", "load_"))]


def test_the_head_is_taken_first_and_moved_last(desk: Desk) -> None:
    desk.shelf.log.clear()
    desk.done(desk.message("a"))
    assert (desk.shelf.log[0], desk.shelf.log[-1]) == ("head_lock", "head_move")


def test_a_message_in_a_known_conversation_changes_no_column_of_the_lists(desk: Desk) -> None:
    desk.assigned("a")
    desk.shelf.log.clear()
    desk.done(desk.message("a", provider_id="p"))
    written = [name for name in desk.shelf.log if not name.startswith(("head_", "load_"))]
    assert written == [
        "touch_conversation", "see_provider", "save_message", "save_journal", "save_inbound", "save_content",
    ]  # fmt: skip


def test_loading_is_a_handful_of_statements_whatever_the_size_of_the_group(desk: Desk) -> None:
    for number in range(64):
        desk.shelf.run(append([desk.message(f"v{number}")], desk.now))
    desk.shelf.log.clear()
    desk.shelf.run(append([desk.message(f"v{number}") for number in range(64)], desk.now))
    assert len([name for name in desk.shelf.log if name.startswith("load_")]) <= 6


def test_what_is_saved_and_dropped_in_one_group_is_dropped() -> None:
    names = sorted(queries("sqlite"), reverse=True)
    saves = [index for index, name in enumerate(names) if name.startswith(("save_", "see_", "touch_"))]
    drops = [
        index for index, name in enumerate(names) if name in ("drop_outbox", "drop_parked", "erase_content")
    ]
    assert max(saves) < min(drops)


def test_every_statement_that_the_dictionaries_know_exists() -> None:
    mine = {
        name
        for name in vars(Shelf)
        if name.split("_")[0] in ("head", "load", "save", "see", "touch", "drop", "erase", "change")
    }
    assert mine <= set(queries("sqlite"))
    assert mine <= set(queries("postgres"))


def test_rounds_of_loading_are_bounded() -> None:
    class Endless(Shelf):
        asked = 0

        def load_contact(self, idents: list[str]) -> list[tuple[str, str]]:
            """Each contact was merged into yet another one."""
            self.asked += 1
            return [(ident, f'{{"id":"{ident}","merged_into":"{ident}x"}}') for ident in idents]

    shelf = Endless()
    shelf.bodies["identity"]["i"] = msgspec.json.encode(
        {"id": "i", "contact": "a", "home": "a", "scheme": "s", "scope": "s", "lookup": "l", "address": "ct"}
    ).decode()
    (result,) = shelf.run(
        append([cmd.UnmergeContacts(token="t", contact="a", merged="b", by=ANN)], 1.0)
    ).results
    assert isinstance(result, cmd.Refused)
    assert shelf.asked <= MAX_ROUNDS + 1


@pytest.mark.parametrize("story", STORIES)
def test_what_the_process_keeps_in_memory_is_what_was_saved(story: str) -> None:
    desk = STORIES[story]()
    before = set(desk.shelf.content)
    appended = desk.shelf.run(
        append([desk.message("new", sender=sender("new")), desk.message("new")], desk.now)
    )
    assert {ident for ident, _content, _size in appended.contents} == set(desk.shelf.content) - before
    for ident, content, size in appended.contents:
        assert desk.shelf.said(ident) == content
        assert size == len(desk.shelf.content[ident])
    assert appended.head == desk.shelf.n
