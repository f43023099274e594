"""Conditions checked, compiled and traced."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.expressions import Expression, Fact, compile_expression, trace
from router.words import words

KNOWN = {
    "channel": Fact("text", frozenset({"widget", "mail"}), "channel"),
    "lang": Fact("text"),
    "tags": Fact("set", frozenset({"vip", "refund"}), "tag"),
    "text": Fact("words"),
    "number": Fact("number"),
    "open.office": Fact("flag"),
    "contact.tier": Fact("text"),
}


def facts(text: str = "", **changes: Any) -> dict[str, Any]:
    said = words(text)
    base = {
        "channel": "widget",
        "lang": "de",
        "tags": frozenset({"vip"}),
        "number": 3.0,
        "open.office": True,
        "contact.tier": "gold",
    }
    return {**base, "text.flat": said.flat, "text.each": said.each, **changes}


def compiled(source: str) -> Expression:
    found, faults = compile_expression(source, KNOWN)
    assert found is not None, [fault.message for fault in faults]
    return found


@pytest.mark.parametrize(
    ("source", "text", "holds"),
    [
        ('channel == "widget"', "", True),
        ('channel != "widget"', "", False),
        ('lang in ["de", "fr"] && number >= 3', "", True),
        ("number > 3 || number < 3", "", False),
        ('"vip" in tags', "", True),
        ('tags.has("refund")', "", False),
        ('tags.has("refund", "vip")', "", True),
        ("has(tags) && has(contact.tier)", "", True),
        ("open.office", "", True),
        ("!open.office", "", False),
        ("open.office == true", "", True),
        ('text.has("rechnung")', "Wo ist meine RECHNUNG?", True),
        ('text.has("rechnung")', "Rechnungen", False),
        ('text.has("rechnung*")', "Rechnungen", True),
        ('text.has("rückzahlung")', "Ruckzahlung", True),
        ('text.has("account number")', "my account  number, please", True),
        ('text.has("account number")', "my account has a number", False),
        ('text.has("発票")', "我要發票還是発票呢", True),
        ("has(text)", "x", True),
        ("has(text)", "  !", False),
        ("has(number)", "", True),
        ('!(lang == "de" && (number == 1 || number == 3))', "", False),
        ("true", "", True),
    ],
)
def test_what_holds(source: str, text: str, holds: bool) -> None:
    expression = compiled(source)
    assert expression.holds(facts(text)) is holds
    assert trace(expression, facts(text)).held is holds


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('chanel == "widget"', [("unknown name", 0, "channel")]),
        ('channel == "wigdet"', [("unknown channel", 11, "widget")]),
        ('"wigdet" == channel', [("unknown channel", 0, "widget")]),
        ('channel in ["mail", "wigdet"]', [("unknown channel", 20, "widget")]),
        ('tags.has("vpi")', [("unknown tag", 9, "vip")]),
        ('"vpi" in tags', [("unknown tag", 0, "vip")]),
        ('lang == "de" && foo && has(bar)', [("unknown name", 16, ""), ("unknown name", 27, "")]),
        ("lang", [("compare it, or write has(lang)", 0, "")]),
        ("lang == 3", [("cannot be compared", 5, "")]),
        ("open.office > false", [("have no order", 12, "")]),
        ('text == "x"', [("text.has", 5, "")]),
        ('lang.has("x")', [("asks a message or a list", 0, "")]),
        ('text.has("!")', [("at least one letter", 9, "")]),
        ("text.has(3)", [("at least one letter", 9, "")]),
        ("lang in lang", [("between a value and a list", 5, "")]),
        ("lang in [1]", [("must hold a text", 9, "")]),
        ("3 in tags", [("holds texts", 0, "")]),
        ("tags == tags", [("cannot be compared", 5, "")]),
        ('(lang == "x") == true', [("join whole tests", 1, "")]),
        ('"x"', [("true or false", 0, "")]),
        ("tags.has(3)", [("a text expected", 9, "")]),
    ],
)
def test_every_fault_has_its_place(source: str, found: list[tuple[str, int, str]]) -> None:
    expression, faults = compile_expression(source, KNOWN)
    assert expression is None
    assert len(faults) == len(found)
    for fault, (said, offset, suggestion) in zip(faults, found, strict=True):
        assert said in fault.message
        assert (fault.offset, fault.suggestion) == (offset, suggestion)


def test_only_the_names_that_are_read_are_named() -> None:
    assert compiled('lang == "de" && text.has("x")').names == {"lang", "text"}


def test_a_trace_shows_what_decided() -> None:
    told = trace(compiled('lang == "fr" || number == 3 || has(tags)'), facts())
    assert [(part.text, part.held) for part in told.parts] == [('lang == "fr"', False), ("number == 3", True)]
    told = trace(compiled('!(lang == "fr")'), facts())
    assert told.held
    assert not told.parts[0].held


def test_the_code_has_no_builtins_no_calls_and_no_attributes() -> None:
    expression = compiled('text.has("a", "b c") && !(lang in ["de"]) && "vip" in tags || has(text)')
    assert set(expression.code.co_names) <= {"text.each", "text.flat", "lang", "tags"}
    assert expression.code.co_consts
    assert "__builtins__" not in expression.code.co_names


@given(st.text(max_size=60))
def test_no_text_breaks_it(source: str) -> None:
    expression, faults = compile_expression(source, KNOWN)
    assert (expression is None) == bool(faults)
    assert all(0 <= fault.offset <= len(source) for fault in faults)


LEAVES = st.sampled_from(
    [
        'lang == "de"',
        'lang == "fr"',
        "number < 3",
        "number <= 3",
        'text.has("a")',
        '"vip" in tags',
        "open.office",
    ]
)


@given(
    st.recursive(
        LEAVES,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(
                lambda one: f"({one[0]} {one[1]} {one[2]})"
            ),
            inner.map(lambda one: f"!({one})"),
        ),
        max_leaves=12,
    )
)
def test_code_and_trace_agree_on_everything(source: str) -> None:
    expression = compiled(source)
    assert trace(expression, facts("a")).held == expression.holds(facts("a"))
