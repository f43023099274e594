"""Whether conditions can be true, by trying all cases that they can tell apart. Exact where the cases are few, silent where they are many.

What stands for all other values: a text just after each that is named, a number between any two, a message without the words asked for.
Numbers of the language are never negative. Names are not known to be of closed lists here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations, pairwise, product
from math import prod
from typing import Any

from router import grammar
from router.implying import SPOKEN, contradiction, form, holds

MOST_CASES = 1_024
HIGHEST = {"time.hour": 23.0}
REST = "\0"
"""Of a message or a list: something that no condition names."""
_OPS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "in": lambda one, many: one in many,
}  # fmt: skip


def settled(node: grammar.Node) -> bool | None:
    """True: it is so in every case; False: in none, or it contradicts itself by its form. None: that depends, or is not known."""
    if contradiction(form(node)):
        return False
    found: bool | None = None
    for case in _cases([node]) or ():
        held = _true(node, case)
        if held is not found and found is not None:
            return None
        found = held
    return found


def covered(node: grammar.Node, before: Sequence[grammar.Node]) -> bool:
    """Whether one of those `before` is true wherever it is."""
    cases = _cases([node, *before])
    return cases is not None and all(
        any(_true(one, case) for one in before) for case in cases if _true(node, case)
    )


def _cases(nodes: Sequence[grammar.Node]) -> Iterator[Mapping[str, Any]] | None:
    """Values of all names together; None when there are too many, or when names are compared with each other."""
    asked: dict[str, set[Any]] = {}
    if not all(_ask(node, asked) for node in nodes):
        return None
    values = {name: _values(name, wanted) for name, wanted in asked.items()}
    if prod(map(len, values.values())) > MOST_CASES:
        return None
    words = [wanted[1] for wanted in asked.get("text", ())]
    every = (dict(zip(values, case, strict=True)) for case in product(*values.values()))
    return (case for case in every if _subject_in_text(case, words))


def _ask(node: grammar.Node, asked: dict[str, set[Any]]) -> bool:
    """Note what it asks of which name; False when that is not a comparison with something written out."""
    if isinstance(node, grammar.Name):
        asked.setdefault(node.name, set())
    elif isinstance(node, grammar.Has):
        asked.setdefault(node.name, set()).update(("has", item.value) for item in node.items)
    elif isinstance(node, grammar.Not):
        return _ask(node.inner, asked)
    elif isinstance(node, grammar.Chain):
        return all(_ask(part, asked) for part in node.parts)
    elif isinstance(node, grammar.Compare):
        return _ask_compared(node, asked)
    return True


def _ask_compared(node: grammar.Compare, asked: dict[str, set[Any]]) -> bool:
    for name, value in ((node.left, node.right), (node.right, node.left)):
        if not isinstance(name, grammar.Name):
            continue
        wanted = asked.setdefault(name.name, set())
        if isinstance(value, grammar.Listing):
            wanted.update(item.value for item in value.items)
        elif isinstance(value, grammar.Literal):
            wanted.add(("has", value.value) if node.op == "in" else value.value)
        else:
            return False
    return True


def _values(name: str, wanted: set[Any]) -> Sequence[Any]:
    """Every value of a name that what is `wanted` can tell from the others; more than can be tried when there are too many."""
    said = sorted(one[1] for one in wanted if isinstance(one, tuple))
    if said or name in SPOKEN:
        if 2 ** len(said) > MOST_CASES:
            return range(MOST_CASES + 1)
        several = chain.from_iterable(combinations(said, size) for size in range(len(said) + 1))
        found = [frozenset(one) for one in several if name not in SPOKEN or _follows(one, said, one)]
        return [*found, frozenset({REST})]
    if any(isinstance(one, bool) for one in wanted) or not wanted:
        return [False, True]
    if any(isinstance(one, str) for one in wanted):
        return ["", *(text for one in sorted(wanted) for text in (one, one + REST))]
    numbers = sorted({0.0, *map(float, wanted)})
    between = [(low + high) / 2 for low, high in pairwise(numbers)]
    return [one for one in (*numbers, *between, numbers[-1] + 1) if one <= HIGHEST.get(name, one)]


def _follows(there: Iterable[str], asked: Iterable[str], found: Container[str]) -> bool:
    """Whether, of what is asked for, everything is `found` that is part of what is `there`."""
    return all(other in found for one in there for other in asked if holds(one, other))


def _subject_in_text(case: Mapping[str, Any], asked: Iterable[str]) -> bool:
    """A subject is a part of the message."""
    subject, text = case.get("subject"), case.get("text")
    return not subject or text is None or (bool(text) and _follows(subject, asked, text))


def _true(node: grammar.Node, case: Mapping[str, Any]) -> bool:
    if isinstance(node, grammar.Not):
        return not _true(node.inner, case)
    if isinstance(node, grammar.Chain):
        return (any if node.op == "||" else all)(_true(part, case) for part in node.parts)
    if isinstance(node, grammar.Has) and node.items:
        return any(item.value in case[node.name] for item in node.items)
    if isinstance(node, grammar.Compare):
        return _OPS[node.op](_value(node.left, case), _value(node.right, case))
    return bool(_value(node, case))


def _value(node: grammar.Node, case: Mapping[str, Any]) -> Any:
    if isinstance(node, grammar.Name | grammar.Has):
        return case[node.name]
    if isinstance(node, grammar.Listing):
        return [item.value for item in node.items]
    assert isinstance(node, grammar.Literal)
    return node.value
