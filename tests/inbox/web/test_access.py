"""Everybody can work here: by keyboard alone, on any keyboard, on any screen, in both looks, without good eyes or a steady hand."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.inbox.web.conftest import Desk, OpenDesk
from tests.inbox.web.fake_server import PASSWORD, FakeServer

CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const parse = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) layers.push(parse(getComputedStyle(one).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3 && node.textContent.trim()).length;
    const box = element.getBoundingClientRect();
    if (!text || !box.width || !box.height || element.closest(".unseen, :disabled, [aria-hidden=true], .skip, .row-tick, noscript")) continue;
    const style = getComputedStyle(element);
    if (style.visibility === "hidden" || Number(style.opacity) < 1) continue;
    const ground = behind(element);
    const ink = over(parse(style.color), ground);
    const [a, b] = [light(ink), light(ground)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) poor.push(`${element.className || element.tagName}: ${element.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""

SMALL = """() => [...document.querySelectorAll("button, a[href], input, select, textarea, [role=option]")].filter((element) => {
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  if (!box.width || style.visibility === "hidden" || element.closest(".unseen, .message-text, .skip, .beginning") || element.matches("[hidden], .unseen, [type=radio]")) return false;
  return box.height < 23.5 || box.width < 23.5;
}).map((element) => `${element.className} ${element.textContent.slice(0, 20)} ${JSON.stringify(element.getBoundingClientRect())}`)"""

NAMELESS = """() => [...document.querySelectorAll("button, a[href], input, textarea, select, iframe, [role=dialog], [role=listbox], [role=toolbar]")].filter((element) => {
  if (element.hidden || !element.getClientRects().length) return false;
  const label = element.getAttribute("aria-label") || element.title || element.labels?.[0]?.textContent || element.textContent;
  return !label || !label.trim();
}).map((element) => element.outerHTML.slice(0, 120))"""

CROSSED = """() => {
  const found = [];
  for (const group of document.querySelectorAll(".row, .agents tr, .floor-row, .message, .offer")) {
    const texts = [...group.querySelectorAll("*")].flatMap((element) => [...element.childNodes])
      .filter((node) => node.nodeType === 3 && node.textContent.trim() && !node.parentElement.closest("[aria-hidden=true], .unseen, details:not([open]) > ul"))
      .map((node) => { const range = document.createRange(); range.selectNode(node); return [node, node.parentElement.getBoundingClientRect(), range.getBoundingClientRect()]; })
      .filter(([, , box]) => box.width && box.height);
    texts.forEach(([node, frame, box], i) => texts.slice(i + 1).forEach(([other, around, beside]) => {
      if (node.parentElement.contains(other.parentElement) || other.parentElement.contains(node.parentElement)) return;
      const wide = Math.min(box.right, beside.right, frame.right, around.right) - Math.max(box.left, beside.left);
      const high = Math.min(Math.max(box.bottom, frame.bottom), Math.max(beside.bottom, around.bottom)) - Math.max(Math.min(box.top, frame.top), Math.min(beside.top, around.top));
      if (wide > 3 && high > 3) found.push(`${node.textContent.trim().slice(0, 20)} / ${other.textContent.trim().slice(0, 20)} ${Math.round(wide)}x${Math.round(high)}`);
    }));
  }
  return found;
}"""
"""Words of one row that lie over one another (with the box they are drawn in)."""

TWICE = """() => { const ids = [...document.querySelectorAll("[id]")].map((one) => one.id); return ids.filter((id, i) => ids.indexOf(id) !== i); }"""

OVERFLOW = "document.documentElement.scrollWidth > window.innerWidth + 1"

LOOKS: list[tuple[str, list[str]]] = [
    ("chat", []),
    ("palette", ["Control+k"]),
    ("help", ["?"]),
    ("assign", ["a"]),
    ("snooze", ["s"]),
    ("email", ["c"]),
    ("settings", ["g", ","]),
    ("explain", ["w"]),
    ("note", ["n"]),
    ("floor", ["g", "f"]),
    ("empty", ["g", "n"]),
]


async def faults(page: Page) -> dict[str, Any]:
    """What is wrong with what is on screen."""
    checks = {
        "contrast": CONTRAST,
        "small": SMALL,
        "nameless": NAMELESS,
        "twice": TWICE,
        "crossed": CROSSED,
        "overflow": OVERFLOW,
    }
    found = {kind: await page.evaluate(check) for kind, check in checks.items()}
    return {kind: what for kind, what in found.items() if what}


@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("dark", [False, True])
async def test_every_look_is_readable_named_and_large_enough(
    fake: FakeServer, desks: OpenDesk, width: int, dark: bool
) -> None:
    desk = await desks(width=width, height=900, dark=dark)
    await desk.row("Ravi Menon").wait_for()
    assert await faults(desk.page) == {}, "list"
    for name, keys in LOOKS:
        if not re.search("/cnv_", desk.page.url):
            await desk.page.keyboard.press("g")
            await desk.page.keyboard.press("m")
            await desk.open("Ines Castro" if name in {"palette", "assign"} else "Ravi Menon")
        for key in keys:
            await desk.page.keyboard.press(key)
        await desk.page.wait_for_timeout(250)
        assert await faults(desk.page) == {}, name
        await desk.page.keyboard.press("Escape")
        await desk.page.wait_for_timeout(60)


async def test_a_whole_day_by_keyboard_alone(fake: FakeServer, desks: OpenDesk) -> None:
    fake.signed_in = False
    desk = await desks()
    keyboard = desk.page.keyboard
    await desk.page.get_by_label("Login").wait_for()
    await keyboard.type("mara")
    await keyboard.press("Tab")
    await keyboard.type(PASSWORD)
    await keyboard.press("Enter")
    await desk.row("Ravi Menon").wait_for()
    row = next(one for one in fake.world.of("conversation") if one.queue == "technical" and not one.assignee)
    await fake.push(fake.world.offer(row.id, "mara"))
    await desk.page.get_by_role("alertdialog").wait_for()
    await keyboard.press("y")
    await desk.message("The app closes as soon as I open the camera.").wait_for()
    await keyboard.press("r")
    await expect(desk.page.locator("#composer-text")).to_be_focused()
    await keyboard.type("Which phone is it?")
    await keyboard.press("Control+Enter")
    await desk.message("Which phone is it?").wait_for()
    await keyboard.press("Escape")
    await keyboard.press("n")
    await keyboard.type("Seen twice this week")
    await keyboard.press("Control+Enter")
    await desk.message("Seen twice this week").wait_for()
    await keyboard.press("Escape")
    await _the_afternoon(desk)


async def _the_afternoon(desk: Desk) -> None:
    keyboard = desk.page.keyboard
    await keyboard.press("Control+k")
    await keyboard.type("urg")
    await keyboard.press("Escape")
    await keyboard.press("p")
    await keyboard.type("high")
    await keyboard.press("Enter")
    await expect(desk.row("Oskar Nilsen")).to_contain_text("High")
    await keyboard.press("e")
    await expect(desk.row("Oskar Nilsen")).to_have_count(0)
    await keyboard.press("j")
    await keyboard.press("k")
    await keyboard.press("g")
    await keyboard.press("d")
    await expect(desk.row("Oskar Nilsen")).to_be_visible()
    await keyboard.press("?")
    await expect(desk.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    await keyboard.press("Escape")
    await keyboard.press("Control+k")
    await keyboard.type("go to queue ord")
    await keyboard.press("Enter")
    await expect(desk.page.get_by_role("heading", name="Orders")).to_be_visible()


async def test_tab_goes_round_inside_a_dialog_and_comes_back(desk: Desk) -> None:
    await desk.open("Ravi Menon")
    assign = desk.page.get_by_role("button", name="Assign", exact=True)
    await assign.focus()
    await desk.page.keyboard.press("Enter")
    await desk.page.get_by_role("dialog").wait_for()
    for _ in range(12):
        await desk.page.keyboard.press("Tab")
        assert await desk.page.evaluate("Boolean(document.activeElement.closest('[role=dialog]'))")
    await desk.page.keyboard.press("Escape")
    await expect(desk.page.get_by_role("dialog")).to_have_count(0)
    await expect(assign).to_be_focused()


KEYBOARDS: list[tuple[str, dict[str, Any], bool]] = [
    ("us: r", {"key": "r", "code": "KeyR"}, True),
    ("dvorak: r where o is", {"key": "r", "code": "KeyO"}, True),
    ("shift lock: R", {"key": "R", "code": "KeyR"}, True),
    ("pl: AltGr+n is ń", {"key": "ń", "code": "KeyN", "modifierAltGraph": True}, False),
    ("de mac: option+l is @", {"key": "@", "code": "KeyL", "altKey": True}, False),
    ("alt+r opens a menu", {"key": "r", "code": "KeyR", "altKey": True}, False),
    ("ctrl+alt is AltGr on Windows", {"key": "r", "code": "KeyR", "altKey": True, "ctrlKey": True}, False),
    ("composing", {"key": "r", "code": "KeyR", "isComposing": True}, False),
    ("dead key", {"key": "Dead", "code": "KeyR"}, False),
    ("reload", {"key": "r", "code": "KeyR", "ctrlKey": True}, False),
]


async def test_keys_go_by_what_they_write_on_every_keyboard(desk: Desk) -> None:
    await desk.open("Ravi Menon")
    for name, press, acts in KEYBOARDS:
        await desk.page.evaluate("document.activeElement.blur()")
        await desk.page.evaluate(
            "(init) => document.body.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, cancelable: true, ...init}))",
            press,
        )
        await desk.page.wait_for_timeout(60)
        focused = await desk.page.evaluate("document.activeElement.id")
        assert (focused == "composer-text") == acts, name


async def test_text_is_never_a_command(desk: Desk, fake: FakeServer) -> None:
    await desk.open("Ravi Menon")
    asked = len(fake.bodies("conversations"))
    await desk.page.locator("#composer-text").press_sequentially("jkeirsx!?z;.")
    assert len(fake.bodies("conversations")) == asked
    await expect(desk.page.locator("#composer-text")).to_have_value("jkeirsx!?z;.")


@pytest.mark.parametrize("width", [390, 360])
async def test_a_phone_shows_one_pane_at_a_time(desks: OpenDesk, width: int) -> None:
    desk = await desks(width=width, height=800)
    await desk.row("Ravi Menon").wait_for()
    await expect(desk.page.locator(".thread")).to_be_hidden()
    await desk.open("Ravi Menon")
    await expect(desk.page.locator(".list")).to_be_hidden()
    assert not await desk.page.evaluate(OVERFLOW)
    await desk.page.get_by_role("button", name="Customer").click()
    await expect(desk.page.get_by_role("complementary")).to_be_visible()
    await desk.page.get_by_role("button", name="Hide the customer").click()
    await desk.page.get_by_role("button", name="All commands").click()
    await desk.page.get_by_role("option", name="Snooze …").click()
    await expect(desk.page.get_by_role("dialog", name="Snooze Ravi Menon")).to_be_visible()
    await desk.page.keyboard.press("Escape")
    await desk.page.get_by_role("button", name="Back to the list").click()
    await expect(desk.row("Ravi Menon")).to_be_visible()
    await desk.page.get_by_role("button", name="Views and queues").click()
    await desk.page.get_by_role("link", name="Unassigned").click()
    await expect(desk.row("Oskar Nilsen")).to_be_visible()
    await desk.page.go_back()
    await expect(desk.row("Ravi Menon")).to_be_visible()


async def test_the_list_tells_where_one_is_in_it(desk: Desk) -> None:
    await desk.open("Ines Castro")
    row = desk.row("Ines Castro")
    await expect(row).to_have_attribute("aria-selected", "true")
    await expect(row).to_have_attribute("aria-posinset", "2")
    await expect(row).to_have_attribute("aria-setsize", "5")
    active = await desk.page.locator("#list").get_attribute("aria-activedescendant")
    assert active == await row.get_attribute("id")
    await expect(desk.page.get_by_role("status").first).to_be_attached()


async def test_new_messages_are_announced_politely(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Luca Bianchi")
    await fake.push(fake.world.receive(ident, "Hello from Luca"))
    await expect(desk.page.locator(".toasts [aria-live=polite]")).to_have_text(
        "Luca Bianchi: Hello from Luca"
    )


async def test_reduced_motion_is_respected(desk: Desk) -> None:
    await desk.page.emulate_media(reduced_motion="reduce")
    await desk.open("Ravi Menon")
    await desk.page.keyboard.press("Control+k")
    length = await desk.page.locator(".dialog").evaluate("(box) => getComputedStyle(box).animationDuration")
    assert float(length.rstrip("s")) < 0.001
