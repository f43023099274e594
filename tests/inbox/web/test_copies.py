"""Copies: who was on a mail stays in, the agent changes it before sending, and the thread says who got what."""

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.inbox.web.conftest import Desk, OpenDesk
from tests.inbox.web.fake_server import FakeServer

OTHERS = [["tilda@castro.example", "Tilda Berg"], ["post@castro.example", ""]]


async def opened(desk: Desk, fake: FakeServer, **data: Any) -> str:
    """Ines' letter, on which others were as well."""
    ident = await desk.open("Ines Castro")
    await fake.push(fake.world.receive(ident, "One more thing.", data={"others": OTHERS, **data}))
    await desk.message("One more thing.").wait_for()
    return ident


def chips(desk: Desk, kind: str = "cc") -> Locator:
    """The addresses in a field."""
    return desk.page.locator(f".addresses:has(#composer-{kind}) .address-name")


async def test_everybody_on_the_mail_stays_in_and_is_shown(desk: Desk, fake: FakeServer) -> None:
    ident = await opened(desk, fake)
    await expect(desk.message("One more thing.").locator(".message-copied")).to_have_text(
        "Also to Tilda Berg, post@castro.example"
    )
    await expect(chips(desk)).to_have_text(["Tilda Berg", "post@castro.example"])
    await desk.page.locator("#composer-text").fill("Dear all,")
    await desk.page.keyboard.press("Control+Enter")
    await expect(desk.message("Dear all,").locator(".message-copied")).to_have_text(
        "Cc Tilda Berg, post@castro.example"
    )
    [body] = fake.bodies(rf"{ident}/reply")
    assert body["cc"] == [{"address": address, "name": name} for address, name in OTHERS]
    assert "bcc" not in body
    await expect(chips(desk)).to_have_count(2)


async def test_copies_are_added_taken_out_and_hidden_by_keyboard(desk: Desk, fake: FakeServer) -> None:
    ident = await opened(desk, fake)
    await desk.page.locator("#composer-cc").focus()
    await desk.page.keyboard.press("Backspace")
    await expect(desk.page.locator("#composer-cc")).to_have_value("post@castro.example")
    await desk.page.locator("#composer-cc").fill("")
    await desk.page.keyboard.type("Uwe Falk <uwe@falk.example>, ")
    await expect(chips(desk)).to_have_text(["Tilda Berg", "Uwe Falk"])
    await desk.page.get_by_role("button", name="Bcc").click()
    await expect(desk.page.locator("#composer-bcc")).to_be_focused()
    await desk.page.keyboard.type("audit@shop.example")
    await desk.page.locator("#composer-text").fill("Only some of you.")
    await desk.open("Tomás Ortega")
    await expect(desk.page.locator("#composer-cc")).to_have_count(0)
    await desk.open("Ines Castro")
    await expect(chips(desk, "bcc")).to_have_text(["audit@shop.example"])
    await desk.page.reload()
    await expect(chips(desk)).to_have_text(["Tilda Berg", "Uwe Falk"])
    await desk.page.get_by_role("button", name="Send reply").click()
    await expect(desk.message("Only some of you.").locator(".message-copied span")).to_have_text(
        ["Cc Tilda Berg, Uwe Falk", "Bcc audit@shop.example"]
    )
    [body] = fake.bodies(rf"{ident}/reply")
    assert body["cc"][1] == {"address": "uwe@falk.example", "name": "Uwe Falk"}
    assert body["bcc"] == [{"address": "audit@shop.example", "name": ""}]


async def test_what_is_typed_last_counts_when_it_is_sent_from_the_field(desk: Desk, fake: FakeServer) -> None:
    ident = await opened(desk, fake)
    await desk.page.locator("#composer-text").fill("Hello")
    await desk.page.locator("#composer-cc").press_sequentially("kai@kai.example")
    await desk.page.keyboard.press("Control+Enter")
    await expect(desk.message("Hello").locator(".message-copied")).to_contain_text("kai@kai.example")
    assert fake.bodies(rf"{ident}/reply")[0]["cc"][2]["address"] == "kai@kai.example"


async def test_what_is_no_address_is_marked_and_not_sent(desk: Desk, fake: FakeServer) -> None:
    await opened(desk, fake)
    await desk.page.locator("#composer-cc").fill("nobody at home")
    await desk.page.locator("#composer-text").fill("Hello")
    await expect(desk.page.locator(".address.is-bad")).to_have_text("nobody at home")
    send = desk.page.locator("button.send")
    await expect(send).to_be_disabled()
    assert await send.get_attribute("title") == "nobody at home is no address."
    await desk.page.get_by_role("button", name="Take out nobody at home").click()
    await expect(send).to_be_enabled()


async def test_nobody_else_is_said_as_such(desk: Desk, fake: FakeServer) -> None:
    ident = await opened(desk, fake)
    for name in ("tilda@castro.example", "post@castro.example"):
        await desk.page.get_by_role("button", name=f"Take out {name}").click()
    await desk.page.locator("#composer-text").fill("Between us:")
    await desk.page.keyboard.press("Control+Enter")
    await desk.message("Between us:").wait_for()
    assert fake.bodies(rf"{ident}/reply")[0]["cc"] == []


async def test_channels_without_copies_show_none(desk: Desk) -> None:
    await desk.open("Ravi Menon")
    await expect(desk.page.locator(".composer-copy, .addresses")).to_have_count(0)


async def test_a_first_letter_has_copies_too(desk: Desk, fake: FakeServer) -> None:
    await desk.page.keyboard.press("c")
    await desk.page.locator("#mail-to").fill("new@person.example")
    await desk.page.get_by_role("button", name="Add Cc or Bcc").click()
    await desk.page.keyboard.type("a@a.example;b@b.example")
    await desk.page.locator("#mail-subject").fill("Hello")
    await desk.page.locator("#mail-text").fill("We met.")
    await desk.page.get_by_role("button", name="Send", exact=True).click()
    await desk.message("We met.").wait_for()
    [body] = fake.bodies("/conversations")
    assert [one["address"] for one in body["cc"]] == ["a@a.example", "b@b.example"]


@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_many_copies_fit_on_every_screen(
    fake: FakeServer, desks: OpenDesk, width: int, dark: bool
) -> None:
    desk = await desks(width=width, height=900, dark=dark)
    many = [[f"somebody.with.a.long.name.{n}@a-long-domain.example", f"Person {n}"] for n in range(30)]
    await desk.page.locator(".row").first.wait_for()
    await opened(desk, fake, others=many)
    await desk.page.get_by_role("button", name="Bcc").click()
    await expect(chips(desk)).to_have_count(30)
    box = await desk.page.locator(".addresses-box").first.bounding_box()
    assert box is not None
    assert box["height"] <= 100
    wide = await desk.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide == 0
    await expect(desk.page.locator("button.send")).to_be_in_viewport()
