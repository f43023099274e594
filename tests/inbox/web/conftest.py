"""A desk: one agent's page in a browser before the fake server. Whatever the page complains about fails the test."""

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, Page

from tests.inbox.web.fake_demo import demo
from tests.inbox.web.fake_routes import add
from tests.inbox.web.fake_server import FakeServer, running
from tests.inbox.web.fake_world import FakeWorld
from tests.servers.browser import chromium
from tests.servers.needed import skipping_when_missing

WATCH = """
if (window === top && !sessionStorage.begun) {
  localStorage.clear();
  sessionStorage.begun = 1;
}
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
"""
QUIET = ("WebSocket connection to", "Failed to load resource")
"""What Chromium writes about refusals that a test asked for; anything else in the console is a fault of the page."""


async def soon(true: Callable[[], object]) -> None:
    """Returns once it is true of the server: what the page shows at once gets there a little later."""
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.01)


@dataclass
class Desk:
    """A page, the server behind it, and what went wrong in it."""

    page: Page
    context: BrowserContext
    fake: FakeServer
    problems: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    """Requests to anywhere but the fake server."""

    @property
    def world(self) -> FakeWorld:
        """The state behind the server."""
        return self.fake.world

    def row(self, name: str) -> Locator:
        """A conversation in the list."""
        return self.page.locator(".row", has=self.page.locator(".row-name", has_text=name))

    async def open(self, name: str) -> str:
        """Open a conversation by its customer's name; answers its id."""
        row = self.row(name)
        ident = (await row.get_attribute("id") or "").removeprefix("row-")
        await row.click()
        await self.page.locator("#thread").wait_for()
        return ident

    def message(self, text: str) -> Locator:
        """A message in the thread."""
        return self.page.locator(".message", has_text=text)

    async def until(self, expression: str, seconds: float = 30.0) -> None:
        """Wait until a JavaScript expression is true (the page's policy forbids Playwright's own way of waiting)."""
        for _ in range(round(seconds / 0.05)):
            if await self.page.evaluate(expression):
                return
            await self.page.wait_for_timeout(50)
        raise AssertionError(f"never true: {expression}")

    async def violations(self) -> list[str]:
        """What the page's policy had to stop."""
        found: list[str] = await self.page.evaluate("window.violations")
        return found

    def watch(self) -> None:
        """Write down errors, warnings and requests to elsewhere."""

        def said(kind: str, text: str) -> None:
            if kind in {"error", "warning"} and not text.startswith(QUIET):
                self.problems.append(f"{kind}: {text}")

        self.page.on("console", lambda message: said(message.type, message.text))
        self.page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        own = (self.fake.base, self.fake.base.replace("http", "ws"), "data:", "blob:", "about:")
        self.page.on(
            "request",
            lambda request: None if request.url.startswith(own) else self.outside.append(request.url),
        )


OpenDesk = Callable[..., Awaitable[Desk]]


@pytest.fixture
def world() -> FakeWorld:
    """The demo house."""
    return demo()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop, and with it one browser, for the whole folder: starting Chromium takes longer than most of these tests."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and inspect.iscoroutinefunction(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session", name="room")
async def _room() -> AsyncIterator[tuple[BrowserContext, FakeServer]]:
    """One server and one browser context for all: the page's modules are fetched and compiled once."""
    async with contextlib.AsyncExitStack() as stack:
        with skipping_when_missing():
            browser = await stack.enter_async_context(chromium())
        server = await stack.enter_async_context(running(FakeServer(FakeWorld()), add))
        context = await browser.new_context(locale="en-GB", timezone_id="UTC")
        context.set_default_timeout(20_000)
        yield context, server


@pytest_asyncio.fixture(loop_scope="session")
async def fake(room: tuple[BrowserContext, FakeServer], world: FakeWorld) -> AsyncIterator[FakeServer]:
    """The server over `world`, with `mara` signed in."""
    server = room[1]
    server.reset(world)
    server.signed_in = True
    yield server
    await server.cut(1001)


@pytest_asyncio.fixture(loop_scope="session")
async def desks(room: tuple[BrowserContext, FakeServer], fake: FakeServer) -> AsyncIterator[OpenDesk]:
    """Give a maker of desks (width, height, path, dark). Each desk is asked at the end whether anything went wrong."""
    made: list[Desk] = []

    async def make(width: int = 1440, height: int = 900, path: str = "/", *, dark: bool = False) -> Desk:
        page = await room[0].new_page()
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme="dark" if dark else "light")
        await page.add_init_script(WATCH)
        desk = Desk(page, room[0], fake)
        desk.watch()
        made.append(desk)
        await page.goto(fake.base + path)
        return desk

    yield make
    for desk in made:
        violations = await desk.violations()
        await desk.page.close()
        assert (desk.problems, violations, desk.outside) == ([], [], [])


@pytest_asyncio.fixture(loop_scope="session")
async def desk(desks: OpenDesk) -> Desk:
    """One desk of usual size, with its list on screen."""
    made = await desks()
    await made.page.locator(".row").first.wait_for()
    return made
