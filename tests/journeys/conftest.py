"""A deployment per test: embedded (SQLite), and scaled out (PostgreSQL, Redis, three processes)."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest

from tests.fakes.bot_api import FakeBotApi
from tests.fakes.webhook_receiver import FakeReceiver
from tests.floor.house import SECRET, House
from tests.journeys.deployment import Deployment, Places, channels_of, plan_of, secrets_of
from tests.servers.dovecot import DovecotServer
from tests.servers.postfix import PostfixServer


@pytest.fixture
async def bot() -> AsyncIterator[FakeBotApi]:
    """Give a fake Bot API."""
    async with FakeBotApi().serve() as served:
        yield served


@pytest.fixture
async def receiver() -> AsyncIterator[FakeReceiver]:
    """Give the other end of the generic webhook; it verifies every signature."""
    async with FakeReceiver(f"whsec_{base64.b64encode(SECRET).decode()}").serve() as served:
        yield served


@pytest.fixture
def places(dovecot: DovecotServer, bot: FakeBotApi, receiver: FakeReceiver) -> Places:
    """Give what stands outside."""
    return Places(mailbox=dovecot.mailbox("support"), bot_url=bot.url, hook_url=receiver.url)


@pytest.fixture(params=["embedded", "scaled"])
def urls(request: pytest.FixtureRequest) -> dict[str, str]:
    """Give the store's and the bus's addresses; none for the embedded form."""
    if request.param == "embedded":
        return {}
    return {name: str(request.getfixturevalue(name)) for name in ("postgres_url", "redis_url")}


@pytest.fixture
async def deployment(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    urls: dict[str, str],
    places: Places,
    dovecot: DovecotServer,
    postfix: PostfixServer,
) -> AsyncIterator[Deployment]:
    """Give a Parley that routes."""
    channels = channels_of(places, dovecot, postfix)
    house = House(plan_of(tmp_path / "house", channels, secrets_of(places), **urls))
    await house.prepare()
    served = Deployment(house, scaled=bool(urls))
    try:
        await served.start()
        yield served
    finally:
        house.kill()
        if request.node.stash.get(FAILED, False):
            print(house.log())
            for line in await served.journal():
                print(line)


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note a failure, so that the server's log and its journal are printed with it."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report
