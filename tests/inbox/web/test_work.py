"""Replies, notes and verbs: what a person does, what the server is asked, what is seen of it."""

import re

import pytest
from playwright.async_api import expect

from stream import events as ev
from tests.inbox.web.conftest import Desk, soon
from tests.inbox.web.fake_server import FakeServer


async def test_a_reply_is_shown_at_once_and_confirmed_by_its_echo(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Ravi Menon")
    fake.slow["/reply"] = 0.6
    await desk.page.locator("#composer-text").fill("Of course you can.")
    await desk.page.keyboard.press("Control+Enter")
    pending = desk.page.locator(".message.is-pending", has_text="Of course you can.")
    await expect(pending).to_contain_text("Being sent")
    await expect(desk.page.locator("#composer-text")).to_have_value("")
    await expect(pending).to_have_count(0)
    await expect(desk.message("Of course you can.")).to_have_count(1)
    [body] = fake.bodies(rf"{ident}/reply")
    assert re.fullmatch(r"msg_[0-9a-hjkmnp-tv-z]{26}", body["message"])
    ticks = desk.message("Of course you can.").locator(".tick")
    await expect(ticks).to_have_text("Queued")
    for delivery, words in (("sent", "Sent"), ("delivered", "Delivered"), ("read", "Read")):
        await fake.push(fake.world.deliver(ident, body["message"], delivery))  # type: ignore[arg-type]  # the literals above
        await expect(ticks).to_have_text(words)


async def test_a_report_never_goes_backwards(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Ravi Menon")
    message = next(row for row in fake.world.messages(ident) if row.delivery == "read")
    frame = fake.world.deliver(ident, message.id, "sent")
    await fake.push(frame)
    await fake.push(fake.world.receive(ident, "later"))
    await desk.message("later").wait_for()
    ticks = await desk.page.locator(".tick").all_text_contents()
    assert [tick.strip() for tick in ticks] == ["Read", "Delivered"]


async def test_a_refused_reply_stays_and_can_be_tried_edited_or_thrown_away(
    desk: Desk, fake: FakeServer
) -> None:
    ident = await desk.open("Ravi Menon")
    fake.fail("/reply", 422, code="stopped", message="The customer has left.")
    await desk.page.locator("#composer-text").fill("Are you there?")
    await desk.page.keyboard.press("Control+Enter")
    failed = desk.page.locator(".message.is-pending.is-failed")
    await expect(failed).to_contain_text("Not sent. The customer has left.")
    await failed.get_by_role("button", name="Edit").click()
    await expect(desk.page.locator("#composer-text")).to_have_value("Are you there?")
    await expect(failed).to_have_count(0)
    fake.fail("/reply", 500, code="error", message="Oops.")
    await desk.page.keyboard.press("Control+Enter")
    await failed.get_by_role("button", name="Try again").click()
    await expect(failed).to_have_count(0)
    ids = {body["message"] for body in fake.bodies(rf"{ident}/reply")}
    assert len(ids) == 2, "each send has an id of its own, a second try has the same"


async def test_what_is_written_without_a_line_goes_out_when_it_is_back(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Ravi Menon")
    fake.refuse_sockets = True
    await fake.cut()
    await desk.context.route("**/reply", lambda route: route.abort())
    await desk.page.locator("#composer-text").fill("Sent from a tunnel")
    await desk.page.keyboard.press("Control+Enter")
    await expect(desk.page.locator(".message.is-pending")).to_contain_text("Waits for the connection")
    await desk.context.unroute("**/reply")
    fake.refuse_sockets = False
    await desk.page.reload()
    await expect(desk.message("Sent from a tunnel")).to_have_count(1)
    await expect(desk.page.locator(".message.is-pending")).to_have_count(0)
    assert len({body["message"] for body in fake.bodies(rf"{ident}/reply")}) == 1


async def test_a_failed_delivery_can_be_retried_and_an_unknown_one_discarded(
    desk: Desk, fake: FakeServer
) -> None:
    ident = await desk.open("Ines Castro")
    await expect(desk.row("Ines Castro")).to_contain_text("Not sent")
    trouble = desk.page.locator(".trouble")
    await expect(trouble).to_contain_text("The mailbox ines.castro@castro.example is full")
    await trouble.get_by_role("button", name="Try again").click()
    await expect(trouble).to_have_count(0)
    await expect(desk.row("Ines Castro")).not_to_contain_text("Not sent")
    assert list(fake.bodies(rf"{ident}/retry")[0]) == ["message"]
    other = await desk.open("Tomás Ortega")
    await expect(trouble).to_contain_text("May or may not have arrived.")
    await trouble.get_by_role("button", name="Discard").click()
    await expect(desk.page.get_by_text("Given up: not sent.")).to_be_visible()
    assert fake.bodies(rf"{other}/retry")[0]["discard"] is True


async def test_done_leaves_the_list_opens_the_next_and_can_be_undone(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Ravi Menon")
    await desk.page.keyboard.press("Escape")
    await desk.open("Ravi Menon")
    holder = fake.world.conversation(ident).assignee
    await desk.page.keyboard.press("e")
    await expect(desk.row("Ravi Menon")).to_have_count(0)
    await expect(desk.page.get_by_role("heading", name="Wrong address on two invoices")).to_be_visible()
    await soon(lambda: fake.world.conversation(ident).status == "resolved")
    await desk.page.keyboard.press("z")
    await expect(desk.page.locator(".toast", has_text="Undone.")).to_be_visible()
    await soon(lambda: fake.world.conversation(ident).status == "open")
    await soon(lambda: fake.world.conversation(ident).assignee == holder)
    assert fake.bodies(rf"{ident}/take")


async def test_a_verb_meets_a_harmless_change_and_asks_again_by_itself(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Tomás Ortega")
    fake.world.deliver(ident, fake.world.messages(ident)[-1].id, "sent")
    await desk.page.keyboard.press("e")
    await expect(desk.row("Tomás Ortega")).to_have_count(0)
    await soon(lambda: len(fake.bodies(rf"{ident}/resolve")) > 1)
    assert [bool(body.get("version")) for body in fake.bodies(rf"{ident}/resolve")] == [True, False]


async def test_a_verb_meets_a_new_message_and_leaves_the_choice_to_the_person(
    desk: Desk, fake: FakeServer
) -> None:
    ident = await desk.open("Tomás Ortega")
    fake.world.receive(ident, "Wait, one more question")
    await desk.page.keyboard.press("e")
    await expect(desk.page.locator(".toast")).to_contain_text("Somebody changed this meanwhile.")
    assert fake.world.conversation(ident).status == "open"


async def test_assign_move_tag_priority_snooze_and_spam_by_keyboard(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Ravi Menon")

    async def choose(key: str, text: str) -> None:
        await desk.page.keyboard.press(key)
        await desk.page.get_by_role("combobox").press_sequentially(text)
        await desk.page.keyboard.press("Enter")

    await choose("p", "urgent")
    await expect(desk.row("Ravi Menon")).to_contain_text("Urgent")
    await choose("t", "refund")
    await expect(desk.row("Ravi Menon")).to_contain_text("refund")
    await desk.page.keyboard.press("Escape")
    await choose("m", "bill")
    await expect(desk.row("Ravi Menon")).to_have_count(0)
    row = fake.world.conversation(ident)
    assert (row.priority, row.tags, row.queue, row.assignee) == (0, ("delivery", "refund"), "billing", "")
    await desk.page.keyboard.press("i")
    await expect(desk.row("Ravi Menon")).to_be_visible()
    await choose("s", "tomorrow")
    await expect(desk.row("Ravi Menon")).to_have_count(0)
    assert fake.world.conversation(ident).status == "snoozed"
    await desk.page.keyboard.press("g")
    await desk.page.keyboard.press("s")
    await desk.open("Ravi Menon")
    await desk.page.keyboard.press("!")
    await expect(desk.row("Ravi Menon")).to_have_count(0)
    assert fake.world.conversation(ident).spam
    other = await desk.page.goto(f"{fake.base}/#/mine")
    assert other is None or other.ok
    luca = await desk.open("Luca Bianchi")
    await choose("a", "jonas")
    await expect(desk.row("Luca Bianchi")).to_have_count(0)
    assert fake.world.conversation(luca).assignee == "jonas"


async def test_several_are_picked_and_done_together(desk: Desk, fake: FakeServer) -> None:
    for name in ("Ravi Menon", "Luca Bianchi"):
        await desk.row(name).locator(".row-mark").click()
    await expect(desk.page.get_by_text("2 picked")).to_be_visible()
    await desk.page.keyboard.press("e")
    await expect(desk.page.locator(".toast")).to_contain_text("Done: 2 conversations")
    await expect(desk.page.locator(".row")).to_have_count(3)


async def test_why_it_is_here(desk: Desk) -> None:
    await desk.open("Ravi Menon")
    await desk.page.keyboard.press("w")
    dialog = desk.page.get_by_role("dialog", name="Why is it here?")
    for words in (
        "Put into a queue",
        "longest idle of 1 available who fit",
        "Mara Lindqvist: longest idle",
        "2 agents without english 3",
        "Femi Adeyemi: idle for 3 min less",
        "2, 1 of them available",
    ):
        await expect(dialog).to_contain_text(words)
    await expect(dialog.get_by_text("c0ffee")).to_have_count(0)
    await dialog.get_by_text("More").click()
    await expect(dialog).to_contain_text("surprise")
    await desk.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def test_an_email_is_started_and_an_error_stands_at_its_field(desk: Desk, fake: FakeServer) -> None:
    await desk.page.keyboard.press("c")
    page = desk.page
    await page.get_by_label("To", exact=True).fill("not an address")
    await page.get_by_label("To", exact=True).evaluate("(input) => (input.type = 'text')")
    await page.get_by_label("Subject").fill("About your order")
    await page.get_by_label("Message", exact=True).fill("Hello!")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("#mail-to-error")).to_have_text("This is not an address.")
    await page.get_by_label("To", exact=True).fill("carla@example.org")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("heading", name="About your order")).to_be_visible()
    first, second = fake.bodies(r"^/conversations$")
    assert first["message"] == second["message"]
    assert (second["channel"], second["subject"]) == ("support-email", "About your order")


async def test_status_with_a_reason(desk: Desk, fake: FakeServer) -> None:
    await desk.page.get_by_role("button", name="Your status").click()
    await desk.page.get_by_role("combobox").press_sequentially("lunch")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.get_by_role("button", name="Your status")).to_contain_text("Away · Lunch")
    assert fake.bodies("/agents/mara/status") == [{"status": "away", "reason": "Lunch"}]


async def test_the_floor_shows_queues_and_agents_and_moves_work(desk: Desk, fake: FakeServer) -> None:
    await desk.page.get_by_role("link", name="Floor").click()
    card = desk.page.get_by_role("region", name="Technical")
    await expect(card).to_contain_text("1 waiting")
    await expect(card).to_contain_text("9 min oldest wait")
    await card.get_by_role("button", name="Assign Oskar Nilsen").click()
    await desk.page.get_by_role("combobox").press_sequentially("jonas")
    await desk.page.keyboard.press("Enter")
    await expect(card).to_contain_text("0 waiting")
    agent = desk.page.get_by_role("row", name=re.compile("Jonas Weber"))
    await expect(agent).to_contain_text("3/10")


async def test_a_supervisor_sets_somebodys_status_by_a_reason_of_the_house_and_bots_are_no_people(
    desk: Desk, fake: FakeServer
) -> None:
    fake.world.statuses = [{"name": "Coffee", "status": "away"}]
    bot = ev.AgentConfigured(agent="faq", name="FAQ", kind="bot", capacity=10_000)
    fake.world.emit(bot)
    fake.world.emit(ev.AgentStatusChanged(agent="faq", status="online", reason="a bot of the team"))
    await desk.page.goto(f"{fake.base}/#/floor")
    await desk.page.reload()
    await expect(desk.page.locator(".floor-head")).to_contain_text("2 of 5 agents ready for work")
    row = desk.page.get_by_role("row", name=re.compile("FAQ"))
    await expect(row).not_to_contain_text("not connected")
    await expect(row).not_to_contain_text("10000")
    await desk.page.get_by_role("button", name="Set the status of Jonas Weber").click()
    await desk.page.get_by_role("combobox", name="The status of Jonas Weber").press_sequentially("coff")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.get_by_role("row", name=re.compile("Jonas Weber"))).to_contain_text(
        "Away · Coffee"
    )
    assert fake.bodies("/agents/jonas/status") == [{"status": "away", "reason": "Coffee"}]


async def test_a_supervisor_is_told_that_this_goes_above_the_capacity(desk: Desk, fake: FakeServer) -> None:
    await fake.push(fake.world.emit(ev.AgentConfigured(agent="jonas", name="Jonas Weber", capacity=1)))
    ident = await desk.open("Ravi Menon")
    await desk.page.keyboard.press("a")
    await desk.page.get_by_role("combobox").press_sequentially("jonas")
    await expect(desk.page.locator(".picker-item")).to_contain_text("full, this goes above")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.locator(".toast")).to_contain_text("Ravi Menon → Jonas Weber, above the capacity")
    assert fake.bodies(rf"{ident}/assign")[0]["override"] is True


async def test_the_last_word_about_a_conversation_takes_the_place_of_the_one_before(desk: Desk) -> None:
    await desk.open("Luca Bianchi")
    await desk.page.keyboard.press("e")
    await expect(desk.page.locator(".toast")).to_contain_text("Done: Luca Bianchi")
    await desk.page.keyboard.press("g")
    await desk.page.keyboard.press("d")
    await desk.open("Luca Bianchi")
    await desk.page.keyboard.press("o")
    await expect(desk.page.locator(".toast > span")).to_have_text(["Open again: Luca Bianchi"])


async def test_who_takes_no_work_is_not_among_those_it_may_be_assigned_to(
    desk: Desk, fake: FakeServer
) -> None:
    await fake.push(
        fake.world.emit(ev.AgentConfigured(agent="root", name="Robin Admin", role="admin", capacity=0))
    )
    await desk.open("Ravi Menon")
    await desk.page.keyboard.press("a")
    options = desk.page.locator("#picker-list").get_by_role("option")
    await expect(options.filter(has_text="Jonas Weber")).to_have_count(1)
    await expect(options.filter(has_text="Robin Admin")).to_have_count(0)


async def test_search_finds_and_opens(desk: Desk, fake: FakeServer) -> None:
    await desk.page.keyboard.press("/")
    await desk.page.keyboard.type("neighbour")
    await expect(desk.page.get_by_text("1 result")).to_be_visible()
    await desk.page.keyboard.press("Enter")
    await desk.page.keyboard.press("j")
    await expect(desk.page.locator("#thread")).to_contain_text("number 14")
    await desk.page.keyboard.press("/")
    await desk.page.keyboard.press("Escape")
    await expect(desk.page.get_by_role("heading", name="Mine")).to_be_visible()
    assert any("/search?q=neighbour" in path for _, path, _ in fake.asked)


@pytest.mark.parametrize("width", [1440, 390])
async def test_the_tags_of_the_rules_are_offered_beside_those_in_use(
    desk: Desk, fake: FakeServer, width: int
) -> None:
    await desk.page.set_viewport_size({"width": width, "height": 844})
    ident = await desk.open("Ravi Menon")
    await desk.page.keyboard.press("t")
    options = desk.page.locator("#picker-list").get_by_role("option")
    await expect(options).to_have_text(["billing", "delivery", "invoice", "returns", "vip", "warranty"])
    box = await desk.page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    await options.get_by_text("warranty").click()
    await expect(options.nth(5).locator("svg")).to_have_count(2)
    assert fake.world.conversation(ident).tags == ("delivery", "warranty")


async def test_a_letter_can_be_split_off_into_a_conversation_of_its_own(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Ines Castro")
    await fake.push(fake.world.receive(ident, "Quite another matter"))
    letter = desk.message("Quite another matter")
    await letter.get_by_role("button", name="Move …").click()
    await expect(desk.page.get_by_role("dialog")).to_contain_text("There is no other that is open.")
    await desk.page.get_by_role("button", name="To a conversation of its own").click()
    await expect(desk.page.get_by_text("Taken back by the customer, or moved.")).to_be_visible()
    (body,) = fake.bodies(rf"{ident}/move")
    assert list(body) == ["message"]


async def test_a_letter_can_be_moved_into_another_conversation_of_its_customer(
    desk: Desk, fake: FakeServer
) -> None:
    ident = await desk.open("Ines Castro")
    row = fake.world.conversation(ident)
    other = fake.world.start("support-email", row.identity, "Another order")
    fake.world.start("site-chat", row.identity, "A chat")
    await fake.push(*fake.world.journal[-2:])
    await fake.push(fake.world.receive(ident, "About that order"))
    await desk.message("About that order").get_by_role("button", name="Move …").click()
    places = desk.page.get_by_role("dialog").locator(".found button")
    await expect(places).to_have_count(1)
    await places.get_by_text("Another order").click()
    await expect(desk.page.get_by_text("Taken back by the customer, or moved.")).to_be_visible()
    (body,) = fake.bodies(rf"{ident}/move")
    assert body["to"] == other


async def test_a_status_is_chosen_from_the_reasons_of_the_house(desk: Desk, fake: FakeServer) -> None:
    fake.world.statuses = [{"name": "Coffee", "status": "away"}, {"name": "Focus", "status": "busy"}]
    await desk.page.reload()
    await desk.page.get_by_role("button", name=re.compile("Your status")).click()
    await expect(desk.page.get_by_role("option", name=re.compile("Away: Coffee"))).to_be_visible()
    await expect(desk.page.get_by_role("option", name=re.compile("Lunch"))).to_have_count(0)
    await desk.page.get_by_role("option", name=re.compile("Busy: Focus")).click()
    [body] = fake.bodies(r"mara/status")
    assert (body["status"], body["reason"]) == ("busy", "Focus")
