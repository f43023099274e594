"""Canned replies: found by a slash and a word, filled in for the conversation, and only ever a beginning of one's own reply."""

import pytest
from playwright.async_api import expect

from tests.inbox.web.conftest import Desk, OpenDesk
from tests.inbox.web.fake_server import FakeServer


async def test_a_canned_reply_is_found_by_its_name_and_put_in_by_keyboard(
    desk: Desk, fake: FakeServer
) -> None:
    ident = await desk.open("Ines Castro")
    area = desk.page.locator("#composer-text")
    await area.press_sequentially("PS /tha")
    options = desk.page.get_by_role("listbox", name="Canned replies").get_by_role("option")
    await expect(options).to_have_count(2)
    await expect(options.first).to_contain_text("Thanks, we look into it")
    await expect(options.first).to_contain_text("Dear Ines Castro,")
    await desk.page.keyboard.press("ArrowDown")
    await desk.page.keyboard.press("ArrowUp")
    await desk.page.keyboard.press("Enter")
    await expect(area).to_have_value("PS Dear Ines Castro,\n\nthank you.")
    await expect(options).to_have_count(0)
    await desk.page.keyboard.type(" Mara")
    await desk.page.keyboard.press("Control+Enter")
    await desk.message("thank you. Mara").wait_for()
    assert fake.bodies(rf"{ident}/reply")[0]["text"] == "PS Dear Ines Castro,\n\nthank you. Mara"


async def test_a_slash_elsewhere_asks_for_nothing(desk: Desk, fake: FakeServer) -> None:
    await desk.open("Ines Castro")
    area = desk.page.locator("#composer-text")
    await area.press_sequentially("and/or https://example.org/tha")
    await expect(desk.page.get_by_role("listbox", name="Canned replies")).to_have_count(0)
    await desk.page.get_by_role("tab", name="Private note").click()
    await area.press_sequentially("/tha")
    await expect(desk.page.get_by_role("listbox", name="Canned replies")).to_have_count(0)
    assert not [one for one in fake.asked if "canned" in one[1]]


async def test_words_of_the_text_find_it_too_and_a_mouse_will_do(desk: Desk) -> None:
    await desk.open("Ravi Menon")
    await desk.page.locator("#composer-text").press_sequentially("/three")
    await desk.page.get_by_role("option", name="How a refund works").click()
    await expect(desk.page.locator("#composer-text")).to_have_value("A refund takes three days.")
    await expect(desk.page.locator("#composer-text")).to_be_focused()


@pytest.mark.parametrize("width", [1440, 390])
async def test_the_list_stays_on_screen(desks: OpenDesk, width: int) -> None:
    desk = await desks(width=width)
    await desk.page.locator(".row").first.wait_for()
    await desk.open("Ines Castro")
    await desk.page.locator("#composer-text").press_sequentially("/")
    menu = desk.page.get_by_role("listbox", name="Canned replies")
    await menu.wait_for()
    box = await menu.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] >= 0


@pytest.mark.parametrize("width", [1440, 390])
async def test_a_first_letter_takes_them_too_and_closing_it_costs_no_words(
    desks: OpenDesk, width: int
) -> None:
    desk = await desks(width=width)
    await desk.page.locator(".row").first.wait_for()
    await desk.page.keyboard.press("c")
    dialog = desk.page.get_by_role("dialog", name="Start an email")
    await dialog.get_by_label("Name").fill("Kim Lee")
    area = dialog.get_by_label("Message", exact=True)
    await area.press_sequentially("/tha")
    menu = desk.page.get_by_role("listbox", name="Canned replies")
    await expect(menu.get_by_role("option")).to_have_count(2)
    inner, outer = await menu.bounding_box(), await dialog.bounding_box()
    assert inner is not None
    assert outer is not None
    assert inner["x"] >= outer["x"]
    assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]
    assert inner["y"] >= outer["y"]
    await desk.page.keyboard.press("Escape")
    await expect(menu).to_have_count(0)
    await area.press_sequentially("n")
    await desk.page.keyboard.press("Enter")
    await expect(area).to_have_value("Dear Kim Lee,\n\nthank you.")
    await desk.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await desk.page.keyboard.press("c")
    await expect(area).to_have_value("Dear Kim Lee,\n\nthank you.")
