"""Whether a condition implies another, or contradicts itself, as far as their form tells. What is told is true; not all that is true is told.

Known are: the same test, fewer or more of them, values of closed lists, ranges of numbers, negations, and words under a prefix.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from router import grammar
from router.words import pattern

SPOKEN = frozenset({"text", "subject"})
"""Facts that are searched by words; others hold their values as they are."""
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_FAR = float("inf")
Bound = tuple[float, int]
"""A number, and by what it is missed: (3, 1) is just above 3, (3, -1) just below."""
Range = tuple[Bound, Bound]
Compared = tuple[str, str, object]
_PLACES = frozenset({"start", "end", "op_at"})


class Form(msgspec.Struct, frozen=True):
    """A condition or a part of one, read once: `op` is "||", "&&", "!" or "" for a test, `says` all of it but where it stands.

    A test may ask for one of the `values` of a name, for none like the one `without`, for a number within `span`; `has` is one by words.
    """

    op: str
    says: tuple[object, ...]
    parts: tuple[Form, ...] = ()
    has: grammar.Has | None = None
    values: tuple[str, frozenset[object]] | None = None
    without: tuple[str, object] | None = None
    span: tuple[str, Range] | None = None


def form(node: grammar.Node) -> Form:
    """The form of a condition."""
    if isinstance(node, grammar.Chain):
        parts = tuple(map(form, node.parts))
        return Form(node.op, (node.op, *(part.says for part in parts)), parts)
    if isinstance(node, grammar.Not):
        inner = form(node.inner)
        return Form("!", ("!", inner.says), (inner,))
    compared = _compared(node)
    return Form(
        "", _says(node), (), node if isinstance(node, grammar.Has) else None,
        _values(node, compared), _without(compared), _range(compared),
    )  # fmt: skip


def implies(one: Form, other: Form) -> bool:
    """Whether `other` holds wherever `one` does, as far as their form tells."""
    if one.op == "||":
        return all(implies(part, other) for part in one.parts)
    if other.op == "||" and any(implies(one, part) for part in other.parts):
        return True
    if other.op == "&&" and all(implies(one, part) for part in other.parts):
        return True
    if one.op == "&&":
        return any(implies(part, other) for part in one.parts)
    if one.op == other.op == "!":
        return implies(other.parts[0], one.parts[0])
    return one.says == other.says or _narrower(one, other)


def contradiction(one: Form) -> bool:
    """Whether a condition asks one thing to be two, as far as its form tells."""
    if one.op == "||":
        return all(contradiction(part) for part in one.parts)
    return one.op == "&&" and (_apart(one.parts) or any(contradiction(part) for part in one.parts))


def _apart(parts: tuple[Form, ...]) -> bool:
    """Whether tests that must hold together cannot."""
    values: dict[str, frozenset[object]] = {}
    ranges: dict[str, Range] = {}
    for part in parts:
        found, span = part.values, part.span
        if found is not None:
            values[found[0]] = values.get(found[0], found[1]) & found[1]
        if span is not None:
            known = ranges.get(span[0], span[1])
            ranges[span[0]] = max(known[0], span[1][0]), min(known[1], span[1][1])
    for part in parts:
        without = part.without
        if without is not None and without[0] in values:
            values[without[0]] -= {without[1]}
        if part.op == "!" and any(implies(one, part.parts[0]) for one in parts if one is not part):
            return True
    return not all(values.values()) or any(low > high for low, high in ranges.values())


def _narrower(one: Form, other: Form) -> bool:
    if one.has is not None and other.has is not None and one.has.name == other.has.name:
        asked = other.has
        return not asked.items or (bool(one.has.items) and all(_asked(item, asked) for item in one.has.items))
    first, second = one.values, other.values
    if first is not None:
        without = other.without
        if without is not None and without[0] == first[0]:
            return without[1] not in first[1]
        if second is not None and second[0] == first[0]:
            return first[1] <= second[1]
    small, large = one.span, other.span
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


def _values(node: grammar.Node, compared: Compared | None) -> tuple[str, frozenset[object]] | None:
    """The name and the values of `name == value` and `name in [values]`."""
    if compared is not None and compared[1] == "==":
        return compared[0], frozenset({compared[2]})
    if not isinstance(node, grammar.Compare) or node.op != "in" or not isinstance(node.left, grammar.Name):
        return None
    right = node.right
    return (
        (node.left.name, frozenset(item.value for item in right.items))
        if isinstance(right, grammar.Listing)
        else None
    )


def _without(compared: Compared | None) -> tuple[str, object] | None:
    """The name and the value of `name != value`."""
    return (compared[0], compared[2]) if compared is not None and compared[1] == "!=" else None


def _range(compared: Compared | None) -> tuple[str, Range] | None:
    """The name, and between which numbers a comparison puts it."""
    if compared is None or compared[1] == "!=":
        return None
    name, op, value = compared
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = float(value)
    low = (-_FAR, 0) if op in {"<", "<="} else (number, int(op == ">"))
    high = (_FAR, 0) if op in {">", ">="} else (number, -int(op == "<"))
    return name, (low, high)


def _compared(node: grammar.Node) -> Compared | None:
    """Name, operator and value of a comparison, the name on the left."""
    if not isinstance(node, grammar.Compare) or node.op not in _FLIPPED:
        return None
    if isinstance(node.left, grammar.Name) and isinstance(node.right, grammar.Literal):
        return node.left.name, node.op, node.right.value
    if isinstance(node.right, grammar.Name) and isinstance(node.left, grammar.Literal):
        return node.right.name, _FLIPPED[node.op], node.left.value
    return None


def _says(node: grammar.Node) -> tuple[object, ...]:
    """A test without its places, as something that compares."""
    said: list[object] = [type(node).__name__]
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if isinstance(value, grammar.Node):
            said.append(_says(value))
        elif isinstance(value, tuple):
            said.append(tuple(map(_says, value)))
        elif name not in _PLACES:
            said.append(value)
    return tuple(said)
