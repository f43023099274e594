"""Writing: reply and note kept apart, files, typing signs, signature, the guard against answering into the dark."""

from pathlib import Path

from playwright.async_api import expect

from tests.inbox.web.conftest import Desk, OpenDesk, soon
from tests.inbox.web.fake_server import FakeServer

PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const area = document.querySelector("#composer-text");
  area.focus();
  area.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
PASTE_FILE = """({name, type, text}) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, {type}));
  document.querySelector("#composer-text").dispatchEvent(
    new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
DROP = """({name, text}) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, {type: "text/plain"}));
  document.querySelector("#composer").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


async def test_a_note_differs_in_colour_label_and_button_and_goes_nowhere_else(
    desk: Desk, fake: FakeServer
) -> None:
    ident = await desk.open("Ravi Menon")
    box = desk.page.locator(".composer-box")
    reply_colour = await box.evaluate("(element) => getComputedStyle(element).backgroundColor")
    await expect(desk.page.get_by_role("button", name="Send reply")).to_be_visible()
    await desk.page.keyboard.press("n")
    await expect(desk.page.get_by_role("button", name="Add note")).to_be_visible()
    await expect(desk.page.get_by_text("Only colleagues see this")).to_be_visible()
    await expect(box).not_to_have_css("background-color", reply_colour)
    await desk.page.keyboard.type("Ask the depot first, @jonas")
    await desk.page.keyboard.press("Enter")
    await desk.page.keyboard.press("Control+Enter")
    await expect(desk.message("Ask the depot first")).to_contain_text("Private note")
    [body] = fake.bodies(rf"{ident}/note")
    assert body["mentions"] == ["jonas"]
    assert fake.bodies(rf"{ident}/reply") == []


async def test_each_kind_keeps_its_own_draft_and_a_paste_never_switches(desk: Desk, fake: FakeServer) -> None:
    await desk.open("Ravi Menon")
    area = desk.page.locator("#composer-text")
    await desk.page.keyboard.press("n")
    await desk.page.evaluate(PASTE, "Private note\n@jonas https://example.org")
    await area.fill("for colleagues only")
    await desk.page.evaluate(PASTE, "Reply: hello")
    await desk.page.evaluate(PASTE_FILE, {"name": "a.png", "type": "image/png", "text": "x"})
    await expect(desk.page.get_by_role("tab", name="Private note")).to_have_attribute("aria-selected", "true")
    await expect(desk.page.locator(".tray-file")).to_contain_text("a.png")
    await desk.page.get_by_role("tab", name="Reply").click()
    await expect(area).to_have_value("")
    await expect(desk.page.locator(".tray-file")).to_have_count(0)
    await area.fill("for the customer")
    await desk.open("Ines Castro")
    await expect(area).to_have_value("")
    await desk.open("Ravi Menon")
    await expect(area).to_have_value("for the customer")
    await desk.page.reload()
    await expect(area).to_have_value("for the customer")


