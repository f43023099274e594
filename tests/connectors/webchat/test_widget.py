"""The widget in a real browser: write, be answered, come back, attach, use the keyboard. Every story ends without a console fault."""

import asyncio
import functools
import re

import pytest
from playwright.async_api import Browser, FilePayload, expect

from connectors.contract import MessageReceived, ReceiptObserved, TypingObserved
from connectors.webchat import codec
from connectors.webchat.hours import Hours
from connectors.webchat.settings import WebchatConfig
from tests.connectors.webchat.person import at, key_of, watch
from tests.connectors.webchat.site import CuttingLine, Site, served, until

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


async def test_a_visitor_writes_is_answered_and_a_reload_keeps_everything(browser: Browser) -> None:
    async with served() as site, at(browser, site) as person:
        await person.open()
        await person.write("Where is my parcel?")
        await expect(person.chat.locator(".mine .status")).to_have_text("Sent")
        await site.reply(key_of(site), "It arrives **today**.\nPromised.")
        await person.says("It arrives **today**.")
        await expect(person.chat.locator("#presence")).to_have_text("You are talking with Mara")
        await until(lambda: [one.state for one in site.stream.of(ReceiptObserved)][-1:] == ["read"])
        await person.field.fill("not sent yet")
        await person.page.reload()
        await expect(person.launcher).to_have_attribute("aria-expanded", "true")
        await person.says("It arrives")
        assert await person.page.evaluate("document.activeElement === document.body")
        assert await person.texts() == ["Where is my parcel?", "It arrives **today**.\nPromised."]
        await expect(person.field).to_have_value("not sent yet")
        assert site.stream.texts() == ["Where is my parcel?"]


async def test_typing_is_seen_on_both_sides(browser: Browser) -> None:
    async with served() as site, at(browser, site) as person:
        await person.open()
        await person.write("Hello")
        await person.says("Hello")
        await person.field.press_sequentially("I am wri")
        await until(lambda: site.stream.of(TypingObserved))
        sender = site.stream.of(TypingObserved)[0].sender
        await site.connector.typing(sender, key_of(site), on=True)
        await expect(person.chat.locator("#typing")).to_have_text("Support is typing")
        await expect(person.chat.locator(".mine .status")).to_have_text("Seen")
        await site.reply(key_of(site), "Hi")
        await expect(person.chat.locator("#typing")).to_be_empty()
        await person.write("I am writing")
        await until(lambda: site.stream.of(TypingObserved)[-1].on is False)


async def test_an_agent_has_read_it(browser: Browser) -> None:
    async with served() as site, at(browser, site) as person:
        await person.open()
        await person.write("Hello")
        await expect(person.chat.locator(".mine .status")).to_have_text("Sent")
        n = site.stream.rows[key_of(site)][-1].n
        await site.sandbox.notify(codec.TOPIC, codec.hint(codec.Hint(key=key_of(site), kind="read", n=n)))
        await expect(person.chat.locator(".mine .status")).to_have_text("Seen")
        await person.page.reload()
        await expect(person.chat.locator(".mine .status")).to_have_text("Seen")
        await person.write("Are you there?")
        await expect(person.chat.locator(".mine .status")).to_have_text("Sent")


def _kept(site: Site, text: str) -> bool:
    return text in site.stream.texts()


async def test_nothing_a_person_writes_becomes_markup(browser: Browser) -> None:
    attacks = [
        "<img src=x onerror=alert(1)>",
        "<script>parent.alert(1)</script>",
        'javascript:alert(1) https://good.example/<b>x</b> https://evil.example/"onmouseover="alert(1)',
        "</div></li></ol><iframe src=//evil.example>",
        "&lt;b&gt; {{name}} ${1} \u202egnp.exe",
    ]  # fmt: skip
    config = WebchatConfig(name="<b>Bold</b>", greeting="<i>Hi</i>", subtitle="</script><script>x</script>")
    async with served(config) as site, at(browser, site) as person:
        opened: list[str] = []
        person.page.on("dialog", lambda dialog: opened.append(dialog.message))
        await person.open()
        for attack in attacks:
            await person.write(attack)
            await until(functools.partial(_kept, site, attack))
            await site.reply(key_of(site), attack, author="<u>Mara</u>")
        await until(lambda: len(site.stream.rows[key_of(site)]) == 10)
        await person.page.wait_for_timeout(300)
        assert sorted(await person.texts()) == sorted(attacks * 2)
        assert await person.chat.locator(".log :is(b, i, u, script, img, iframe)").count() == 0
        await expect(person.chat.locator("#who")).to_have_text("<b>Bold</b>")
        hrefs = await person.chat.locator(".bubble a").evaluate_all("links => links.map((link) => link.href)")
        assert set(hrefs) == {"https://good.example/", "https://evil.example/"}
        assert opened == []


