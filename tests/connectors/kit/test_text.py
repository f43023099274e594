"""Splitting: every part fits as the channel counts, nothing is lost, and the seam is at the best place there is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.text import MAX_PARTS, TooLong, Unit, length, split, utf16_length

FAMILY = "👨‍👩‍👧‍👦"
FLAG = "🇩🇪"
THUMB = "👍🏽"


def _letters(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(
    st.text(alphabet=st.sampled_from("aé. \n\U0001f600\u200d\u0301🇩🇪x!。"), max_size=300),
    st.integers(4, 40),
    st.sampled_from(["characters", "utf16"]),
)
def test_every_part_fits_and_nothing_is_lost(text: str, limit: int, unit: Unit) -> None:
    parts = split(text, limit, unit)
    assert all(0 < length(part, unit) <= limit for part in parts)
    assert _letters("".join(parts)) == _letters(text)
    assert parts == split(text, limit, unit)


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("short", 10, ["short"]),
        ("", 10, []),
        ("  \n ", 10, []),
        ("one two\n\nthree four", 14, ["one two", "three four"]),
        ("one two\nthree four", 14, ["one two", "three four"]),
        ("First. Second one.", 10, ["First.", "Second", "one."]),
        ("one two three four", 10, ["one two", "three four"]),
        ("abcdefghijkl", 5, ["abcde", "fghij", "kl"]),
        ("「はい。いいえ。たぶん。」", 8, ["「はい。いいえ。", "たぶん。」"]),
    ],
)
def test_the_seam_is_at_the_best_place(text: str, limit: int, parts: list[str]) -> None:
    assert split(text, limit) == parts


@pytest.mark.parametrize("cluster", [FAMILY, FLAG, THUMB, "e\u0301\u0302", "1\ufe0f\u20e3"])
@pytest.mark.parametrize("unit", ["characters", "utf16"])
def test_a_cluster_stays_whole_where_it_fits(cluster: str, unit: Unit) -> None:
    size = length(cluster, unit)
    for part in split(cluster * 6, max(4, size + 1), unit):
        assert part == cluster * (len(part) // len(cluster))


def test_a_cluster_that_is_too_long_alone_is_cut() -> None:
    parts = split("a" + "\u0301" * 20, 8)
    assert "".join(parts) == "a" + "\u0301" * 20


def test_utf16_counts_as_telegram_does() -> None:
    assert utf16_length("a😀é") == 4
    assert split("😀" * 4096, 4096, "utf16") == ["😀" * 2048, "😀" * 2048]


def test_there_is_an_end_to_parts() -> None:
    assert len(split("x" * MAX_PARTS * 10, 10)) == MAX_PARTS
    with pytest.raises(TooLong, match=str(MAX_PARTS)):
        split("x" * (MAX_PARTS * 10 + 1), 10)


def test_a_limit_must_hold_a_character() -> None:
    with pytest.raises(ValueError, match="below 4"):
        split("x", 1)


def test_a_long_text_is_split_quickly() -> None:
    assert len(split("word " * 100_000, 4096)) == 123
