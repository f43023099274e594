"""Quotes without `>` and PGP around a text, as they are unmasked before a text is divided."""

from __future__ import annotations

import pytest

from connectors.email import disguises, reply
from connectors.email.codec import parse
from tests.connectors.email.letters import plain

MARK = "On Mon, 4 Mar 2024, Ann Lee wrote:"
SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{}\n-----BEGIN PGP SIGNATURE-----\n\niQEzBAEB\n=abcd\n-----END PGP SIGNATURE-----"


@pytest.mark.parametrize("prefix", ["AL> ", "Ann> ", "| ", "    AL>> "])
def test_initials_and_bars_are_quotes_below_a_mark(prefix: str) -> None:
    lines = [MARK, f"{prefix}old", f"{prefix}words", "", "new"]
    assert disguises.unmask(lines) == [MARK, f"> {prefix}old", f"> {prefix}words", "", "new"]


@pytest.mark.parametrize("line", ["mysql> select 1;", "C> dir", "| a | b |", "Hint> look"])
def test_elsewhere_they_are_text(line: str) -> None:
    assert disguises.unmask(["I typed this", line]) == ["I typed this", line]


def test_an_element_around_a_quote() -> None:
    found = reply.split('<quote who="Ann Lee">\nold\n</quote>\n\nnew')
    assert found.reply == "new"
    assert "old" in found.quoted


def test_an_element_that_never_ends_swallows_nothing() -> None:
    text = '<quote who="Ann Lee">\nold\n\nnew'
    assert reply.split(text).reply == text


def test_armour_is_taken_off_and_kept_with_the_rest() -> None:
    found = reply.split(SIGNED.format("- -- no delimiter of a signature\nwords"))
    assert found.reply == "-- no delimiter of a signature\nwords"
    assert "iQEzBAEB" in found.quoted


def test_half_an_armour_is_text() -> None:
    text = SIGNED.format("words").partition("\n-----BEGIN PGP SIGNATURE")[0]
    assert reply.split(text).reply == text


@pytest.mark.parametrize(
    ("text", "security"),
    [
        (SIGNED.format("words"), "signed"),
        ("-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----", "encrypted"),
        ("words about PGP", ""),
    ],
)
def test_a_mail_says_that_it_is_armoured(text: str, security: str) -> None:
    assert parse(plain(text)).security == security


def test_many_lines_are_unmasked_quickly() -> None:
    lines = ["<quote who=x"] * 5_000
    assert disguises.unmask(lines) == lines
