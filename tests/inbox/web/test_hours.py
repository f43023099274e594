"""What goes by the clock on the page: closed queues wherever a queue is seen, until they open, and waits from their first second."""

import re

import pytest
from playwright.async_api import expect

from inbox.ports import Opening
from stream import events as ev
from tests.inbox.web.conftest import OpenDesk
from tests.inbox.web.fake_server import FakeServer

UNTIL = re.compile(r"closed until .*\d\d:\d\d")


@pytest.mark.parametrize("width", [1440, 390])
async def test_a_closed_queue_says_so_wherever_it_is_seen_until_it_opens(
    desks: OpenDesk, fake: FakeServer, width: int
) -> None:
    opening = Opening(closed=True, until=fake.world.now() + 3600, given=False)
    fake.world.opening["technical"] = opening
    desk = await desks(path="/#/floor", width=width)
    page = desk.page
    card = page.get_by_role("region", name="Technical")
    await expect(card.locator(".closed")).to_have_text(UNTIL)
    await expect(page.get_by_role("region", name="Billing").locator(".closed")).to_have_count(0)
    await card.get_by_role("button", name="Oskar Nilsen", exact=False).first.click()
    fact = page.locator(".thread-head .closed")
    await expect(fact).to_have_text(UNTIL)
    await expect(fact).to_have_attribute(
        "title", re.compile("Technical is closed and opens .* Nothing is given out before")
    )
    await page.get_by_role("button", name="Why here?").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Technical is closed and opens")
    fake.world.opening.clear()
    await fake.push(fake.world.hours())
    await expect(page.get_by_role("dialog")).not_to_contain_text("closed")
    await expect(fact).to_have_count(0)
    fake.world.opening["technical"] = opening
    await fake.push(fake.world.hours())
    await expect(fact).to_have_text(UNTIL)


async def test_a_wait_is_counted_from_its_first_second(desks: OpenDesk, fake: FakeServer) -> None:
    desk = await desks(path="/#/floor")
    card = desk.page.get_by_role("region", name="Orders")
    row = next(one for one in fake.world.of("conversation") if one.status == "open" and one.assignee)
    await card.wait_for()
    now = fake.world.now()
    await fake.push(
        fake.world.emit(ev.ConversationQueued(conversation=row.id, queue="orders", waiting_since=now))
    )
    name = fake.world.view(row.id)["contact"]["name"]
    wait = card.get_by_role("button", name=name, exact=False).first.locator("time")
    await expect(wait).to_have_text(re.compile(r"^[2-9] s$"))
