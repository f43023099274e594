"""Offers and the status that brings them: how they come, are answered and end, where they lie, and what whoever gets none is told."""

import re
from collections.abc import Awaitable

import pytest
from playwright.async_api import Route, expect

from inbox.ports import Duty
from stream import events as ev
from stream.model import Conversation
from tests.inbox.web.conftest import Desk, OpenDesk, soon
from tests.inbox.web.fake_server import FakeServer


def waiting(fake: FakeServer, queue: str = "technical") -> Conversation:
    """A conversation that waits in `queue`."""
    rows: list[Conversation] = fake.world.of("conversation")
    return next(row for row in rows if row.queue == queue and not row.assignee and row.status == "open")


async def test_an_offer_counts_down_and_is_accepted_by_key(desk: Desk, fake: FakeServer) -> None:
    row = waiting(fake)
    await fake.push(fake.world.offer(row.id, "mara", 25))
    toast = desk.page.get_by_role("alertdialog", name="New conversation for you: Oskar Nilsen")
    await expect(toast).to_be_visible()
    first = int(await toast.locator(".countdown b").inner_text())
    assert first <= 25, "never more than there is"
    await expect(toast.locator(".countdown b")).not_to_have_text(str(first))
    await desk.page.keyboard.press("y")
    await expect(desk.page.get_by_role("heading", name="Oskar Nilsen").first).to_be_visible()
    await expect(toast).to_have_count(0)
    await soon(lambda: fake.bodies(rf"{row.id}/accept"))
    [body] = fake.bodies(rf"{row.id}/accept")
    assert body["offer"].startswith("off_")
    assert fake.world.conversation(row.id).assignee == "mara"
    await expect(desk.page.locator("#thread")).to_be_focused()


async def test_an_offer_is_declined_by_key_and_one_that_ends_goes_away(desk: Desk, fake: FakeServer) -> None:
    row = waiting(fake)
    await fake.push(fake.world.offer(row.id, "mara"))
    await desk.page.get_by_role("alertdialog").wait_for()
    await desk.page.keyboard.press("d")
    await expect(desk.page.get_by_role("alertdialog")).to_have_count(0)
    await soon(lambda: fake.world.conversation(row.id).declined_by == ("mara",))
    await fake.push(fake.world.offer(row.id, "mara"))
    await desk.page.get_by_role("alertdialog").wait_for()
    await fake.push(fake.world.assign(row.id, "jonas"))
    await expect(desk.page.get_by_role("alertdialog")).to_have_count(0)


async def test_an_offer_to_several_goes_away_with_the_reason(desk: Desk, fake: FakeServer) -> None:
    row = waiting(fake)
    asked = [
        ev.OfferMade(conversation=row.id, offer="off_1", agent=who, expires_at=fake.world.now() + 30, units=1, connector=row.connector)
        for who in ("jonas", "mara")
    ]  # fmt: skip
    for one in asked:
        await fake.push(fake.world.emit(one, shown=True))
    await desk.page.get_by_role("alertdialog").wait_for()
    over = ev.OfferEnded(
        conversation=row.id, offer="off_1", agent="mara", how="recalled", units=1, connector=row.connector,
        reason="Jonas was faster",
    )  # fmt: skip
    await fake.push(fake.world.emit(over, shown=True))
    await expect(desk.page.get_by_role("alertdialog")).to_have_count(0)
    await expect(desk.page.locator(".toast")).to_contain_text("Jonas was faster")
    assert fake.world.conversation(row.id).declined_by == ()


async def test_an_offer_that_is_over_says_so_and_shows_the_state_as_it_is(
    desk: Desk, fake: FakeServer
) -> None:
    row = waiting(fake)
    await fake.push(fake.world.offer(row.id, "mara"))
    await desk.page.get_by_role("alertdialog").wait_for()
    fake.world.assign(row.id, "jonas")
    await desk.page.keyboard.press("y")
    await expect(desk.page.locator(".toast")).to_contain_text("This offer is over.")
    await expect(desk.page.get_by_role("alertdialog")).to_have_count(0)


@pytest.mark.parametrize("first", ["the refusal", "the event"])
async def test_who_answers_an_offer_too_late_is_told_once_and_who_was_faster(
    desk: Desk, fake: FakeServer, first: str
) -> None:
    row = waiting(fake)
    await fake.push(fake.world.offer(row.id, "mara"))
    toast = desk.page.get_by_role("alertdialog")
    await toast.wait_for()
    offer = fake.world.conversation(row.id).offer
    assert offer is not None
    over = ev.OfferEnded(
        conversation=row.id, offer=offer.id, agent="mara", how="recalled", units=1, connector=row.connector,
        reason="Jonas was faster",
    )  # fmt: skip
    ended = fake.world.emit(over, shown=True)
    fake.fail("/accept", 409, code="offer_over", message="Jonas was faster.")
    if first == "the event":
        await desk.context.route("**/accept", lambda route: _after(fake.push(ended), desk, route))
    async with desk.page.expect_response(re.compile("/accept$")) as refused:
        await toast.get_by_role("button", name="Accept").click()
    await (await refused.value).finished()
    if first == "the refusal":
        await desk.page.locator(".toast").wait_for()
        await fake.push(ended)
    await expect(desk.page.locator(".toast")).to_have_text(
        ["Oskar Nilsen is no longer offered to you: Jonas was faster"]
    )
    await expect(toast).to_have_count(0)
    await desk.context.unroute("**/accept")


