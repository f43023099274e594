"""Folding texts to words, and patterns that look for them."""

from __future__ import annotations

from router.words import TEXT_LIMIT, Pattern, fold, pattern, words


def test_case_accents_and_punctuation_do_not_count() -> None:
    assert fold("¿Dónde está mi FACTURA?!") == " donde esta mi factura "
    assert words("Straße, Strasse").each == {"strasse"}


def test_nothing_is_one_or_two_spaces() -> None:
    assert words("").each == frozenset()
    assert words("?!").each == frozenset()


def test_only_the_beginning_is_looked_at() -> None:
    assert "end" not in words("x " * TEXT_LIMIT + "end").each


def test_patterns() -> None:
    assert pattern("Rechnung") == Pattern(word="rechnung")
    assert pattern("rechnung*") == Pattern(piece=" rechnung")
    assert pattern("account number") == Pattern(piece=" account number ")
    assert pattern("発票") == Pattern(piece="発票")
    assert pattern("?") is None
