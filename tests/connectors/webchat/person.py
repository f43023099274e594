"""A customer at the preview page in a real browser, who notices every error of the console and of the page's policy."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, FrameLocator, Locator, Page

from tests.connectors.webchat.site import Site


@dataclass
class Person:
    """A page with the widget on it. `faults` are console errors, warnings and uncaught exceptions."""

    page: Page
    context: BrowserContext
    faults: list[str] = field(default_factory=list)

    @property
    def chat(self) -> FrameLocator:
        """The inside of the widget's frame."""
        return self.page.frame_locator("iframe[title^='Chat']")

    @property
    def field(self) -> Locator:
        """Where they write."""
        return self.chat.get_by_role("textbox", name="Your message")

    @property
    def launcher(self) -> Locator:
        """The button in the corner."""
        return self.page.locator("#parley-chat .launcher")

    @property
    def bubbles(self) -> Locator:
        """What is said."""
        return self.chat.locator(".bubble")

    async def open(self) -> None:
        """Open the chat by its button."""
        await self.launcher.click()
        await self.field.wait_for()

    async def write(self, text: str) -> None:
        """Write and send."""
        await self.field.fill(text)
        await self.field.press("Enter")

    async def says(self, text: str) -> Locator:
        """Wait for a message; gives its bubble."""
        bubble = self.bubbles.filter(has_text=text).last
        await bubble.wait_for()
        return bubble

    async def texts(self) -> list[str]:
        """All bubbles, without the greeting."""
        return (await self.bubbles.all_inner_texts())[1:]

    def hear(self, message: ConsoleMessage) -> None:
        """Keep what the console complains about."""
        if message.type in {"error", "warning"}:
            self.faults.append(message.text)


@contextlib.asynccontextmanager
async def at(browser: Browser, site: Site, address: str = "", **context: Any) -> AsyncIterator[Person]:
    """Visit the preview page; leaving it without a fault is part of every story."""
    made = await browser.new_context(
        **{"viewport": {"width": 1024, "height": 768}, "locale": "en-GB", **context}
    )
    person = Person(await made.new_page(), made)
    watch(person, person.page)
    try:
        await person.page.goto(address or f"{site.base}/page")
        await person.launcher.wait_for()
        yield person
    finally:
        await made.close()
    assert not person.faults, person.faults


def watch(person: Person, page: Page) -> None:
    """Hear a further page, too."""
    page.on("console", person.hear)
    page.on("pageerror", lambda error: person.faults.append(str(error)))


def key_of(site: Site) -> str:
    """The only visitor's key."""
    [key] = [key for key, rows in site.stream.rows.items() if rows]
    return key