async def test_files_are_picked_pasted_dropped_and_seen_again(browser: Browser) -> None:
    async with served() as site, at(browser, site) as person:
        await person.open()
        chips = person.chat.locator("#tray li")
        await person.chat.locator("#files").set_input_files(
            FilePayload(name="shade.png", mimeType="image/png", buffer=PICTURE)
        )
        await expect(chips).to_have_count(1)
        for kind, name in (("paste", "pasted.txt"), ("drop", "dropped.txt")):
            await person.field.evaluate(HAND_OVER, [kind, name])
        await expect(chips).to_have_count(3)
        await chips.nth(1).get_by_role("button", name="Remove pasted.txt").click()
        await expect(chips).to_have_count(2)
        await expect(person.chat.locator("#tray .busy")).to_have_count(0)
        await person.write("Look")
        await expect(chips).to_have_count(0)
        picture = person.chat.get_by_role("img", name="Image: shade.png")
        await expect(picture).to_be_visible()
        assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
        async with person.page.expect_download() as download:
            await person.chat.get_by_role("link", name=re.compile("dropped.txt")).click()
        assert (await (await download.value).path()).read_bytes() == b"the text of a file"
        [message] = site.stream.of(MessageReceived)
        assert [file.name for file in message.files] == ["shade.png", "dropped.txt"]


HAND_OVER = """(field, [kind, name]) => {
  const carried = new DataTransfer();
  carried.items.add(new File(["the text of a file"], name, { type: "text/plain" }));
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true })
    : new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true });
  field.dispatchEvent(event);
}"""


async def test_what_cannot_be_attached_is_named(browser: Browser) -> None:
    config = WebchatConfig(max_files=1, max_file_bytes=1_000, file_types=("text/plain",))
    async with served(config) as site, at(browser, site) as person:
        await person.open()
        hint = person.chat.locator("#hint")
        for name, kind, size, said in (
            ("big.txt", "text/plain", 1_001, "big.txt is too large (1 kB at most)."),
            ("empty.txt", "text/plain", 0, "empty.txt is empty."),
            ("run.exe", "application/x-msdownload", 5, "run.exe: files of this kind cannot be sent here."),
            ("refused.txt", "text/plain", 5, "refused.txt could not be uploaded. Please try again."),
        ):
            if name == "refused.txt":
                person.page.remove_listener("console", person.hear)  # the browser itself reports the 400
            file = FilePayload(name=name, mimeType=kind, buffer=b"x" * size)
            await person.chat.locator("#files").set_input_files(file)
            await expect(hint).to_have_text(said)
        await expect(person.chat.locator("#tray li")).to_have_count(0)


async def test_the_keyboard_is_enough(browser: Browser) -> None:
    async with served() as site, at(browser, site) as person:
        keys = person.page.keyboard
        for _ in range(12):
            await keys.press("Tab")
            if await person.launcher.evaluate("button => button.getRootNode().activeElement === button"):
                break
        await keys.press("Enter")
        await expect(person.field).to_be_focused()
        await keys.type("first line")
        await keys.press("Shift+Enter")
        await keys.type("second line")
        await keys.press("Enter")
        await person.says("first line\nsecond line")
        await expect(person.field).to_be_focused()
        await keys.press("Shift+Tab")
        await expect(person.chat.get_by_role("button", name="Attach a file")).to_be_focused()
        await keys.press("Escape")
        await expect(person.launcher).to_be_focused()
        await expect(person.launcher).to_have_attribute("aria-expanded", "false")
        assert site.stream.texts() == ["first line\nsecond line"]


