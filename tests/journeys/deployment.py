"""A whole Parley for a journey, embedded or as three processes, with real mail servers and providers that record what they get."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from inbox.accounts import add_link
from stream.store import open_store
from stream.store.program import fetch
from tests.fakes.bot_api import TOKEN
from tests.floor.house import House, Plan, free_port
from tests.servers.dovecot import DovecotServer, Mailbox
from tests.servers.postfix import PostfixServer

TEAM = """
version: 1
teams:
  accounts: {name: Accounts, queues: [billing, support], supervisors: [sofia]}
agents:
  greta: {name: Greta, teams: [accounts], skills: {lang.de: 5, billing: 3}}
  henry: {name: Henry, teams: [accounts], skills: {lang.en: 5}}
  sofia: {name: Sofia, role: supervisor, teams: [accounts], capacity: 0}
replies:
  parcel: {text: "Dear {contact.first_name|customer},\\n\\nIt left the warehouse this morning."}
"""
ROUTING = """
version: 1
skills:
  lang.de: {levels: 5}
  lang.en: {levels: 5}
  billing: {levels: 3}
queues:
  support: {name: Support}
  billing: {name: Billing}
capacity: {units: 10}
offer: {accept_within: 20s}
hand_back: {after: 60s, asynchronous: false}
rules:
  - name: german-billing
    when: text.has("rechnung*")
    queue: billing
    need: [lang.de >= 3, billing >= 2]
  - name: everything-else
    queue: support
    need: [lang.en]
"""


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """What stands outside: the mailbox of the channel, the fake Bot API, and where the generic webhook calls out to."""

    mailbox: Mailbox
    bot_url: str
    hook_url: str


BOT_SECRET = "bot-secret-1234"


def channels_of(places: Places, dovecot: DovecotServer, postfix: PostfixServer) -> str:
    """The channels file."""
    box = places.mailbox
    return f"""
website:
  connector: webchat
  name: Website chat
  config: {{name: Parley test, greeting: Hello there}}
shop:
  connector: webhook
  name: Shop
  config: {{secrets: ["${{SHOP_SECRET}}"], url: "{places.hook_url}"}}
bot:
  connector: telegram
  name: Bot
  config: {{token: "${{BOT_TOKEN}}", api: "{places.bot_url}", mode: webhook, secrets: ["${{BOT_SECRET}}"], register: false}}
mail:
  connector: email
  name: Mail
  config:
    address: {box.address}
    name: Parley test
    imap: {{host: {dovecot.host}, port: {dovecot.imap_port}, tls: none, user: {box.address}, password: "${{MAIL_PASSWORD}}", poll_seconds: 5}}
    smtp: {{host: {postfix.host}, port: {postfix.port}, tls: none}}
"""


def secrets_of(places: Places) -> dict[str, str]:
    """What the files refer to by `${NAME}`."""
    return {"BOT_TOKEN": TOKEN, "BOT_SECRET": BOT_SECRET, "MAIL_PASSWORD": places.mailbox.password}


class Deployment:
    """Where the page, the hooks and the widget are reached; one process or three."""

    def __init__(self, house: House, *, scaled: bool) -> None:
        self.house = house
        self.scaled = scaled
        self.hooks_port = free_port() if scaled else house.port
        self.page = house.url
        self.hooks = f"http://127.0.0.1:{self.hooks_port}"

    async def start(self) -> None:
        """Start and wait until it routes."""
        if not self.scaled:
            await self.house.start()
            return
        self.house.spawn("connectors", port=self.hooks_port)
        self.house.spawn("router", port=free_port())
        self.house.spawn("inbox", port=self.house.port)
        await self.house.ready(self.hooks)
        await self.house.ready(self.page)

    async def link(self, login: str) -> str:
        """A one-time sign-in link for `login`."""
        store = open_store(self.house.store_url)
        await store.open()
        try:
            return f"{self.page}/sign-in#{await add_link(store, login, time.time())}"
        finally:
            await store.close()

    async def journal(self) -> list[str]:
        """What has happened, an event a line."""
        store = open_store(self.house.store_url)
        await store.open()
        try:
            rows = await store.read(fetch("journal_after", 0, 1000))
            return [f"{n} {at:.3f} {body}" for n, at, body, _scope in rows]
        finally:
            await store.close()


def plan_of(
    folder: Path, channels: str, secrets: dict[str, str], *, postgres_url: str = "", redis_url: str = ""
) -> Plan:
    """Embedded without URLs, scaled out with them."""
    return Plan(
        folder=folder,
        agents={"greta": "agent", "henry": "agent", "sofia": "supervisor"},
        channels=channels,
        secrets=secrets,
        team=TEAM,
        routing=ROUTING,
        store=postgres_url or "sqlite",
        bus=redis_url or "memory:",
        blobs=f"file://{folder / 'blobs'}" if postgres_url else "file",
        more="allow_private: ['127.0.0.1']\n",
    )
