"""What can be true at all, tried over all cases: known conditions, and that it is so of all facts, over many conditions made by chance."""

from __future__ import annotations

import random

import pytest

from router.expressions import Fact, compile_expression
from router.grammar import Node
from router.possible import covered, settled
from tests.router.test_implying import NAMES, facts, made

MORE = {**NAMES, "subject": Fact("words"), "time.hour": Fact("number"), "automatic": Fact("flag")}


def tree(source: str) -> Node:
    found, faults = compile_expression(source, MORE)
    assert found is not None, faults
    return found.tree


@pytest.mark.parametrize(
    "source",
    [
        "false", "1 == 2", "lang in []", "n < 0", "time.hour > 23", '!has(lang) && lang == "de"', '!has(text) && text.has("a")',
        'lang == "de" && (lang == "en" || lang == "fr")', 'tags.has("a") && !("a" in tags)', "!(returning || !returning)",
        'subject.has("order") && !text.has("order*")', '!has(tags) && "a" in tags', 'lang > "de" && lang < "de"',
        "(n > 3 || returning) && n < 2 && !returning", "returning == automatic && 1 > 2 && returning",
    ],
)  # fmt: skip
def test_what_is_never_true(source: str) -> None:
    wanted = False if "automatic" not in source else None  # two names compared: nothing is said of that
    assert settled(tree(source)) is wanted


@pytest.mark.parametrize(
    "source",
    [
        "true",
        '"a" == "a"',
        "returning || !returning",
        "n >= 0",
        'lang != "de" || has(lang)',
        "time.hour < 24",
    ],
)
def test_what_is_always_true(source: str) -> None:
    assert settled(tree(source)) is True


@pytest.mark.parametrize(
    "source",
    [
        'text.has("order") && !subject.has("order")', 'lang > "de" && lang < "dea"', "n > 1 && n < 2", "time.hour == 23",
        'has(tags) && !tags.has("a")', 'has(text) && !text.has("a")', 'lang != "de" && lang != "" && lang != "en"',
    ],
)  # fmt: skip
def test_what_may_be_true_or_not(source: str) -> None:
    assert settled(tree(source)) is None


@pytest.mark.parametrize(
    ("source", "before", "so"),
    [
        ("automatic", ["returning", "!returning"], True),
        ('lang in ["de", "en"]', ['lang == "de"', 'lang == "en"'], True),
        ('lang in ["de", "en", "fr"]', ['lang == "de"', 'lang == "en"'], False),
        ("!returning", ["!(returning && automatic)"], True),
        ('"a" in tags', ['tags.has("a")'], True),
        ('subject.has("order now")', ['text.has("order")'], True),
        ('text.has("order")', ['subject.has("order")'], False),
        ("n >= 1", ["n > 2", "n <= 2"], True),
        ("n >= 1", ["n > 2", "n < 2"], False),
    ],
)
def test_what_others_have_covered(source: str, before: list[str], so: bool) -> None:
    assert covered(tree(source), [tree(one) for one in before]) is so


def test_nothing_is_said_where_there_are_too_many_cases() -> None:
    words = " || ".join(f'text.has("w{number}")' for number in range(40))
    assert settled(tree(f"{words} || returning || !returning")) is None
    assert settled(tree("text.has('w1') || returning || !returning")) is True
    numbers = " || ".join(f"n == {number}" for number in range(120))
    langs = " || ".join(f'lang == "l{number}"' for number in range(30))
    assert settled(tree(f"({numbers}) && ({langs}) && n < 0")) is None


def test_it_is_so_of_all_facts() -> None:
    """Over conditions made by chance: what is never true holds of no facts, what is always true of all, what is covered of others' too."""
    rng = random.Random(31)
    known = [made(rng, 2) for _ in range(300)]
    situations = [found for _ in range(200) if (found := facts(rng))["n"] >= 0]
    held = [[one.holds(situation) for situation in situations] for one in known]
    told = [0, 0, 0]
    for at, (one, mine) in enumerate(zip(known, held, strict=True)):
        fate = settled(one.tree)
        assert fate is not False or not any(mine), one.source
        assert fate is not True or all(mine), one.source
        near = known[max(0, at - 4) : at]
        if near and covered(one.tree, [other.tree for other in near]):
            told[2] += any(mine)
            theirs = held[at - len(near) : at]
            assert all(any(found) for mine_too, *found in zip(mine, *theirs, strict=True) if mine_too), (
                one.source
            )
        told[0] += fate is False
        told[1] += fate is True
    assert min(told) >= 2, told
