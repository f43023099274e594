"""What is said of conditions by their form: known pairs, and that it is true of all facts, over many conditions made by chance."""

from __future__ import annotations

import random
from typing import Any

import pytest

from router import grammar
from router.expressions import Expression, Fact, compile_expression
from router.implying import contradiction, form, implies
from router.words import words

NAMES = {
    "lang": Fact("text"),
    "channel": Fact("text"),
    "text": Fact("words"),
    "returning": Fact("flag"),
    "tags": Fact("set"),
    "n": Fact("number"),
}


@pytest.mark.parametrize(
    ("one", "other", "holds"),
    [
        ('lang == "de"', 'lang in ["de", "en"]', True),
        ('lang in ["de", "en"]', 'lang == "de"', False),
        ('lang == "de" && returning', "returning", True),
        ("returning", 'lang == "de" && returning', False),
        ('lang == "de"', 'returning || lang == "de"', True),
        ('lang == "de" || lang == "en"', 'lang in ["de", "en", "fr"]', True),
        ('lang == "de" || returning', 'lang == "de"', False),
        ('text.has("a")', 'text.has("a", "b")', True),
        ('text.has("a", "b")', 'text.has("a")', False),
        ("n >= 2", "n >= 2", True),
        ("n >= 2", "n >= 1", True),
        ("n >= 1", "n >= 2", False),
        ("n > 2", "n >= 2", True),
        ("n >= 2", "n > 2", False),
        ("3 < n && n < 5", "n > 2", True),
        ("n == 3", "n < 4", True),
        ("n == 3", "n != 4", True),
        ('lang in ["de", "en"]', 'lang != "fr"', True),
        ('lang in ["de", "en"]', 'lang != "en"', False),
        ('!(lang in ["de", "en"])', '!(lang == "en")', True),
        ('text.has("Rechnungen")', 'text.has("rechnung*")', True),
        ('text.has("rechnung*")', 'text.has("rechnungen")', False),
        ('text.has("late order")', 'text.has("order", "parcel")', True),
        ('text.has("late orders")', 'text.has("order")', False),
        ('tags.has("vips")', 'tags.has("vip*")', False),
        ("!returning", "!returning", True),
        ('lang == "de" && n > 1 && returning', 'returning && lang == "de"', True),
        ("has(lang)", "has(text)", False),
        ('channel == "de"', 'lang == "de"', False),
    ],
)
def test_implied_by_form(one: str, other: str, holds: bool) -> None:
    first, second = compile_expression(one, NAMES)[0], compile_expression(other, NAMES)[0]
    assert first is not None
    assert second is not None
    assert implies(form(first.tree), form(second.tree)) is holds


@pytest.mark.parametrize(
    ("source", "never"),
    [
        ('lang == "de" && lang == "en"', True),
        ('lang == "de" && lang != "de"', True),
        ('lang in ["de", "en"] && lang != "de"', False),
        ("returning && !returning", True),
        ('text.has("order") && !text.has("order*")', True),
        ('text.has("order*") && !text.has("order")', False),
        ("n > 5 && n < 3", True),
        ("n > 3 && 3 >= n", True),
        ("n >= 3 && n <= 3", False),
        ('returning || lang == "de"', False),
        ('(n > 2 && n < 1) || (lang == "de" && lang == "en")', True),
        ('tags.has("a") && tags.has("b")', False),
    ],
)
def test_what_can_never_be_true(source: str, never: bool) -> None:
    assert contradiction(form(tree(source))) is never


def test_it_is_true_whatever_the_facts_are() -> None:
    """Conditions made by chance: where one is said to imply another, no facts say otherwise, and the same for those never true."""
    rng = random.Random(8)
    known = [made(rng, 3) for _ in range(400)]
    situations = [facts(rng) for _ in range(150)]
    held = [[one.holds(situation) for situation in situations] for one in known]
    told = 0
    for one, mine in zip(known, held, strict=True):
        assert not (contradiction(form(one.tree)) and any(mine)), one.source
        for other, theirs in zip(known, held, strict=True):
            if implies(form(one.tree), form(other.tree)):
                told += one.source != other.source and any(mine)
                assert all(theirs[at] for at, holds in enumerate(mine) if holds), (one.source, other.source)
    assert told > 200


def tree(source: str) -> grammar.Node:
    found, faults = compile_expression(source, NAMES)
    assert found is not None, faults
    return found.tree


def made(rng: random.Random, depth: int) -> Expression:
    found, faults = compile_expression(_made(rng, depth), NAMES)
    assert found is not None, faults
    return found


def _made(rng: random.Random, depth: int) -> str:
    if depth and rng.random() < 0.4:
        parts = [f"({_made(rng, depth - 1)})" for _ in range(rng.randint(1, 3))]
        return rng.choice(("", "!")) + f"({rng.choice((' && ', ' || ')).join(parts)})"
    some = rng.sample(("de", "en", "fr"), rng.randint(1, 2))
    return rng.choice(
        (
            f"n {rng.choice(('<', '<=', '>', '>=', '==', '!='))} {rng.randint(0, 3)}",
            f"{rng.randint(0, 3)} {rng.choice(('<', '<=', '>', '>=', '==', '!='))} n",
            f'lang {rng.choice(("==", "!="))} "{some[0]}"',
            f"lang in {some}".replace("'", '"'),
            f"text.has({', '.join(f'{one!r}' for one in rng.sample(SAID, rng.randint(1, 2)))})",
            f"tags.has({', '.join(f'{one!r}' for one in some)})",
            rng.choice(("returning", "has(lang)", "has(tags)")),
        )
    )


SAID = ("order", "order*", "orders", "late order", "late", "late*", "later")


def facts(rng: random.Random) -> dict[str, Any]:
    spoken = words(" ".join(rng.choices(("order", "orders", "late", "later", "and"), k=rng.randint(0, 4))))
    return {
        "lang": rng.choice(("", "de", "en", "fr", "it")),
        "channel": "",
        "tags": frozenset(rng.sample(("de", "en", "fr"), rng.randint(0, 3))),
        "n": rng.choice((-1, 0, 0.5, 1, 1.5, 2, 3, 4)),
        "returning": rng.random() < 0.5,
        "text.flat": spoken.flat,
        "text.each": spoken.each,
    }
