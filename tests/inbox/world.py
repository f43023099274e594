"""A small house for the inbox's tests: real store, bus, journal and blobs, a team, and customers who write. Shipped parts only."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import nh3
from aiohttp.test_utils import TestServer

from inbox import accounts
from inbox.app import SERVER, make_app
from inbox.call import PARTS, Parts
from inbox.passwords import Passwords
from inbox.ports import (
    ChannelFacts,
    Hook,
    HookAnswer,
    HookRequest,
    House,
    Limits,
    Outreach,
    QueueFacts,
    Reloaded,
    Services,
    Settings,
)
from stream import commands as cmd
from stream import reads
from stream.blobs import open_blobs
from stream.bus import open_bus
from stream.events import MessageReceived
from stream.ids import lookup, new_token
from stream.journal import Journal
from stream.leases import acquire
from stream.model import Attachment, Author, Conversation, MessageContent
from stream.store import open_store

KEY = b"k" * 32
LIMITS = Limits(upload=200_000)
HOUSE = House(
    version=1,
    hash="one",
    queues=(
        QueueFacts(id="billing", name="Billing", team="money"),
        QueueFacts(id="tech", name="Tech", team="tech"),
    ),
    channels=(
        ChannelFacts(
            id="shop", connector="webhook", name="Shop", capabilities={"files": True}, max_body=10_000
        ),
        ChannelFacts(
            id="mail",
            connector="email",
            name="Mail",
            capabilities={"starts_conversations": True, "copies": True},
        ),
    ),
    tags=("billing", "vip"),
)
TEAM = (
    cmd.AgentFacts(agent="ada", name="Ada", teams=("money",), queues=("billing",)),
    cmd.AgentFacts(agent="bob", name="Bob", teams=("money",), queues=("billing",)),
    cmd.AgentFacts(agent="tom", name="Tom", teams=("tech",), queues=("tech",)),
    cmd.AgentFacts(agent="sue", name="Sue", role="supervisor", teams=("money",), queues=("billing",)),
    cmd.AgentFacts(agent="ann", name="Ann", role="admin"),
)


@dataclass
class Clock:
    """The wall clock of a world; `ahead` moves it."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class World:
    """The parts, and short words for what happens in them."""

    services: Services
    clock: Clock
    house: list[House]
    hooked: list[HookRequest] = field(default_factory=list)
    epoch: int = 0
    server: TestServer | None = None

    @property
    def journal(self) -> Journal:
        """The journal."""
        return self.services.journal

    @property
    def parts(self) -> Parts:
        """The running application's parts."""
        assert self.server is not None
        return self.server.app[PARTS]

    def url(self, path: str) -> str:
        """An address of the running server."""
        assert self.server is not None
        return str(self.server.make_url(path))

    @property
    def origin(self) -> str:
        """The page's origin."""
        return self.url("/").rstrip("/")

    async def submit(self, command: cmd.Command) -> cmd.Committed:
        """Commit, or fail the test."""
        result = await self.journal.submit(command)
        assert isinstance(result, cmd.Committed), result
        return result

    async def configure(self, *team: cmd.AgentFacts, digest: str = "one") -> None:
        """Make a team active."""
        await self.submit(cmd.ApplyConfig(token=new_token(), hash=digest, bundle={}, agents=team or TEAM))

    async def configure_roomy(self) -> None:
        """The same team with room for everything."""
        await self.configure(
            *(msgspec.structs.replace(agent, capacity=1000) for agent in TEAM), digest="roomy"
        )

    async def router(self) -> int:
        """The router's epoch (its lease is taken once)."""
        if not self.epoch:
            lease = await acquire(self.services.store, "router", "test", 3600.0)
            assert lease is not None
            self.epoch = lease.epoch
        return self.epoch

    async def message(
        self,
        who: str = "c1",
        text: str = "Hello",
        *,
        key: str = "",
        html: str = "",
        attachments: tuple[Attachment, ...] = (),
        spam: bool = False,
    ) -> str:
        """A customer writes; answers the conversation's id."""
        token = new_token()
        result = await self.submit(
            cmd.ReceiveMessage(
                token=token,
                channel="shop",
                connector="webhook",
                source_key=f"msg:{token}",
                conversation_key=key or who,
                sender=cmd.From(
                    scheme="shop",
                    scope="shop",
                    lookup=lookup("main", "shop", "shop", who),
                    value=f"{who}@customers.example",
                    display=who.title(),
                ),
                content=MessageContent(text=text, html=html, attachments=attachments),
                provider_id=token,
                spam=spam,
            )
        )
        return next(e.conversation for e in result.events if isinstance(e, MessageReceived))

    async def enqueue(self, conversation: str, queue: str = "billing", team: str = "money") -> None:
        """The router puts it into a queue."""
        await self.submit(
            cmd.Enqueue(
                token=new_token(),
                epoch=await self.router(),
                conversation=conversation,
                queue=queue,
                team=team,
            )
        )

    async def offer(
        self, conversation: str, agent: str, seconds: float = 60.0, also: tuple[str, ...] = ()
    ) -> str:
        """The router offers it, to several at once with `also`; answers the offer's id."""
        offer = f"off_{new_token()}"
        await self.submit(
            cmd.MakeOffer(
                token=new_token(),
                epoch=await self.router(),
                conversation=conversation,
                offer=offer,
                agent=agent,
                units=1,
                also=tuple((login, 0) for login in also),
                expires_at=time.time() + seconds,
                explain={"rule": "test"},
            )
        )
        return offer

    async def push(self, conversation: str, agent: str) -> None:
        """The router assigns it."""
        await self.submit(
            cmd.Push(
                token=new_token(), epoch=await self.router(), conversation=conversation, agent=agent, units=1
            )
        )

    async def assigned(self, agent: str, who: str = "c1", text: str = "Hello") -> str:
        """A conversation that `agent` has."""
        conversation = await self.message(who, text)
        await self.enqueue(conversation, *(("tech", "tech") if agent == "tom" else ("billing", "money")))
        await self.online(agent)
        await self.push(conversation, agent)
        return conversation

    async def online(self, *agents: str) -> None:
        """Agents come online."""
        for agent in agents:
            await self.journal.submit(
                cmd.SetStatus(token=new_token(), agent=agent, status="online", by=Author(kind="system"))
            )

    async def note(self, conversation: str, by: str, *mentions: str) -> None:
        """A note that names colleagues."""
        await self.submit(
            cmd.AddNote(
                token=new_token(),
                conversation=conversation,
                by=Author(kind="agent", id=by),
                message=f"msg_{new_token()}",
                content=MessageContent(text="look"),
                mentions=mentions,
            )
        )

    async def row(self, conversation: str) -> Conversation:
        """The conversation as it is."""
        row = await reads.conversation(self.services.store, conversation)
        assert row is not None
        return row

    async def contact_of(self, conversation: str) -> str:
        """The contact's id."""
        identity = await reads.identity(self.services.store, (await self.row(conversation)).identity)
        assert identity is not None
        return identity.contact

    async def user(self, login: str, *, role: str = "", password: str = "") -> None:  # none yet
        """An account."""
        stored = await Passwords().hash(password) if password else ""
        await accounts.add_account(
            self.services.store,
            login,
            self.clock(),
            name=login.title(),
            role=role,
            password=stored,
            must_set=False,
        )

    async def token(self, login: str, role: str = "") -> str:
        """An API token of an account (which is made if it is missing)."""
        await self.user(login)
        _ident, secret = await accounts.add_token(self.services.store, login, "test", self.clock(), role=role)
        return secret

    async def bearer(self, login: str, role: str = "") -> dict[str, str]:
        """The header of an API token."""
        return {"Authorization": f"Bearer {await self.token(login, role)}"}


