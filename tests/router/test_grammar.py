"""Conditions as text: what parses, and where exactly it does not."""

from __future__ import annotations

import pytest

from router.grammar import MAX_DEPTH, MAX_LENGTH, MAX_NODES, Chain, Compare, ExpressionError, Has, Not, parse


def test_precedence_is_not_and_or() -> None:
    tree = parse('!a && b == 1 || c in ["x"]')
    assert isinstance(tree, Chain)
    assert tree.op == "||"
    first, second = tree.parts
    assert isinstance(first, Chain)
    assert first.op == "&&"
    assert isinstance(first.parts[0], Not)
    assert isinstance(second, Compare)


def test_every_node_knows_its_text() -> None:
    source = 'lang == "de" && text.has("rechnung", "konto auszug")'
    tree = parse(source)
    assert isinstance(tree, Chain)
    assert [source[part.start : part.end] for part in tree.parts] == source.split(" && ")
    assert isinstance(tree.parts[1], Has)


@pytest.mark.parametrize(
    ("source", "offset", "words", "suggestion"),
    [
        ("", 0, "empty", ""),
        ("   ", 0, "empty", ""),
        ("lang =", 5, "not part of the language", "=="),
        ('lang = "de"', 5, "not part of the language", "=="),
        ('lang == "de', 8, "no closing quote", ""),
        ("lang ==", 7, "ends where a value", ""),
        ("a and b", 2, 'not "and"', "&&"),
        ("a || or", 5, "a value expected", "||"),
        ("(a && b", 7, '")" should follow', ""),
        ("a)", 1, 'not ")"', ""),
        ("a in [1, 2", 10, '"," should follow', ""),
        ("a in [1 2]", 8, '"," expected', ""),
        ("a == 1 2", 7, "an operator", ""),
        ('foo("x")', 0, "cannot be called", "has"),
        ('text.contains("x")', 0, "cannot be called", "text.has"),
        ("text.has()", 0, "at least one text", ""),
        ('has("x")', 4, "a name expected", ""),
        ("a # b", 2, '"#"', ""),
        ("a.b. == 1", 3, '"."', ""),
        ("in == 1", 0, "a value expected", ""),
    ],
)
def test_faults_have_their_place(source: str, offset: int, words: str, suggestion: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    assert words in caught.value.message
    assert (caught.value.offset, caught.value.suggestion) == (offset, suggestion)


def test_escapes_in_texts() -> None:
    tree = parse(r'a == "x\"y" && b == ' "'z'")
    assert isinstance(tree, Chain)
    first, second = tree.parts
    assert isinstance(first, Compare)
    assert isinstance(second, Compare)
    assert getattr(first.right, "value", None) == 'x"y'
    assert getattr(second.right, "value", None) == "z"


def test_length_depth_and_parts_are_bounded() -> None:
    with pytest.raises(ExpressionError, match=str(MAX_LENGTH)):
        parse("a" * (MAX_LENGTH + 1))
    for deep in ("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH, "!" * MAX_DEPTH + "a"):
        with pytest.raises(ExpressionError, match="deep"):
            parse(deep)
    assert parse("(" * (MAX_DEPTH - 1) + "a" + ")" * (MAX_DEPTH - 1)).start == MAX_DEPTH - 1
    with pytest.raises(ExpressionError, match=str(MAX_NODES)):
        parse("a in [" + "1," * (MAX_NODES + 1) + "1]")
