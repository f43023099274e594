"""Coming in and going out: password, one-time link, a first password, a session that ends."""

import re

from playwright.async_api import expect

from tests.inbox.web.conftest import OpenDesk
from tests.inbox.web.fake_server import PASSWORD, FakeServer


async def test_a_wrong_password_is_said_and_a_right_one_opens_the_inbox(
    fake: FakeServer, desks: OpenDesk
) -> None:
    fake.signed_in = False
    desk = await desks()
    await desk.page.get_by_label("Login").fill("mara")
    await desk.page.get_by_label("Password").fill("wrong")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.get_by_role("alert")).to_have_text("Login and password do not fit.")
    await desk.page.get_by_label("Password").fill(PASSWORD)
    await desk.page.keyboard.press("Enter")
    await expect(desk.row("Ravi Menon")).to_be_visible()
    assert fake.bodies(r"^/session$")[-1] == {"login": "mara", "password": PASSWORD}


async def test_a_one_time_link_signs_in_and_asks_for_a_password(fake: FakeServer, desks: OpenDesk) -> None:
    fake.signed_in = False
    fake.links.add("once-only")
    desk = await desks(path="/sign-in#once-only")
    fresh = desk.page.get_by_label("New password")
    await expect(fresh).to_be_focused()
    await fresh.fill("a long enough one")
    await desk.page.get_by_label("Once more").fill("a different one!!")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.get_by_role("alert")).to_have_text("The two are not the same.")
    await desk.page.get_by_label("Once more").fill("a long enough one")
    await desk.page.keyboard.press("Enter")
    await expect(desk.row("Ravi Menon")).to_be_visible()
    assert "once-only" not in desk.page.url
    assert fake.password == "a long enough one"  # chosen in this test


async def test_a_used_link_is_explained_and_leads_to_the_door(fake: FakeServer, desks: OpenDesk) -> None:
    fake.signed_in = False
    desk = await desks(path="/sign-in#used-up")
    await expect(desk.page.get_by_role("alert")).to_contain_text("has been used or is too old")
    await expect(desk.page.get_by_label("Password")).to_be_visible()


async def test_signing_out_leaves_nothing_behind(fake: FakeServer, desks: OpenDesk) -> None:
    desk = await desks()
    await desk.open("Ravi Menon")
    await desk.page.locator("#composer-text").fill("something private")
    await desk.until("localStorage.length > 0")
    await desk.page.get_by_role("button", name="Sign out").click()
    await expect(desk.page.get_by_label("Password")).to_be_visible()
    assert await desk.page.evaluate("Object.keys(localStorage).filter((key) => key.includes('unsent'))") == []
    assert await desk.page.get_by_text("Ravi Menon").count() == 0
    assert not fake.signed_in


async def test_a_session_that_ends_elsewhere_leads_to_the_door_and_keeps_the_draft(
    fake: FakeServer, desks: OpenDesk
) -> None:
    desk = await desks()
    await desk.open("Ravi Menon")
    await desk.page.locator("#composer-text").fill("half a sentence")
    await desk.until("localStorage.length > 0")
    fake.signed_in = False
    await fake.cut(4001)
    await desk.page.get_by_label("Login").fill("mara")
    await desk.page.get_by_label("Password").fill(PASSWORD)
    await desk.page.keyboard.press("Enter")
    await desk.open("Ravi Menon")
    await expect(desk.page.locator("#composer-text")).to_have_value("half a sentence")


async def test_the_address_bar_is_the_place(desks: OpenDesk) -> None:
    desk = await desks()
    ident = await desk.open("Ines Castro")
    await expect(desk.page).to_have_url(re.compile(rf"#/mine/{ident}$"))
    await desk.page.reload()
    await expect(desk.page.get_by_role("heading", name="Wrong address on two invoices")).to_be_visible()


async def test_an_address_that_was_cut_short_opens_the_inbox(desks: OpenDesk) -> None:
    desk = await desks(path="/#/%")
    await expect(desk.page.get_by_label("Search messages and people")).to_be_visible()
