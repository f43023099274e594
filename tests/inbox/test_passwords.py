"""Password hashes: bounded in number, equal in effort, and what is too easy."""

from __future__ import annotations

import asyncio

import pytest
from argon2 import PasswordHasher

from inbox.errors import ApiError
from inbox.passwords import MAX_WAITING, Passwords, weakness


async def test_a_hash_is_argon2id_and_proves_the_password() -> None:
    passwords = Passwords()
    stored = await passwords.hash("four words in a row")
    assert stored.startswith("$argon2id$")
    assert await passwords.verify(stored, "four words in a row")
    assert not await passwords.verify(stored, "four words in a bow")
    assert not await passwords.verify("", "nobody's password")
    assert not await passwords.verify("not a hash", "x")
    assert not passwords.dated(stored)
    assert passwords.dated(PasswordHasher(time_cost=1, memory_cost=8192).hash("x"))


async def test_only_so_many_wait() -> None:
    passwords = Passwords()
    await passwords.verify("", "warm")
    tries = await asyncio.gather(
        *(passwords.verify("", "x") for _ in range(MAX_WAITING + 5)), return_exceptions=True
    )
    refused = [error for error in tries if isinstance(error, ApiError)]
    assert [error.status for error in refused] == [503] * 5
    assert not await passwords.verify("", "x")


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("short", "10"),
        ("x" * 257, "256"),
        ("my ada is a word", "login"),
        ("aaaabbbbcccc", "four"),
        ("four words in a row", ""),
    ],
)
def test_easy_passwords_are_refused_with_a_reason(password: str, word: str) -> None:
    assert word in weakness(password, "ada")
    assert bool(weakness(password, "ada")) == bool(word)
