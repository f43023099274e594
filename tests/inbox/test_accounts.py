"""Accounts, sessions, links, tokens, settings and uploads in the database, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from inbox import accounts
from stream.store import open_store
from stream.store.ports import Store


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'parley.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    opened = open_store(store_url)
    await opened.open()
    yield opened
    await opened.close()


async def test_an_account_from_its_beginning_to_its_end(store: Store) -> None:
    assert await accounts.add_account(store, "ada", 1.0, name="Ada", role="supervisor")
    found = await accounts.account(store, "ada")
    assert found == accounts.Account(
        "ada", "Ada", "supervisor", "", must_set=True, disabled_at=0.0, created_at=1.0, rights_at=1.0
    )
    assert await accounts.set_role(store, "ada", "", 2.0)
    assert await accounts.set_password(store, "ada", "hash")
    await accounts.rehash(store, "ada", "another", "newer")
    found = await accounts.account(store, "ada")
    assert found == accounts.Account(
        "ada", "Ada", "", "hash", must_set=False, disabled_at=0.0, created_at=1.0, rights_at=2.0
    )
    assert await accounts.disable(store, "ada", 3.0)
    assert not await accounts.set_password(store, "ada", "hash2")
    found = await accounts.account(store, "ada")
    assert found is not None
    assert (found.disabled_at, found.rights_at, found.password) == (3.0, 3.0, "hash")
    await accounts.add_account(store, "bob", 4.0)
    assert [one.login for one in await accounts.accounts(store, limit=1)] == ["ada"]
    assert [one.login for one in await accounts.accounts(store, "ada")] == ["bob"]


async def test_sessions(store: Store) -> None:
    await accounts.add_account(store, "ada", 0.0, role="admin", password="hash", must_set=False)
    secret = await accounts.add_session(store, "ada", 100.0, 1000.0, address="::1", browser="B" * 500)
    found = await accounts.session(store, secret, 150.0, 100.0)
    assert found == accounts.Session(
        accounts.digest(secret),
        "ada",
        100.0,
        100.0,
        1100.0,
        "",
        "admin",
        has_password=True,
        must_set=False,
        rights_at=0.0,
    )
    assert await accounts.session(store, secret, 200.0, 100.0) is None
    await accounts.touch_session(store, found.hash, 190.0)
    await accounts.touch_session(store, found.hash, 180.0)
    assert await accounts.session(store, secret, 250.0, 100.0) is not None
    await accounts.touch_sessions(store, [found.hash], 1090.0)
    assert await accounts.session(store, secret, 1100.0, 100.0) is None
    row = (await accounts.sessions_of(store, "ada"))[0]
    assert (row.seen_at, row.address, len(row.browser)) == (1090.0, "::1", 200)
    await accounts.expire(store, 1100.0, 100.0)
    assert await accounts.sessions_of(store, "ada") == []


async def test_what_still_holds(store: Store) -> None:
    for login in ("ada", "bob"):
        await accounts.add_account(store, login, 0.0, role="agent")
    keys = [accounts.digest(await accounts.add_session(store, login, 0.0, 100.0)) for login in ("ada", "bob")]
    _ident, secret = await accounts.add_token(store, "ada", "t", 0.0, role="agent", seconds=50.0)
    token = accounts.digest(secret)
    holding = await accounts.still_hold(store, [*keys, "unknown"], [token], 10.0, 100.0)
    assert holding == {
        keys[0]: accounts.Credential(keys[0], "ada", "agent", 0.0),
        keys[1]: accounts.Credential(keys[1], "bob", "agent", 0.0),
        token: accounts.Credential(token, "ada", "agent", 0.0),
    }
    assert set(await accounts.still_hold(store, keys, [token], 60.0, 100.0)) == set(keys)
    await accounts.disable(store, "ada", 60.0)
    assert set(await accounts.still_hold(store, keys, [token], 40.0, 100.0)) == {keys[1]}
    assert await accounts.still_hold(store, [], [], 40.0, 100.0) == {}


async def test_the_oldest_sessions_make_room(store: Store) -> None:
    await accounts.add_account(store, "ada", 0.0)
    for number in range(accounts.SESSIONS_PER_LOGIN + 2):
        await accounts.add_session(store, "ada", float(number), 1e9)
    rows = await accounts.sessions_of(store, "ada", 1000)
    assert [row.created_at for row in rows] == [float(n) for n in range(2, accounts.SESSIONS_PER_LOGIN + 2)]


async def test_a_link_has_one_winner(store: Store) -> None:
    await accounts.add_account(store, "ada", 0.0)
    secret = await accounts.add_link(store, "ada", 0.0, 10.0)
    won = await asyncio.gather(*(accounts.use_link(store, secret, 5.0) for _ in range(10)))
    assert [one.login for one in won if one] == ["ada"]
    late = await accounts.add_link(store, "ada", 0.0, 10.0)
    assert await accounts.use_link(store, late, 10.0) is None
    shut = await accounts.add_link(store, "ada", 0.0, 10.0)
    await accounts.disable(store, "ada", 1.0)
    assert await accounts.use_link(store, shut, 5.0) is None


async def test_the_first_admin(store: Store) -> None:
    first = await accounts.ensure_first_admin(store, 0.0)
    second = await accounts.ensure_first_admin(store, 0.0)
    assert first
    assert second
    assert await accounts.use_link(store, first, 1.0) is None
    assert await accounts.use_link(store, second, 1.0) is not None
    await accounts.set_password(store, "admin", "hash")
    assert await accounts.ensure_first_admin(store, 2.0) is None


async def test_tokens(store: Store) -> None:
    await accounts.add_account(store, "ada", 1.0, name="Ada", role="admin")
    ident, secret = await accounts.add_token(store, "ada", "bot", 2.0, role="agent")
    found = await accounts.token(store, secret, 1e12)
    assert found == accounts.Token(
        accounts.digest(secret), ident, "ada", "agent", 2.0, 0.0, 0.0, "Ada", "admin", 1.0
    )
    await accounts.touch_token(store, ident, 9.0)
    assert await accounts.tokens(store) == [accounts.TokenRow(ident, "ada", "bot", "agent", 2.0, 0.0, 9.0)]
    assert await accounts.token(store, secret + "x", 3.0) is None
    assert await accounts.drop_token(store, ident) == "ada"
    assert await accounts.drop_token(store, ident) == ""
    assert await accounts.token(store, secret, 3.0) is None


async def test_settings_and_uploads(store: Store) -> None:
    assert await accounts.setting(store, "ada") == b"{}"
    await accounts.save_setting(store, "ada", b'{"theme":"dark"}')
    await accounts.save_setting(store, "ada", b'{"theme":"light"}')
    assert await accounts.setting(store, "ada") == b'{"theme":"light"}'
    one = accounts.Upload("upl_1", "ada", "ab/key", "a.txt", "text/plain", 5)
    await accounts.add_upload(store, one, 10.0)
    assert await accounts.uploads(store, ["upl_1", "upl_2"]) == {"upl_1": one}
    assert await accounts.stale_uploads(store, 10.0) == []
    assert await accounts.stale_uploads(store, 11.0) == [("upl_1", "ab/key", False)]
    await accounts.mark_uploads(store, ["upl_1"], 12.0)
    assert await accounts.stale_uploads(store, 11.0) == [("upl_1", "ab/key", True)]
    await accounts.drop_uploads(store, ["upl_1"])
    assert await accounts.uploads(store, ["upl_1"]) == {}
