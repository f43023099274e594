"""Whether a condition implies another, or contradicts itself, as far as their form tells. What is told is true; not all that is true is told.

Known are: the same test, fewer or more of them, values of closed lists, ranges of numbers, negations, and words under a prefix.
"""

from __future__ import annotations

from functools import lru_cache

from router import grammar
from router.words import pattern

SPOKEN = frozenset({"text", "subject"})
"""Facts that are searched by words; others hold their values as they are."""
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_FAR = float("inf")
Bound = tuple[float, int]
"""A number, and by what it is missed: (3, 1) is just above 3, (3, -1) just below."""
Range = tuple[Bound, Bound]


def implies(one: grammar.Node, other: grammar.Node) -> bool:
    """Whether `other` holds wherever `one` does, as far as their form tells."""
    if isinstance(one, grammar.Chain) and one.op == "||":
        return all(implies(part, other) for part in one.parts)
    if isinstance(other, grammar.Chain):
        parts = (implies(one, part) for part in other.parts)
        if (any if other.op == "||" else all)(parts):
            return True
    if isinstance(one, grammar.Chain):
        return any(implies(part, other) for part in one.parts)
    if isinstance(one, grammar.Not) and isinstance(other, grammar.Not):
        return implies(other.inner, one.inner)
    return _same(one, other) or _narrower(one, other)


def contradiction(node: grammar.Node) -> bool:
    """Whether a condition asks one thing to be two, as far as its form tells."""
    if not isinstance(node, grammar.Chain):
        return False
    if node.op == "||":
        return all(contradiction(part) for part in node.parts)
    return _apart(node.parts) or any(contradiction(part) for part in node.parts)


def _apart(parts: tuple[grammar.Node, ...]) -> bool:
    """Whether tests that must hold together cannot."""
    values: dict[str, frozenset[object]] = {}
    ranges: dict[str, Range] = {}
    for part in parts:
        found, span = _values(part), _range(part)
        if found is not None:
            values[found[0]] = values.get(found[0], found[1]) & found[1]
        if span is not None:
            known = ranges.get(span[0], span[1])
            ranges[span[0]] = max(known[0], span[1][0]), min(known[1], span[1][1])
    for part in parts:
        without = _without(part)
        if without is not None and without[0] in values:
            values[without[0]] -= {without[1]}
        if isinstance(part, grammar.Not) and any(
            implies(one, part.inner) for one in parts if one is not part
        ):
            return True
    return not all(values.values()) or any(low > high for low, high in ranges.values())


def _narrower(one: grammar.Node, other: grammar.Node) -> bool:
    if isinstance(one, grammar.Has) and isinstance(other, grammar.Has) and one.name == other.name:
        return not other.items or (bool(one.items) and all(_asked(item, other) for item in one.items))
    first, second = _values(one), _values(other)
    if first is not None:
        without = _without(other)
        if without is not None and without[0] == first[0]:
            return without[1] not in first[1]
        if second is not None and second[0] == first[0]:
            return first[1] <= second[1]
    small, large = _range(one), _range(other)
    return (
        small is not None
        and large is not None
        and small[0] == large[0]
        and small[1][0] >= large[1][0]
        and small[1][1] <= large[1][1]
    )


def _asked(item: grammar.Literal, other: grammar.Has) -> bool:
    """Whether whatever has `item` has something that `other` asks for."""
    return any(
        item.value == one.value or (other.name in SPOKEN and holds(item.value, one.value))
        for one in other.items
    )


def holds(said: object, asked: object) -> bool:
    """Whether a text in which `said` is found has `asked` too: a word under a prefix, a word of a phrase."""
    if not isinstance(said, str) or not isinstance(asked, str):
        return False
    mine, theirs = _piece(said), _piece(asked)
    return bool(mine and theirs) and theirs in mine


@lru_cache(maxsize=8_192)
def _piece(literal: str) -> str:
    """What is looked for in the flat text; "" when it holds no word at all."""
    found = pattern(literal)
    if found is None:
        return ""
    return f" {found.word} " if found.word else found.piece


def _values(node: grammar.Node) -> tuple[str, frozenset[object]] | None:
    """The name and the values of `name == value` and `name in [values]`."""
    found = _compared(node)
    if found is not None and found[1] == "==":
        return found[0], frozenset({found[2]})
    if not isinstance(node, grammar.Compare) or node.op != "in" or not isinstance(node.left, grammar.Name):
        return None
    right = node.right
    return (
        (node.left.name, frozenset(item.value for item in right.items))
        if isinstance(right, grammar.Listing)
        else None
    )


def _without(node: grammar.Node) -> tuple[str, object] | None:
    """The name and the value of `name != value`."""
    found = _compared(node)
    return (found[0], found[2]) if found is not None and found[1] == "!=" else None


def _range(node: grammar.Node) -> tuple[str, Range] | None:
    """The name, and between which numbers a comparison puts it."""
    found = _compared(node)
    if (
        found is None
        or isinstance(found[2], bool)
        or not isinstance(found[2], int | float)
        or found[1] == "!="
    ):
        return None
    name, op, number = found[0], found[1], float(found[2])
    low = (-_FAR, 0) if op in {"<", "<="} else (number, int(op == ">"))
    high = (_FAR, 0) if op in {">", ">="} else (number, -int(op == "<"))
    return name, (low, high)


def _compared(node: grammar.Node) -> tuple[str, str, object] | None:
    """Name, operator and value of a comparison, the name on the left."""
    if not isinstance(node, grammar.Compare) or node.op not in _FLIPPED:
        return None
    if isinstance(node.left, grammar.Name) and isinstance(node.right, grammar.Literal):
        return node.left.name, node.op, node.right.value
    if isinstance(node.right, grammar.Name) and isinstance(node.left, grammar.Literal):
        return node.right.name, _FLIPPED[node.op], node.left.value
    return None


def _same(one: grammar.Node, other: grammar.Node) -> bool:
    """Equal but for where they stand."""
    if type(one) is not type(other):
        return False
    for name in one.__struct_fields__:
        mine, theirs = getattr(one, name), getattr(other, name)
        if name in {"start", "end", "op_at"}:
            continue
        if isinstance(mine, grammar.Node):
            if not _same(mine, theirs):
                return False
        elif isinstance(mine, tuple):
            if len(mine) != len(theirs) or not all(map(_same, mine, theirs)):
                return False
        elif mine != theirs:
            return False
    return True
