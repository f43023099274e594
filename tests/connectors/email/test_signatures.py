"""Signatures that only the writer's own name gives away; the other kinds are judged in `test_reply` and by the corpus."""

from __future__ import annotations

import time

import pytest

from connectors.email import reply, signatures

AUTHOR = "Ann Lee"


@pytest.mark.parametrize(
    "block",
    [
        "Ann Lee",
        "*Ann Lee*",
        "Lee, Ann",
        "Ann M. Lee | Sales\nExample Inc.",
        "ANN LEE\nSales\n\nExample GmbH\nTel. 0123 456789",
        "Ann Lee - Sales\nann@example.org",
    ],
)
def test_the_writers_name_heads_a_signature(block: str) -> None:
    text = f"The new words.\n\n{block}"
    assert reply.split(text, author=AUTHOR).reply == "The new words."
    assert (
        reply.split(f"{text}\n\nOn 4 Mar 2024, Bob <b@example.org> wrote:\n> old", author=AUTHOR).reply
        == "The new words."
    )


@pytest.mark.parametrize(
    "text",
    [
        "Ann Lee",
        "Ann Lee\nis my name.",
        "Please send it to:\n\nAnn Lee\n5 Main Street\nTel. 0123 456789",
        "Please send it.\n\nAnn Lee\n5 Main Street\n12345 Town",
        "My name is wrong. It must be\n\nAnn Lee",
        "My name has changed.\n\nAnn Lee-Stone",
        "Who signed?\n\nAnn Lee signed it.",
        "The new words.\n\nAnn",
        "The new words.\n\nBob Stone | Sales",
    ],
)
def test_a_name_that_is_said_stays(text: str) -> None:
    assert reply.split(text, author=AUTHOR).reply == text


@pytest.mark.parametrize("author", ["", "Ann", "support@example.com", "a b c d e f g"])
def test_without_a_full_name_nothing_is_looked_for(author: str) -> None:
    lines = ["words.", "", author or "x", "Tel. 0123 456789"]
    assert signatures.below_name(lines, author) == len(lines)


def test_a_long_name_takes_no_time() -> None:
    begun = time.process_time()
    signatures.below_name(["x", "", "Ann " * 200] * 2_000, "Ann Ann Ann Ann Ann")
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    "text",
    [
        "Hi\n\nResults\n-------\nAll good\nmore text here",
        "Numbers\n\n-----\n1. one\n2. two\n-----\nend of it",
        "What we need:\n-----\nPaper\nInk",
        "First this\n\n_____\n\nthen that",
    ],
)
def test_lines_that_divide_or_underline_what_is_said_begin_no_signature(text: str) -> None:
    assert reply.split(text).reply == text


def test_below_a_line_with_a_name_one_begins() -> None:
    assert reply.split("Here it is.\n\n-----\nAnn Lee\nExample Inc.").reply == "Here it is."
