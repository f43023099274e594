"""The thread: opens at the first unread message, holds few rows of a long history, keeps the reader's place."""

from playwright.async_api import expect

from stream import events as ev
from stream import model
from tests.inbox.web.conftest import Desk, OpenDesk
from tests.inbox.web.fake_demo import long_thread
from tests.inbox.web.fake_server import FakeServer

ROWS = "document.querySelectorAll('#thread [data-row]').length"


async def test_it_opens_at_the_first_unread_message_with_a_line(desk: Desk) -> None:
    await desk.open("Ravi Menon")
    line = desk.page.get_by_role("separator")
    await expect(line).to_have_text("New")
    after = line.locator("xpath=following::article[1]")
    await expect(after).to_contain_text("Found it, the neighbour had it all along!")


async def test_a_long_history_is_read_by_scrolling_with_at_most_400_rows(
    fake: FakeServer, desks: OpenDesk
) -> None:
    long_thread(fake.world)
    desk = await desks()
    await desk.open("Long Talk")
    await expect(desk.message("Line 600 of a long talk")).to_be_visible()
    seen = []
    for _ in range(60):
        await desk.page.locator("#thread").evaluate("(box) => (box.scrollTop = 0)")
        await desk.page.wait_for_timeout(80)
        seen.append(await desk.page.evaluate(ROWS))
        if await desk.message("Line 1, from us").count():
            break
    await expect(desk.message("Line 1, from us")).to_have_count(1)
    assert max(seen) <= 400
    assert len([path for _, path, _ in fake.asked if "before=" in path]) == 9
    await desk.page.get_by_role("button", name="To the end").click()
    await expect(desk.message("Line 600 of a long talk")).to_be_in_viewport()
    assert await desk.page.evaluate(ROWS) <= 400


async def test_the_readers_place_is_kept_while_messages_come(fake: FakeServer, desks: OpenDesk) -> None:
    ident = long_thread(fake.world, 200)
    desk = await desks()
    await desk.open("Long Talk")
    await desk.message("Line 200 of a long talk").wait_for()
    place = desk.message("Line 150 of a long talk")
    await place.scroll_into_view_if_needed()
    await desk.page.wait_for_timeout(200)
    before = (await place.bounding_box() or {"y": 0})["y"]
    for index in range(5):
        await fake.push(fake.world.receive(ident, f"news {index}"))
    await expect(desk.page.get_by_role("button", name="New messages")).to_be_visible()
    assert abs((await place.bounding_box() or {"y": 1e9})["y"] - before) < 2
    await desk.page.get_by_role("button", name="New messages").click()
    await expect(desk.message("news 4")).to_be_in_viewport()


