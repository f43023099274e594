"""An agent at the real page in a real browser, and a customer at the real widget."""

from __future__ import annotations

import re

from playwright.async_api import Browser, FrameLocator, Locator, Page, expect

from tests.journeys.deployment import Deployment

WAIT_MS = 45_000


class Desk:
    """One agent, signed in by a one-time link and online. Whatever the console complains about is kept in `faults`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    @classmethod
    async def open(cls, browser: Browser, deployment: Deployment, login: str) -> Desk:
        """Sign in by link, choose a password, go online."""
        context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        context.set_default_timeout(WAIT_MS)
        desk = cls(await context.new_page())
        await desk.page.goto(await deployment.link(login))
        await desk.page.get_by_label("New password").fill("a very long passphrase")
        await desk.page.get_by_label("Once more").fill("a very long passphrase")
        await desk.page.get_by_role("button", name="Keep it and begin").click()
        await desk.page.get_by_role("button", name=re.compile("Your status")).click()
        await desk.page.get_by_role("option", name=re.compile("^Online")).first.click()
        await expect(desk.page.get_by_role("button", name=re.compile("Your status: Online"))).to_be_visible()
        return desk

    async def accept(self) -> None:
        """Accept the conversation that is offered."""
        offer = self.page.get_by_role("alertdialog")
        await offer.get_by_role("button", name=re.compile("^Accept")).click()
        await offer.wait_for(state="detached")

    async def read(self, text: str) -> Locator:
        """Wait for a message in the open thread."""
        message = self.page.locator(".message", has_text=text).last
        await message.wait_for()
        return message

    async def open_conversation(self, name: str) -> None:
        """Open a conversation of the list by its customer's name."""
        await self.page.locator(".row", has=self.page.locator(".row-name", has_text=name)).first.click()
        await self.page.locator("#thread").wait_for()

    async def reply(self, text: str) -> None:
        """Write a reply and send it."""
        await self.page.locator("#composer-text").fill(text)
        await self.page.get_by_role("button", name=re.compile("^Send reply")).click()
        await self.read(text)


class Visitor:
    """A customer at the page with the widget."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def chat(self) -> FrameLocator:
        """The inside of the widget."""
        return self.page.frame_locator("iframe[title^='Chat']")

    @property
    def field(self) -> Locator:
        """Where they write."""
        return self.chat.get_by_role("textbox", name="Your message")

    @classmethod
    async def open(cls, browser: Browser, deployment: Deployment) -> Visitor:
        """Visit the preview page and open the chat."""
        context = await browser.new_context(viewport={"width": 1024, "height": 768}, locale="en-GB")
        context.set_default_timeout(WAIT_MS)
        visitor = cls(await context.new_page())
        await visitor.page.goto(f"{deployment.hooks}/widget/website/page")
        await visitor.open_chat()
        return visitor

    async def open_chat(self) -> None:
        """Open the chat by its button."""
        await self.page.locator("#parley-chat .launcher").click()
        await self.field.wait_for()

    async def write(self, text: str) -> None:
        """Write and send."""
        await self.field.fill(text)
        await self.field.press("Enter")

    async def reads(self, text: str) -> None:
        """Wait for a message of the other side or their own."""
        await self.chat.locator(".bubble").filter(has_text=text).last.wait_for()