async def test_typing_is_told_for_replies_and_never_for_notes(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Ravi Menon")
    await desk.page.keyboard.press("n")
    await desk.page.locator("#composer-text").press_sequentially("secret thoughts")
    assert [frame for frame in fake.said if frame["t"] == "typing"] == []
    await desk.page.get_by_role("tab", name="Reply").click()
    await desk.page.locator("#composer-text").press_sequentially("Dear Ravi")
    await desk.page.keyboard.press("Control+Enter")
    await desk.message("Dear Ravi").wait_for()
    signs = [frame["on"] for frame in fake.said if frame["t"] == "typing" and frame["conversation"] == ident]
    assert signs == [True, False]


async def test_files_are_picked_pasted_and_dropped_and_go_with_the_message(
    desk: Desk, fake: FakeServer, tmp_path: Path
) -> None:
    ident = await desk.open("Ravi Menon")
    (tmp_path / "label.txt").write_text("return label")
    await desk.page.locator("#composer-files").set_input_files(tmp_path / "label.txt")
    await desk.page.evaluate(PASTE_FILE, {"name": "shot.png", "type": "image/png", "text": "png"})
    await desk.page.evaluate(DROP, {"name": "dropped.txt", "text": "drop"})
    await expect(desk.page.locator(".tray-file")).to_have_count(3)
    await desk.page.get_by_role("button", name="Take out dropped.txt").click()
    await desk.page.locator("#composer-text").fill("Here you are")
    await expect(desk.page.get_by_role("button", name="Send reply")).to_be_enabled()
    await desk.page.keyboard.press("Control+Enter")
    await expect(desk.message("Here you are")).to_contain_text("label.txt")
    [body] = fake.bodies(rf"{ident}/reply")
    assert [fake.files[one][0] for one in body["attachments"]] == ["label.txt", "shot.png"]


async def test_limits_are_said_before_anything_is_sent(desk: Desk, fake: FakeServer, tmp_path: Path) -> None:
    await desk.open("Ravi Menon")
    (tmp_path / "huge.bin").write_bytes(b"\0" * 5_000_001)
    await desk.page.locator("#composer-files").set_input_files(tmp_path / "huge.bin")
    await expect(desk.page.locator(".tray-file")).to_contain_text("Too large: at most 4.8 MB.")
    await desk.page.locator("#composer-text").fill("text")
    await expect(desk.page.get_by_role("button", name="Send reply")).to_be_disabled()
    assert fake.bodies("/attachments") == []
    await desk.page.get_by_role("link", name="Unassigned").click()
    await desk.open("Order system")
    await expect(desk.page.get_by_role("button", name="This channel takes no files.")).to_be_disabled()
    await desk.page.locator("#composer-text").fill("x" * 161)
    await expect(desk.page.get_by_text("161/160: will go in parts")).to_be_visible()


async def test_an_upload_that_fails_is_said_at_the_file(desk: Desk, fake: FakeServer) -> None:
    await desk.open("Ravi Menon")
    fake.fail("/attachments", 413, code="too_large", message="At most 3 MB here.")
    await desk.page.evaluate(PASTE_FILE, {"name": "a.txt", "type": "text/plain", "text": "x"})
    await expect(desk.page.locator(".tray-file.is-bad")).to_contain_text("At most 3 MB here.")


async def test_the_signature_is_shown_and_added_to_emails_only(fake: FakeServer, desks: OpenDesk) -> None:
    fake.settings = {"signature": "Mara, customer care"}
    desk = await desks()
    letter = await desk.open("Ines Castro")
    await expect(desk.page.locator(".signature")).to_have_text("Mara, customer care")
    await desk.page.locator("#composer-text").fill("Dear Ines,")
    await desk.page.keyboard.press("Control+Enter")
    await expect(desk.page.locator(".tick-queued")).to_have_count(1)
    assert fake.bodies(rf"{letter}/reply")[0]["text"] == "Dear Ines,\n\nMara, customer care"
    await desk.open("Ravi Menon")
    await expect(desk.page.locator(".signature")).to_have_count(0)


async def test_new_messages_since_the_draft_was_begun_are_pointed_out(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Ravi Menon")
    await desk.page.locator("#composer-text").fill("You can change it in")
    await fake.push(fake.world.receive(ident, "Never mind!"))
    await expect(desk.page.get_by_text("1 new message since you began to write")).to_be_visible()


async def test_send_and_done(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Ravi Menon")
    await desk.page.locator("#composer-text").fill("All settled, good bye!")
    await desk.page.keyboard.press("Control+Shift+Enter")
    await expect(desk.row("Ravi Menon")).to_have_count(0)
    await soon(lambda: fake.world.conversation(ident).status == "resolved")
    assert fake.world.messages(ident)[-1].author.id == "mara"


async def test_a_done_conversation_takes_notes_but_no_reply(desk: Desk, fake: FakeServer) -> None:
    await desk.page.get_by_role("link", name="Done").click()
    ident = await desk.open("Marek Dvořák")
    await expect(desk.page.get_by_text("This conversation is done.")).to_be_visible()
    await expect(desk.page.locator("#composer-text")).to_have_count(0)
    await desk.page.keyboard.press("n")
    await desk.page.locator("#composer-text").fill("For the record.")
    await desk.page.keyboard.press("Control+Enter")
    await desk.message("For the record.").wait_for()
    assert fake.world.conversation(ident).status == "resolved"