async def test_edits_reactions_deletions_and_erasure_are_seen(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Luca Bianchi")
    world = fake.world
    message = world.messages(ident)[-1]
    fresh = world.content(model.MessageContent(text="I will try that today."))
    await fake.push(world.emit(ev.MessageEdited(conversation=ident, message=message.id, content=fresh)))
    await expect(desk.message("I will try that today.")).to_contain_text("edited")
    await expect(desk.row("Luca Bianchi")).to_contain_text("I will try that today.")
    reaction = ev.ReactionChanged(conversation=ident, message=message.id, author="x", emoji="👍")
    await fake.push(world.emit(reaction))
    await expect(desk.message("I will try that today.")).to_contain_text("👍")
    await fake.push(world.emit(ev.MessageDeleted(conversation=ident, message=message.id)))
    await expect(desk.page.get_by_text("Taken back by the customer, or moved.")).to_be_visible()
    first = world.messages(ident)[0]
    world.contents[first.content] = model.Erased(at=1.0, reason="asked for by the customer")
    await fake.push(world.emit(ev.ContentErased(contents=(first.content,), by="admin")))
    await expect(desk.page.get_by_text("Erased: asked for by the customer")).to_be_visible()


async def test_a_body_that_was_not_sent_is_fetched(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Luca Bianchi")
    frame = fake.world.receive(ident, "fetched afterwards")
    del frame["content"]
    await fake.push(frame)
    await expect(desk.message("fetched afterwards")).to_be_visible()
    other = next(row for row in fake.world.of("conversation") if "Hanna" in str(fake.world.view(row.id)))
    frame = fake.world.receive(other.id, "not for the list")
    del frame["content"]
    await fake.push(frame)
    await expect(desk.row("Hanna Kowalska")).to_contain_text("New message")


async def test_a_thread_that_cannot_be_read_says_so_and_is_tried_again(desk: Desk, fake: FakeServer) -> None:
    fake.fail("/messages", 503)
    await desk.row("Luca Bianchi").click()
    await expect(desk.page.get_by_text("The messages could not be read from the server.")).to_be_visible()
    await desk.page.get_by_role("button", name="Try again").click()
    await expect(desk.message("I will try that tonight")).to_be_visible()


async def test_a_conversation_that_is_not_there_says_so(desks: OpenDesk) -> None:
    desk = await desks(path="/#/mine/cnv_nowhere", width=390)
    await expect(desk.page.get_by_text("Not here (any more)")).to_be_visible()
    await desk.page.get_by_role("button", name="Back to the list").click()
    await expect(desk.row("Ravi Menon")).to_be_visible()


async def test_quoted_text_is_folded_and_shown_by_key(desk: Desk) -> None:
    await desk.open("Ines Castro")
    await desk.page.get_by_role("button", name="Show as text").click()
    quoted = desk.page.get_by_text("Please find your invoice attached.")
    await expect(quoted).to_have_count(0)
    await desk.page.keyboard.press(";")
    await expect(quoted).to_be_visible()


async def test_ten_thousand_rows_scroll(fake: FakeServer, desks: OpenDesk) -> None:
    desk = await desks()
    await desk.row("Ravi Menon").wait_for()
    template = fake.world.view(
        next(row.id for row in fake.world.of("conversation") if row.assignee == "mara")
    )
    await desk.page.evaluate(
        """async (template) => {
          const apply = await import('/ui/test/state/apply.js');
          apply.rows(Array.from({length: 10000}, (_, i) => ({...template, id: `cnv_x${i}`, updated_at: i + 1, status: 'open', spam: false, assignee: 'mara'})));
        }""",
        template,
    )
    await expect(desk.page.locator(".row").first).to_have_attribute("aria-setsize", "10005")
    longest: float = await desk.page.evaluate(
        """async () => {
          const box = document.querySelector('.list-scroll');
          let longest = 0;
          for (let i = 0; i < 40; i++) {
            box.scrollTop = (box.scrollHeight * i) / 40;
            const began = performance.now();
            await new Promise(requestAnimationFrame);
            await new Promise((done) => setTimeout(done));
            longest = Math.max(longest, performance.now() - began);
          }
          return longest;
        }"""
    )
    assert await desk.page.locator(".row").count() < 60
    assert longest < 1500, "no frame of scrolling blocks, even on a busy test machine"


async def test_what_a_channel_warns_of_stands_above_the_words(fake: FakeServer, desks: OpenDesk) -> None:
    ident = long_thread(fake.world, 2)
    warning = "The sender's domain says that this mail is not its own."
    fake.world.receive(ident, "Send the money elsewhere", data={"warning": warning})
    fake.world.receive(ident, "A customer's words", data={"forwarded_by": ["bob@example.com", "Bob"]})
    desk = await desks()
    await desk.open("Long Talk")
    await expect(desk.message("Send the money elsewhere").get_by_role("note")).to_have_text(warning)
    await expect(desk.message("A customer's words").get_by_role("note")).to_have_text("Passed on by Bob.")
    await expect(desk.message("Line 2 of a long talk").get_by_role("note")).to_have_count(0)


async def test_a_held_letter_is_let_out_where_it_is_warned_of(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Ines Castro")
    fake.world.emit(ev.SpamMarked(conversation=ident, spam=True, by=model.Author(kind="system", id="")))
    fake.world.receive(ident, "Send it elsewhere", data={"warning": "DMARC failed.", "held": ["a@b"]})
    await fake.push(*fake.world.journal[-2:])
    await desk.page.get_by_role("link", name="Spam").click()
    await desk.open("Ines Castro")
    await desk.message("Send it elsewhere").get_by_role("button", name="It is genuine").click()
    await expect(desk.page.locator(".toast", has_text="Not spam: Ines Castro")).to_be_visible()
    assert fake.bodies(rf"{ident}/spam")[0]["spam"] is False
    await expect(desk.page.get_by_role("button", name="It is genuine")).to_have_count(0)


async def test_a_letter_that_is_encrypted_or_signed_says_so(fake: FakeServer, desks: OpenDesk) -> None:
    ident = long_thread(fake.world, 3)
    fake.world.receive(ident, "Ten of them", data={"security": "signed"})
    fake.world.receive(ident, "Nothing here", data={"security": "encrypted"})
    desk = await desks()
    await desk.open("Long Talk")
    await expect(desk.message("Ten of them")).to_contain_text("Signed. The signature was not checked here.")
    await expect(desk.message("Nothing here")).to_contain_text("Encrypted. Whoever has the key")
    assert await desk.page.locator(".message-seal").count() == 2


async def test_the_way_to_the_end_stands_above_the_composer_however_high_that_is(
    fake: FakeServer, desks: OpenDesk
) -> None:
    long_thread(fake.world, 60)
    desk = await desks()
    await desk.open("Long Talk")
    await desk.message("Line 60 of a long talk").wait_for()
    await desk.page.locator("#composer-text").fill("One line.\n" * 12)
    await desk.page.locator("#thread").evaluate("(box) => (box.scrollTop = 0)")
    button = desk.page.get_by_role("button", name="To the end")
    await expect(button).to_be_visible()
    end, box = await button.bounding_box(), await desk.page.locator(".composer").bounding_box()
    assert end is not None
    assert box is not None
    assert end["y"] + end["height"] <= box["y"]