async def test_a_closed_chat_counts_what_is_unread(browser: Browser) -> None:
    async with served() as site, at(browser, site) as person:
        await person.open()
        await person.write("Hello")
        await person.says("Hello")
        await person.launcher.click()
        await site.reply(key_of(site), "one")
        await site.reply(key_of(site), "two")
        await expect(person.launcher).to_have_attribute("aria-label", "Open chat, 2 unread")
        await until(lambda: {one.state for one in site.stream.of(ReceiptObserved)} == {"delivered"})
        await person.page.reload()
        await expect(person.launcher).to_have_attribute("aria-label", "Open chat, 2 unread")
        await expect(person.launcher).to_have_attribute("aria-expanded", "false")
        await person.open()
        await until(lambda: site.stream.of(ReceiptObserved)[-1].state == "read")
        await person.launcher.click()
        await expect(person.launcher).to_have_attribute("aria-label", "Open chat")
        await person.page.reload()
        await person.launcher.wait_for()
        await until(lambda: len(site.connector._front.sockets) == 1)
        await expect(person.launcher).to_have_attribute("aria-label", "Open chat")


async def test_no_line_is_opened_for_who_only_looks_at_the_page(browser: Browser) -> None:
    async with served() as site, at(browser, site) as person:
        await person.page.wait_for_timeout(400)
        assert len(site.connector._front.sockets) == 0
        await person.open()
        await until(lambda: len(site.connector._front.sockets) == 1)


async def test_two_windows_of_one_browser_are_one_visitor(browser: Browser) -> None:
    async with served() as site, at(browser, site) as person:
        other = await person.context.new_page()
        watch(person, other)
        await other.goto(f"{site.base}/page")
        chat = other.frame_locator("iframe[title^='Chat']")
        await asyncio.gather(person.launcher.click(), other.locator("#parley-chat .launcher").click())
        await person.page.wait_for_timeout(400)
        await person.write("from the first")
        await chat.locator(".bubble", has_text="from the first").wait_for()
        await chat.get_by_role("textbox", name="Your message").fill("from the second")
        await chat.get_by_role("textbox", name="Your message").press("Enter")
        await person.says("from the second")
        assert len({message.conversation_key for message in site.stream.of(MessageReceived)}) == 1


async def test_a_conversation_survives_a_line_that_is_cut_again_and_again(browser: Browser) -> None:
    async with served() as site:
        host, _, port = site.origin.removeprefix("http://").partition(":")
        async with CuttingLine(host, int(port)).running("/widget/site") as proxy:
            async with at(browser, site, f"{proxy.base}/page") as person:
                person.page.remove_listener("console", person.hear)  # the browser itself reports each cut
                await person.open()
                await person.write("message 0")
                await until(site.stream.texts)
                for number in range(1, 13):
                    proxy.cut()
                    await person.write(f"message {number}")
                    await site.reply(key_of(site), f"reply {number}")
                    await asyncio.sleep(0.05 * (number % 4))
                texts = [f"message {number}" for number in range(13)]
                await until(lambda: site.stream.texts() == texts, 20)
                await expect(person.bubbles).to_have_count(26, timeout=15_000)
                said = await person.texts()
                assert [text for text in said if text.startswith("message")] == texts
                assert [text for text in said if text.startswith("reply")] == [
                    f"reply {number}" for number in range(1, 13)
                ]
            assert proxy.cuts >= 10


async def test_a_line_that_stays_away_is_said_so_and_nothing_is_lost(browser: Browser) -> None:
    async with served() as site:
        host, _, port = site.origin.removeprefix("http://").partition(":")
        line = CuttingLine(host, int(port))
        async with line.running("/widget/site"), at(browser, site, f"{line.base}/page") as person:
            person.page.remove_listener("console", person.hear)  # the browser itself reports each failed try
            await person.open()
            await person.write("one")
            await expect(person.chat.locator(".mine .status")).to_have_text("Sent")
            line.down = True
            line.cut()
            await person.write("two")
            notice = person.chat.locator("#notice")
            await expect(notice).to_have_text(
                "Connection lost. Your messages are kept and sent when it is back."
            )
            await expect(person.chat.locator(".mine .status")).to_have_text("Sending…")
            assert site.stream.texts() == ["one"]
            line.down = False
            await expect(notice).to_be_empty(timeout=15_000)
            await expect(person.chat.locator(".mine .status")).to_have_text("Sent")
            assert site.stream.texts() == ["one", "two"]


