"""Debian's Chromium, driven by Playwright, held to this machine by its own resolver rules. Knows nothing of our pages."""

import contextlib
from collections.abc import AsyncIterator

from playwright.async_api import Browser, async_playwright, expect

from tests.servers.process import binary

expect.set_options(timeout=20_000)  # a busy machine may take longer than the 5 seconds that are the default
ARGUMENTS = [
    "--no-sandbox",  # tests run as root in containers; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but loopback resolves or connects, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost , EXCLUDE *.localhost",
]


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run one browser until the block ends; ServerMissing where none is installed (no browser is ever fetched)."""
    path = binary("chromium", "chromium", "chromium-browser", "google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS, headless=True)
        try:
            yield browser
        finally:
            await browser.close()
