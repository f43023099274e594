"""Tokens sort by time and never meet; digests are of all their parts."""

from __future__ import annotations

import re
import time

from stream.ids import derived, key_digest, lookup, new_token


def test_tokens_are_26_plain_letters_and_never_the_same() -> None:
    tokens = {new_token() for _ in range(10_000)}
    assert len(tokens) == 10_000
    assert all(re.fullmatch("[0-9a-hjkmnp-tv-z]{26}", token) for token in tokens)


def test_tokens_sort_by_the_time_of_their_making() -> None:
    tokens = []
    for _ in range(20):
        tokens.append(new_token())
        time.sleep(0.002)
    assert tokens == sorted(tokens)


def test_the_first_ten_letters_are_the_milliseconds() -> None:
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    before = int(time.time() * 1000)
    number = 0
    for letter in new_token()[:10]:
        number = number * 32 + alphabet.index(letter)
    assert before <= number <= int(time.time() * 1000)


def test_every_letter_comes_up_in_the_random_part() -> None:
    assert len(set("".join(new_token()[10:] for _ in range(500)))) == 32


def test_ids_derive_from_the_token() -> None:
    assert derived("cnv", "t") == "cnv_t"
    assert derived("ct", "t", "m") == "ct_t.m"


def test_a_digest_is_of_all_its_parts() -> None:
    digests = {
        lookup("main", "email", "global", "a@x.org"),
        lookup("other", "email", "global", "a@x.org"),
        lookup("main", "phone", "global", "a@x.org"),
        lookup("main", "email", "channel", "a@x.org"),
        lookup("main", "emailglobal", "", "a@x.org"),
        key_digest("a", "bc"),
        key_digest("ab", "c"),
        key_digest("a", "\ud800"),
    }
    assert len(digests) == 8
    assert all(len(digest) == 32 for digest in digests)
