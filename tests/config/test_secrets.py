"""Stored secrets: sealed, bound to their name, readable under older keys, rotated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from config.keys import new_key, read_keys
from config.secrets import SecretFault, Vault
from stream.store import open_store
from stream.store.ports import Store
from stream.store.program import Sql, execute, fetch
from tests.config.conftest import CANARY

OLD, NEW = read_keys(new_key(), "x"), read_keys(new_key(), "x")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = open_store(f"sqlite:///{tmp_path}/parley.db")
    await store.open()
    yield store
    await store.close()


def _all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_what_is_put_is_got_and_not_readable_in_the_database(store: Store, tmp_path: Path) -> None:
    vault = Vault(store, OLD)
    await vault.put("telegram", CANARY.encode())
    assert await vault.get("telegram") == CANARY.encode()
    assert await vault.get("nothing") is None
    assert CANARY.encode() not in _all_bytes(tmp_path)


async def test_signing_keys_are_equal_for_all_and_differ_by_purpose(store: Store) -> None:
    first, second = Vault(store, OLD), Vault(store, OLD)
    await first.open()
    await second.open()
    assert first.signing("csrf") == second.signing("csrf") != first.signing("widget")
    assert len(first.signing("csrf")[0]) == 32


async def test_another_key_is_told_which_one_is_missing(store: Store) -> None:
    await Vault(store, OLD).open()
    with pytest.raises(
        SecretFault, match=f"under the master key {OLD[0].id}, and this process has {NEW[0].id}"
    ):
        await Vault(store, NEW).open()


async def test_rotation(store: Store) -> None:
    await Vault(store, OLD).put("a", b"1")
    both = Vault(store, NEW + OLD)
    assert await both.get("a") == b"1"
    assert await both.rotate() == 1
    assert await both.rotate() == 0
    assert await Vault(store, NEW).get("a") == b"1"


async def test_rows_cannot_be_exchanged_or_changed(store: Store) -> None:
    vault = Vault(store, OLD)
    await vault.put("a", b"1")
    key, sealed = (await store.read(fetch("secret", "a")))[0]
    await store.write(execute(Sql("secret_put", ("b", key, sealed, 0.0))))
    with pytest.raises(SecretFault, match='"b" was changed in the database'):
        await vault.get("b")
    await store.write(execute(Sql("secret_put", ("a", key, bytes(sealed)[:-1] + b"\0", 0.0))))
    with pytest.raises(SecretFault, match="was changed"):
        await vault.get("a")
