"""The real servers as pytest fixtures: one of each per session, fresh databases and mailboxes per test. Skips where one is missing."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
import redis
from playwright.async_api import Browser

from tests.servers.browser import chromium
from tests.servers.dovecot import DovecotServer, dovecot_server
from tests.servers.needed import skipping_when_missing
from tests.servers.postfix import PostfixServer, postfix_server
from tests.servers.postgres import PostgresServer, postgres_server
from tests.servers.redis_server import RedisServer, redis_server
from tests.servers.s3 import S3Server, s3_server


@pytest.fixture(scope="session", name="redis_server")
def _redis_server() -> Iterator[RedisServer]:
    with contextlib.ExitStack() as stack, skipping_when_missing():
        yield stack.enter_context(redis_server())


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """Give the address of a Redis that holds nothing."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture(scope="session", name="postgres_server")
def _postgres_server() -> Iterator[PostgresServer]:
    with contextlib.ExitStack() as stack, skipping_when_missing():
        yield stack.enter_context(postgres_server())


@pytest.fixture
async def postgres_url(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """Give the address of a fresh, empty database; it is dropped afterwards, whoever is still connected."""
    name = f"test_{secrets.token_hex(6)}"
    await _execute(postgres_server.url, f'CREATE DATABASE "{name}"')
    yield postgres_server.database_url(name)
    await _execute(postgres_server.url, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session", name="dovecot")
def _dovecot() -> Iterator[DovecotServer]:
    with contextlib.ExitStack() as stack, skipping_when_missing():
        yield stack.enter_context(dovecot_server())


@pytest.fixture(scope="session", name="postfix")
def _postfix(dovecot: DovecotServer) -> Iterator[PostfixServer]:
    with contextlib.ExitStack() as stack, skipping_when_missing():
        yield stack.enter_context(postfix_server(dovecot))


@pytest.fixture(scope="session", name="s3_server")
def _s3_server() -> Iterator[S3Server]:
    with contextlib.ExitStack() as stack, skipping_when_missing():
        yield stack.enter_context(s3_server())


@pytest.fixture
def s3_bucket(s3_server: S3Server) -> str:
    """Give the name of a new, empty bucket."""
    name = f"test-{secrets.token_hex(6)}"
    s3_server.make_bucket(name)
    return name


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Give a Chromium of this test's own event loop; make a context per person."""
    async with contextlib.AsyncExitStack() as stack:
        with skipping_when_missing():
            started = await stack.enter_async_context(chromium())
        yield started
