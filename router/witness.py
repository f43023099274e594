"""What of the facts decided which rule holds, in words of the rules file: enough to decide again, and nothing else that is known of a customer.

Of a message it is the words that conditions look for and that are in it; of what is known of a contact it is the value where a condition
names that value, and else only that there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from router import grammar
from router.expressions import Expression
from router.words import pattern

OTHER = "…"
"""Stands for a value that no condition names, and for the rest of a message."""
MOST = 40
PERSONAL = ("address", "domain", "contact.")
SPOKEN = ("text", "subject")
_ORDERED = frozenset({"<", "<=", ">", ">="})


class Looks(msgspec.Struct, frozen=True, kw_only=True):
    """What conditions look for: `texts` that they name, `words` and `pieces` of messages. The values of `whole` names are needed as they are."""

    texts: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    pieces: tuple[str, ...] = ()
    whole: frozenset[str] = frozenset()


def looks(conditions: Iterable[Expression], whole: Iterable[str] = ()) -> Looks:
    """What all these look for together."""
    texts: set[str] = set()
    plain = set(whole)
    nodes = [node for one in conditions for node in _nodes(one.tree)]
    for node in nodes:
        if isinstance(node, grammar.Literal) and isinstance(node.value, str):
            texts.add(node.value)
        elif isinstance(node, grammar.Compare):
            sides = (node.left, node.right)
            if node.op in _ORDERED or not any(
                isinstance(one, grammar.Literal | grammar.Listing) for one in sides
            ):
                plain |= {one.name for one in sides if isinstance(one, grammar.Name)}
    found = [one for text in texts if (one := pattern(text)) is not None]
    return Looks(
        texts=frozenset(texts),
        words=frozenset(one.word for one in found if one.word),
        pieces=tuple(sorted(one.piece for one in found if one.piece)),
        whole=frozenset(plain),
    )


def _nodes(node: Any) -> Iterator[grammar.Node]:
    yield node
    for name in node.__struct_fields__:
        inner = getattr(node, name)
        for one in inner if isinstance(inner, tuple) else (inner,):
            if isinstance(one, grammar.Node):
                yield from _nodes(one)


def seen(names: Iterable[str], looked: Looks, values: Mapping[str, Any]) -> dict[str, Any]:
    """The facts under these names, as far as conditions can tell one from another."""
    return {name: _seen(name, looked, values) for name in sorted(names)}


def _seen(name: str, looked: Looks, values: Mapping[str, Any]) -> Any:
    if name in SPOKEN:
        each, flat = values[f"{name}.each"], values[f"{name}.flat"]
        found = [*sorted(looked.words & each), *(one for one in looked.pieces if one in flat)]
        return [*found[:MOST], *([OTHER] if each else [])]
    value = values[name]
    if isinstance(value, frozenset):
        return sorted(value)[:MOST]
    if name.startswith(PERSONAL) and value and value not in looked.texts and name not in looked.whole:
        return OTHER
    return value[:100] if isinstance(value, str) else value


def values(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts for conditions, from what was seen of them."""
    found: dict[str, Any] = {}
    for name, value in facts.items():
        if name in SPOKEN:
            found[f"{name}.each"] = frozenset(value)
            found[f"{name}.flat"] = "\n".join(value)
        else:
            found[name] = frozenset(value) if isinstance(value, list) else value
    return found
