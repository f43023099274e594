"""Secrets that the program makes or receives: one table, each row encrypted with AES-256-GCM under a named master key.

What operators give (tokens, passwords) is not here: that comes by reference (`references`). The row's name is authenticated with
its content, so that rows cannot be exchanged.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time

from config.keys import MasterKey
from stream.store.ports import Store
from stream.store.program import Program, Sql, fetch

ROOT = "signing"
NONCE = 12


class SecretFault(Exception):
    """A stored secret cannot be opened; the sentence says what to do."""


class Vault:
    """The table under these keys; the first one seals."""

    def __init__(self, store: Store, keys: tuple[MasterKey, ...]) -> None:
        self._store = store
        self._keys = keys
        self._root = b""

    async def open(self) -> None:
        """Make sure that there is a root of the signing keys. Raises `SecretFault` when it was sealed under another key."""
        self._root = await self.own(ROOT)

    def signing(self, purpose: str) -> tuple[bytes, ...]:
        """32 bytes for `purpose`, equal in every process and after every start; sign with the first."""
        return (hmac.new(self._root, purpose.encode(), hashlib.sha256).digest(),)

    async def own(self, name: str) -> bytes:
        """The secret `name` of 32 random bytes, made the first time that anybody asks."""
        fresh = (name, self._keys[0].id, self._seal(name, os.urandom(32)), time.time())
        found = await self._store.write(_make(fresh))
        return self._open(name, *found)

    async def put(self, name: str, value: bytes) -> None:
        """Keep what a provider gave."""
        row = (name, self._keys[0].id, self._seal(name, value), time.time())
        await self._store.write(fetch("secret_put", *row))

    async def get(self, name: str) -> bytes | None:
        """What was kept under `name`. Raises `SecretFault`."""
        rows = await self._store.read(fetch("secret", name))
        return self._open(name, rows[0][0], rows[0][1]) if rows else None

    async def rotate(self) -> int:
        """Seal everything under the first key; the number of rows that were under another one."""
        rows = await self._store.read(fetch("secrets_all"))
        stale = [
            (name, self._open(name, key, sealed)) for name, key, sealed in rows if key != self._keys[0].id
        ]
        for name, value in stale:
            await self.put(name, value)
        return len(stale)

    def _seal(self, name: str, value: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(NONCE)
        return nonce + AESGCM(self._keys[0].value).encrypt(nonce, value, _bound(name, self._keys[0]))

    def _open(self, name: str, key_id: str, sealed: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = next((key for key in self._keys if key.id == key_id), None)
        if key is None:
            known = ", ".join(one.id for one in self._keys)
            raise SecretFault(
                f'the stored secret "{name}" was sealed under the master key {key_id}, and this process has {known}: '
                "give it that key too (PARLEY_KEY=new,old), or restore the master.key that belongs to this database"
            )
        try:
            return AESGCM(key.value).decrypt(bytes(sealed[:NONCE]), bytes(sealed[NONCE:]), _bound(name, key))
        except InvalidTag:
            raise SecretFault(f'the stored secret "{name}" was changed in the database') from None


def _bound(name: str, key: MasterKey) -> bytes:
    return f"parley secret\0{key.id}\0{name}".encode()


def _make(row: tuple[str, str, bytes, float]) -> Program[tuple[str, bytes]]:
    yield Sql("secret_make", row)
    rows = yield Sql("secret", row[:1])
    return rows[0][0], rows[0][1]
