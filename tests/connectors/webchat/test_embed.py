"""The widget on other people's pages: which may carry it, whom they vouch for, and that nobody else speaks to the frame."""

import contextlib
from collections.abc import AsyncIterator

from aiohttp import web
from playwright.async_api import Browser, expect

from connectors.contract import MessageReceived, Secret
from connectors.webchat.settings import WebchatConfig
from connectors.webchat.visitors import signature
from tests.connectors.webchat.person import Person, at, watch
from tests.connectors.webchat.site import Site, served, until
from tests.servers.web import web_server

SECRET = "an-identity-secret-of-the-shop"
STRICT = "default-src 'none'; script-src {parley}; frame-src {parley}; style-src 'self'; img-src data:; require-trusted-types-for 'script'; base-uri 'none'"


class Shop:
    """A site of somebody else, on an origin of its own, with one script tag."""

    def __init__(self) -> None:
        self.origin = ""
        self.tag = ""
        self.body = ""
        self.policy = ""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Shop"]:
        app = web.Application()
        app.router.add_get("/", self.page)
        async with web_server(app) as port:
            self.origin = f"http://localhost:{port}"
            yield self

    async def page(self, _: web.Request) -> web.Response:
        text = (
            f"<!doctype html><title>Shop</title><link rel=icon href=data:,><h1>Shop</h1>{self.body}{self.tag}"
        )
        headers = {"Content-Security-Policy": self.policy} if self.policy else {}
        return web.Response(text=text, content_type="text/html", headers=headers)

    def carry(self, site: Site, **data: str) -> None:
        """Put the tag on the page."""
        facts = "".join(f' data-{name}="{value}"' for name, value in data.items())
        self.tag = f'<script src="{site.base}/loader.js" async{facts}></script>'


@contextlib.asynccontextmanager
async def shopping(
    browser: Browser, allowed: bool = True, **data: str
) -> AsyncIterator[tuple[Shop, Site, Person]]:
    """A person at a shop that carries the widget."""
    async with Shop().running() as shop:
        origins = (shop.origin,) if allowed else ("https://another.example",)
        config = WebchatConfig(allowed_origins=origins, identity_secrets=(Secret(SECRET),))
        async with served(config) as site:
            shop.carry(site, **data)
            shop.policy = STRICT.format(parley=site.origin)
            async with at(browser, site, shop.origin) as person:
                yield shop, site, person


async def test_an_allowed_site_with_a_strict_policy_carries_the_widget(browser: Browser) -> None:
    async with shopping(browser, theme="dark", position="left", language="de") as (shop, site, person):
        await person.page.evaluate("Parley.open()")
        field = person.chat.get_by_role("textbox", name="Ihre Nachricht")
        await field.fill("Guten Tag")
        await field.press("Enter")
        await until(lambda: site.stream.texts() == ["Guten Tag"])
        [message] = site.stream.of(MessageReceived)
        assert message.language == "de"
        assert message.data == {"page": f"{shop.origin}/"}
        assert message.sender.verified == "channel"
        assert await person.chat.locator("html").get_attribute("data-theme") == "dark"
        box = await person.launcher.bounding_box()
        assert box is not None
        assert box["x"] < 100


async def test_another_site_cannot_show_the_frame(browser: Browser) -> None:
    async with shopping(browser, allowed=False) as (_, site, person):
        await person.launcher.click()
        await person.page.wait_for_timeout(500)
        assert await person.chat.locator("#text").count() == 0
        assert len(site.connector._front.sockets) == 0
        refusals = [fault for fault in person.faults if "frame-ancestors" in fault]
        assert refusals == person.faults
        assert refusals
        person.faults.clear()


async def test_a_signed_customer_is_the_same_on_every_device(browser: Browser) -> None:
    data = {
        "user": "customer-17",
        "name": "Kim",
        "email": "kim@shop.example",
        "signature": signature(SECRET, "customer-17"),
    }
    async with shopping(browser, True, **data) as (shop, site, person):
        await person.open()
        await person.write("It is me")
        await person.says("It is me")
        [message] = site.stream.of(MessageReceived)
        sender = message.sender
        assert (sender.scheme, sender.scope, sender.value, sender.verified) == (
            "webchat",
            "account",
            "customer-17",
            "signed",
        )
        assert (sender.display, sender.attributes) == ("Kim", {"email": "kim@shop.example"})
        async with at(browser, site, shop.origin) as elsewhere:
            await elsewhere.open()
            await elsewhere.says("It is me")
        assert await person.page.evaluate("Object.keys(localStorage)") == []


async def test_a_wrong_signature_is_refused_clearly(browser: Browser) -> None:
    async with shopping(browser, user="customer-17", signature="0" * 64) as (_, site, person):
        await person.launcher.click()
        notice = person.chat.locator("#notice")
        await expect(notice).to_have_text(
            "The signature of data-user is wrong: it must be the HMAC-SHA256 of the user id, in hex."
        )
        await expect(person.field).to_be_disabled()
        assert site.stream.received == []


async def test_signing_in_and_out_changes_whose_chat_it_is(browser: Browser) -> None:
    async with shopping(browser) as (_, site, person):
        await person.open()
        await person.write("as a visitor")
        await person.says("as a visitor")
        for user in ("customer-1", "customer-2"):
            who = {"user": user, "signature": signature(SECRET, user)}
            await person.page.evaluate("who => Parley.identify(who)", who)
            await expect(person.bubbles).to_have_count(1)
            await person.write(f"as {user}")
            await person.says(f"as {user}")
            assert await person.texts() == [f"as {user}"]
        await person.page.evaluate("Parley.identify(null)")
        await person.says("as a visitor")
        assert await person.texts() == ["as a visitor"]
        assert len({message.conversation_key for message in site.stream.of(MessageReceived)}) == 3


INTRUDER = """async () => {
  const intruder = document.createElement("iframe");
  document.body.append(intruder);
  const chat = document.querySelector("#parley-chat").shadowRoot.querySelector("iframe").contentWindow;
  intruder.contentWindow.Function("chat", "chat.postMessage({ parley: 'identify', person: { user: 'x' } }, '*')")(chat);
  window.postMessage({ parley: "unread", count: 77 }, "*");
  await new Promise((done) => setTimeout(done, 300));
}"""


async def test_only_the_page_itself_and_our_frame_are_listened_to(browser: Browser) -> None:
    async with Shop().running() as shop, served(WebchatConfig(allowed_origins=(shop.origin,))) as site:
        shop.carry(site)
        async with at(browser, site, shop.origin) as person:
            await person.open()
            await person.write("before")
            await person.says("before")
            await person.launcher.click()
            await person.page.evaluate(INTRUDER)
            await expect(person.launcher).to_have_attribute("aria-label", "Open chat")
            await person.open()
            await expect(person.chat.locator("#notice")).to_be_empty()
            assert await person.texts() == ["before"]


async def test_the_frame_stands_alone_as_a_page_of_its_own(browser: Browser) -> None:
    async with served() as site, at(browser, site) as person:
        page = await person.context.new_page()
        watch(person, page)
        await page.goto(f"{site.base}/frame")
        await page.get_by_role("textbox", name="Your message").fill("by a link")
        await page.keyboard.press("Enter")
        await until(lambda: site.stream.texts() == ["by a link"])
        await expect(page.locator("#close")).to_be_hidden()