def clean(html: str) -> str:
    """The test house's sanitiser: the same library with a short list."""
    return nh3.clean(html, tags={"p", "b", "i", "a", "br"}, attributes={"a": {"href"}})


def _hook(hooked: list[HookRequest]) -> Hook:
    async def hook(request: HookRequest) -> HookAnswer:
        hooked.append(request)
        return HookAnswer(status=202, headers={"X-Kept": "1"}, body=b"kept")

    return hook


async def _again() -> Reloaded:
    return Reloaded(errors=("team.yaml:3:5: unknown key skils (did you mean skills?)",))


def _reach(channel: str, to: str, name: str) -> Outreach:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", to):
        raise ValueError(f"{to!r} is not an address")
    sender = cmd.From(
        scheme="email",
        scope="global",
        lookup=lookup("main", "email", "global", to.lower()),
        value=to,
        display=name,
    )
    return Outreach(to=sender, conversation_key=f"{channel}:{new_token()}")


@asynccontextmanager
async def open_world(
    folder: Path, *, settings: dict[str, Any] | None = None, store_url: str = "", bus_url: str = "memory:"
) -> AsyncIterator[World]:
    """A world whose application is not served yet."""
    clock = Clock()
    store = open_store(store_url or f"sqlite:///{folder / 'parley.db'}")
    bus = open_bus(bus_url)
    await store.open()
    await bus.open()
    journal = Journal(store, bus, clock=clock)
    await journal.open()
    house = [HOUSE]
    hooked: list[HookRequest] = []
    plain = {"key": KEY, "limits": LIMITS, "process": "p1", "version": "1.0", **(settings or {})}
    services = Services(
        store=store,
        bus=bus,
        journal=journal,
        blobs=open_blobs(f"file://{folder / 'blobs'}"),
        settings=msgspec.convert(plain, Settings),
        house=lambda: house[-1],
        hooks=_hook(hooked),
        reach=_reach,
        clean_html=clean,
        reload=_again,
        now=clock,
    )
    world = World(services, clock, house, hooked)
    await world.configure()
    try:
        yield world
    finally:
        await journal.close()
        await bus.close()
        await store.close()


@asynccontextmanager
async def small_world(folder: Path, limits: Limits, **settings: float) -> AsyncIterator[World]:
    """A served world with other limits."""
    async with open_world(folder, settings={"limits": limits, **settings}) as world, serve(world):
        yield world


@asynccontextmanager
async def serve(world: World) -> AsyncIterator[World]:
    """The application of `world` on a free port."""
    world.server = TestServer(make_app(world.services), skip_url_asserts=True)
    await world.server.start_server(**SERVER)
    try:
        yield world
    finally:
        await world.server.close()
        world.server = None


async def sign_in(world: World, session: aiohttp.ClientSession, login: str) -> str:
    """Sign `session` in by a one-time link; answers its CSRF token."""
    await world.user(login)
    secret = await accounts.add_link(world.services.store, login, world.clock())
    async with session.post(
        world.url("/api/v1/session/link"), json={"token": secret}, headers={"Origin": world.origin}
    ) as answer:
        assert answer.status == 200, await answer.text()
        return str((await answer.json())["csrf"])
