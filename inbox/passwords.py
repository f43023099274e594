"""Argon2id in threads, a few at a time: what is hashed, how dear it is, and which passwords are too easy. Knows no accounts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from inbox.errors import ApiError

T = TypeVar("T")
SHORTEST, LONGEST = 10, 256
AT_ONCE = 2
MAX_WAITING = 32


class Passwords:
    """Hashes and checks. At most 2 run at once (32 MiB and some 40 ms of a core each), at most 32 wait."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=3, memory_cost=32_768, parallelism=1)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobody = ""

    async def hash(self, password: str) -> str:
        """The Argon2id hash of a new password. Raises `ApiError` 503 when too many wait."""
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, stored: str, password: str) -> bool:
        """Tell whether `password` is the one of `stored`. Takes as long when `stored` is empty (no account, no password)."""
        if not self._nobody:
            self._nobody = await self.hash("nobody's password")
        right = await self._run(lambda: self._check(stored or self._nobody, password))
        return right and bool(stored)

    def dated(self, stored: str) -> bool:
        """Tell whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _check(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (Argon2Error, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= MAX_WAITING:
            raise ApiError(503, "Too many people sign in at this moment.", retry_after=2)
        self._waiting += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def weakness(password: str, login: str) -> str:
    """Why a new password is not good enough, as a sentence; "" when it is."""
    if len(password) < SHORTEST:
        return f"Take at least {SHORTEST} characters; a few words in a row are easy to keep in mind."
    if len(password) > LONGEST:
        return f"Take at most {LONGEST} characters."
    if login and login in password.lower():
        return "Take a password that does not contain your login."
    if len(set(password)) < 5:
        return "Take more than four different characters."
    return ""
