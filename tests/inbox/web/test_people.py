"""The customer beside the thread: addresses, timeline over channels, merging and its undoing, blocking, the name."""

import asyncio

from playwright.async_api import expect

from tests.inbox.web.conftest import Desk, OpenDesk, soon
from tests.inbox.web.fake_server import FakeServer


async def test_the_panel_shows_addresses_and_the_timeline_of_all_channels(desk: Desk) -> None:
    await desk.open("Ravi Menon")
    panel = desk.page.get_by_role("complementary", name="Customer")
    await expect(panel).to_contain_text("ravi@menon.example")
    await expect(panel).to_contain_text("email · claimed")
    await expect(panel).to_contain_text("Delivery to a parcel locker?")
    await panel.get_by_role("button", name="Delivery to a parcel locker?").click()
    await expect(desk.page.get_by_text("Yes, choose the locker at checkout.").first).to_be_visible()
    await desk.page.keyboard.press(".")
    await expect(panel).to_have_count(0)


async def test_a_suggested_merge_is_looked_at_done_and_undone(desk: Desk, fake: FakeServer) -> None:
    await desk.open("Ravi Menon")
    panel = desk.page.get_by_role("complementary", name="Customer")
    await expect(panel).to_contain_text("wrote the same order number on Telegram")
    await panel.get_by_role("button", name="Merge", exact=True).click()
    dialog = desk.page.get_by_role("dialog", name="Merge contacts")
    await expect(dialog).to_contain_text("Customers never see each other's history.")
    await desk.page.keyboard.press("Enter")
    await expect(panel).to_contain_text("@ravimenon")
    await expect(panel).to_contain_text("Merged in")
    await panel.get_by_role("button", name="Un-merge Ravi M.").click()
    await expect(panel).not_to_contain_text("@ravimenon")
    assert [path for method, path, _ in fake.asked if method == "POST" and "merge" in path][-1].endswith(
        "/unmerge"
    )


async def test_another_contact_is_found_and_merged(desk: Desk, fake: FakeServer) -> None:
    await desk.open("Luca Bianchi")
    await desk.page.get_by_role("button", name="Merge with another contact …").click()
    await desk.page.get_by_label("Find a contact").fill("prize")
    await desk.page.get_by_role("button", name="Prize Draw").click()
    await desk.page.get_by_role("dialog").get_by_role("button", name="Merge").click()
    await expect(desk.page.get_by_role("complementary")).to_contain_text("win@prize.example")


async def test_an_address_is_blocked_and_unblocked(desk: Desk, fake: FakeServer) -> None:
    await desk.open("Ravi Menon")
    await desk.page.get_by_role("button", name="Block ravi@menon.example").click()
    await expect(desk.page.get_by_role("complementary")).to_contain_text("blocked")
    await desk.page.get_by_role("button", name="Unblock ravi@menon.example").click()
    await expect(desk.page.get_by_role("button", name="Block ravi@menon.example")).to_have_count(1)
    assert [body["blocked"] for body in fake.bodies("/block")] == [True, False]


async def test_a_name_is_changed_everywhere(desk: Desk, fake: FakeServer) -> None:
    await desk.open("Luca Bianchi")
    await desk.page.get_by_role("button", name="Change the name").click()
    await desk.page.get_by_label("Name", exact=True).fill("Luca B. Bianchi")
    await desk.page.keyboard.press("Enter")
    await expect(desk.row("Luca B. Bianchi")).to_be_visible()
    await expect(desk.page.get_by_role("heading", name="Luca B. Bianchi").first).to_be_visible()


async def test_a_colleagues_changes_reach_the_panel(desk: Desk, fake: FakeServer) -> None:
    await desk.open("Ravi Menon")
    await expect(desk.page.get_by_role("complementary")).to_contain_text("ravi@menon.example")
    row = fake.world.conversation(desk.page.url.rsplit("/", 1)[1])
    from stream import events as ev

    await fake.push(fake.world.emit(ev.IdentityStopped(identity=row.identity, stopped=True)))
    await expect(desk.page.get_by_text("The customer has left this channel")).to_be_visible()


async def test_settings_are_kept_by_the_server_and_seen_at_once(desk: Desk, fake: FakeServer) -> None:
    await desk.page.get_by_role("button", name="Settings").click()
    await desk.page.get_by_text("Dark", exact=True).click()
    await expect(desk.page.locator("html")).to_have_attribute("data-theme", "dark")
    await desk.page.get_by_label("Signature").fill("Yours, Mara")
    await desk.page.get_by_label("Single-key shortcuts").click()
    await expect(desk.page.get_by_label("Single-key shortcuts")).not_to_be_checked()
    await desk.page.keyboard.press("Escape")
    await desk.until("true")
    await expect(desk.page.get_by_role("dialog")).to_have_count(0)
    await desk.page.keyboard.press("c")
    await expect(desk.page.get_by_role("dialog")).to_have_count(0)
    await soon(lambda: fake.settings == {"theme": "dark", "signature": "Yours, Mara", "shortcuts": False})
    await desk.page.reload()
    await expect(desk.page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_the_answer_to_an_earlier_setting_takes_no_later_one_back(desk: Desk, fake: FakeServer) -> None:
    await desk.page.get_by_role("button", name="Settings").click()
    keys = desk.page.get_by_label("Single-key shortcuts")
    await expect(keys).to_be_checked()
    fake.late["/me/settings"] = 0.5
    await desk.page.get_by_label("Signature").fill("Yours, Mara")
    await desk.page.keyboard.press("Tab")
    await soon(lambda: fake.bodies("/me/settings"))
    fake.late["/me/settings"] = 1.5
    await keys.click()
    async with asyncio.timeout(30):
        while fake.settings != {"signature": "Yours, Mara", "shortcuts": False}:
            assert not await keys.is_checked()
            await asyncio.sleep(0.02)
    for _ in range(20):
        assert not await keys.is_checked()
        await asyncio.sleep(0.05)


async def test_an_admin_erases_a_person_by_typing_their_name(fake: FakeServer, desks: OpenDesk) -> None:
    desk = await desks()
    await desk.open("Ines Castro")
    await expect(desk.page.get_by_role("button", name="Block ines.castro")).to_be_visible()
    await expect(desk.page.get_by_role("button", name="Erase this person")).to_have_count(0)
    fake.world.team(("mara", "Mara Lindqvist", "admin", "online", {}))
    await desk.page.reload()
    await desk.page.get_by_role("button", name="Erase this person").click()
    await expect(desk.page.get_by_role("dialog")).to_contain_text("This cannot be undone")
    last = desk.page.get_by_role("button", name="Erase for good")
    await expect(last).to_be_disabled()
    await desk.page.keyboard.type("ines")
    await desk.page.keyboard.press("Enter")
    await expect(last).to_be_disabled()
    await desk.page.keyboard.type(" castro")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.locator(".toast", has_text="Ines Castro is erased.")).to_be_visible()
    await expect(desk.page.get_by_role("dialog")).to_have_count(0)
    [(_method, path, body)] = [one for one in fake.asked if one[1].endswith("/erase")]
    assert body["confirm"] in path