async def _after(done: Awaitable[None], desk: Desk, route: Route) -> None:
    await done
    await desk.page.locator(".toast").wait_for()
    await route.continue_()


PLACES = ".list, .thread, .panel, .page, .banners"
COVERED = """(places) => {
  const boxes = (one) => [...document.querySelectorAll(one)].map((element) => element.getBoundingClientRect()).filter((box) => box.width && box.height);
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const inside = (box) => box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
  const offers = boxes(".offer");
  return [offers.length, offers.filter((offer) => !inside(offer) || boxes(places).some((place) => meet(offer, place))).length];
}"""


@pytest.mark.parametrize(("width", "shown"), [(1440, 3), (1024, 3), (390, 1)])
async def test_offers_cover_nothing_that_is_read_pressed_or_written(
    desks: OpenDesk, fake: FakeServer, width: int, shown: int
) -> None:
    desk = await desks(width=width, height=768)
    await desk.row("Ravi Menon").wait_for()
    rows = [row for row in fake.world.of("conversation") if row.status == "open" and not row.assignee][:4]
    for row in rows:
        await fake.push(fake.world.offer(row.id, "mara", 60))
    await expect(desk.page.locator(".offers-more")).to_have_text(
        f"and {4 - shown} more offer{'s' * (shown < 3)}"
    )
    for open_it in (desk.page.keyboard.press("j"), desk.page.goto(f"{fake.base}/#/floor")):
        assert await desk.page.evaluate(COVERED, PLACES) == [shown, 0]
        await open_it
    await desk.page.locator(".floor").wait_for()
    assert await desk.page.evaluate(COVERED, PLACES) == [shown, 0]
    await desk.page.evaluate("document.querySelectorAll('.offer .button-main')[0].click()")
    await expect(desk.page.locator("#thread")).to_be_visible()


async def test_keys_do_not_answer_offers_while_somebody_types(desk: Desk, fake: FakeServer) -> None:
    await desk.open("Ravi Menon")
    await fake.push(fake.world.offer(waiting(fake).id, "mara"))
    await desk.page.get_by_role("alertdialog").wait_for()
    await desk.page.locator("#composer-text").press_sequentially("yes, every day")
    await expect(desk.page.get_by_role("alertdialog")).to_be_visible()
    assert fake.bodies("accept|decline") == []


@pytest.mark.parametrize("width", [1440, 390])
async def test_who_is_set_away_is_told_for_as_long_as_it_lasts_and_comes_back_by_a_button(
    desks: OpenDesk, fake: FakeServer, width: int
) -> None:
    desk = await desks(width=width)
    await desk.row("Ravi Menon").wait_for()
    banner = desk.page.locator(".duty-banner")
    await expect(banner).to_have_count(0)
    reason = "2 offers in a row without an answer"
    await fake.push(fake.world.emit(ev.AgentStatusChanged(agent="mara", status="away", reason=reason)))
    await expect(banner).to_contain_text(f"You are away: {reason}. No new work comes to you.")
    words = banner.locator("p")
    assert await words.evaluate(
        "(one) => one.scrollWidth <= one.clientWidth && innerWidth >= one.getBoundingClientRect().right"
    )
    await desk.page.reload()
    await banner.get_by_role("button", name="Back online").click()
    await expect(banner).to_have_count(0)
    assert fake.bodies("/agents/mara/status") == [{"status": "online", "reason": ""}]


async def test_who_is_off_shift_is_told_until_when_and_gone_is_the_word_when_the_shift_begins(
    desks: OpenDesk, fake: FakeServer
) -> None:
    fake.world.duty["mara"] = Duty(off="off shift", until=fake.world.now() + 3600)
    desk = await desks(path="/#/floor")
    banner = desk.page.locator(".duty-banner")
    await expect(banner).to_have_text(
        re.compile(r"You are off shift until .*\d\d:\d\d\. No new work comes to you\.")
    )
    await expect(desk.page.get_by_role("row", name=re.compile("Mara"))).to_contain_text("off shift until")
    await expect(desk.page.locator(".floor-head")).to_contain_text("1 of 5 agents ready for work")
    fake.world.duty.clear()
    await fake.push(fake.world.hours())
    await expect(banner).to_have_count(0)
    await expect(desk.page.locator(".floor-head")).to_contain_text("2 of 5 agents ready for work")