async def test_what_was_written_without_a_line_is_sent_after_a_reload(browser: Browser) -> None:
    async with served() as site, at(browser, site) as person:
        await person.open()
        await person.write("with a line")
        await expect(person.chat.locator(".mine .status")).to_have_text("Sent")
        site.stream.away = True
        await person.write("while the store is away")
        await expect(person.chat.locator(".mine .status").last).to_have_text("Waiting a moment…")
        await person.page.reload()
        site.stream.away = False
        await until(lambda: site.stream.texts() == ["with a line", "while the store is away"])
        await person.says("while the store is away")
        await expect(person.bubbles).to_have_count(3)


async def test_a_refused_message_can_be_discarded(browser: Browser) -> None:
    async with served() as site, at(browser, site) as person:
        await person.open()
        await person.write("Hello")
        await expect(person.chat.locator(".mine .status")).to_have_text("Sent")
        site.stream.blocked.add(key_of(site))
        await person.write("One more")
        problem = person.chat.locator(".problem .status")
        await expect(problem).to_have_text("Not sent: This message could not be delivered.")
        site.stream.blocked.clear()
        await person.chat.get_by_role("button", name="Try again").click()
        await expect(person.chat.locator(".mine .status")).to_have_text("Sent")
        site.stream.blocked.add(key_of(site))
        await person.write("And another")
        await person.chat.get_by_role("button", name="Discard").click()
        await expect(person.bubbles).to_have_count(3)
        assert site.stream.texts() == ["Hello", "One more"]


async def test_out_of_hours_the_head_says_so_and_an_address_may_be_left(browser: Browser) -> None:
    config = WebchatConfig(hours=Hours(week={}), out_of_hours="We are back on Monday at nine.")
    async with served(config) as site, at(browser, site) as person:
        await person.open()
        await expect(person.chat.locator("#presence")).to_have_text("We are back on Monday at nine.")
        await person.write("Anybody there?")
        field = person.chat.get_by_role("textbox", name="E-mail address")
        await field.fill("nonsense")
        await field.press("Enter")
        await expect(person.chat.get_by_role("alert").filter(has_text="does not look like")).to_be_visible()
        await field.fill("someone@shop.example")
        await field.press("Enter")
        await expect(person.chat.locator(".thanks")).to_contain_text("someone@shop.example")
        await person.write("Thank you")
        await person.says("Thank you")
        await until(lambda: len(site.stream.of(MessageReceived)) == 3)
        assert site.stream.texts()[1] == "My e-mail address: someone@shop.example"
        assert site.stream.of(MessageReceived)[-1].sender.attributes == {"email": "someone@shop.example"}


async def test_the_past_comes_in_pages(browser: Browser) -> None:
    async with served() as site, at(browser, site) as person:
        await person.open()
        await person.write("Hello")
        await person.says("Hello")
        for number in range(150):
            site.stream.say(key_of(site), f"line {number}")
        await person.page.reload()
        await expect(person.bubbles).to_have_count(100)
        await person.chat.get_by_role("button", name="Show earlier messages").click()
        await expect(person.bubbles).to_have_count(152)
        assert (await person.texts())[:2] == ["Hello", "line 0"]


@pytest.mark.parametrize(
    ("language", "name"), [("de", "Chat schließen"), ("fr-CA", "Fermer la discussion"), ("xx", "Close chat")]
)
async def test_the_widget_speaks_the_language_of_the_browser(
    browser: Browser, language: str, name: str
) -> None:
    async with served() as site, at(browser, site, locale=language) as person:
        await person.launcher.click()
        await expect(person.chat.locator("#close")).to_have_attribute("aria-label", name)
