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

SECRET = "an-identity-secret-of-the-shop"
STRICT = (
    "default-src 'none'; script-src {parley}; frame-src {parley}; style-src 'self'; require-trusted-types-for 'script'; base-uri 'none'"
)


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
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.origin = f"http://localhost:{runner.addresses[0][1]}"
        await runner.cleanup()
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "localhost", int(self.origin.rpartition(":")[2])).start()
        try:
            yield self
        finally:
            await runner.cleanup()

    async def page(self, _: web.Request) -> web.Response:
        text = f"<!doctype html><title>Shop</title><link rel=icon href=data:,><h1>Shop</h1>{self.body}{self.tag}"
        headers = {"Content-Security-Policy": self.policy} if self.policy else {}
        return web.Response(text=text, content_type="text/html", headers=headers)

    def carry(self, site: Site, **data: str) -> None:
        """Put the tag on the page."""
        facts = "".join(f' data-{name}="{value}"' for name, value in data.items())
        self.tag = f'<script src="{site.base}/loader.js" async{facts}></script>'
