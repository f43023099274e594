"""A tree with places to typed structs: every fault at once, each at its own line and column.

It knows types, not meanings: whether a skill exists is asked in `crosscheck`. `msgspec.convert` would stop at the first fault and
cannot say where it is; so the walk here follows the same type information.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import inspect

from config import units
from config.errors import Mark, Problem, nearest
from config.leaves import BROKEN, bare, fit, got, length, limits, quote, say, takes, wrong
from config.references import Missing, Sources, expand, secret
from config.yaml_positions import Entry, Mapping, Node, Scalar, Sequence, plain
from connectors.contract import Secret


class Shape:
    """Reads nodes as types; `problems` grows, `secrets` collects (place, value) of every secret that was resolved."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.problems: list[Problem] = []
        self.secrets: list[tuple[Mark, str]] = []

    def read(self, node: Node, kind: Any) -> Any:
        """The value of `node` as the Python type `kind`, or `BROKEN`."""
        return self._read(node, inspect.type_info(kind), None)

    def _bad(self, mark: Mark, message: str, suggestion: str = "") -> Any:
        self.problems.append(Problem(mark, message, suggestion))
        return BROKEN

    def _read(self, node: Node, kind: inspect.Type, extra: dict[str, Any] | None) -> Any:
        if isinstance(kind, inspect.Metadata):
            return self._read(node, kind.type, {**(extra or {}), **(kind.extra or {})})
        if isinstance(kind, inspect.UnionType):
            return self._union(node, kind, extra)
        if isinstance(kind, inspect.StructType):
            return self._struct(node, kind)
        if isinstance(kind, inspect.DictType):
            return self._dict(node, kind)
        if isinstance(kind, tuple(_LISTS)):
            return self._list(node, kind)
        if isinstance(kind, inspect.AnyType):
            return plain(node)
        return self._leaf(node, kind, extra or {})

    # --- what holds other values -------------------------------------------------------------------------------

    def _struct(self, node: Node, kind: inspect.StructType) -> Any:
        if not isinstance(node, Mapping):
            return self._bad(node.mark, f"expected {say(kind)}, got {got(node)}")
        fields = {field.encode_name: field for field in kind.fields}
        known = [*fields, *([kind.tag_field] if kind.tag_field else [])]
        for key, entry in node.entries.items():
            if key not in known:
                self._bad(entry.key, f'unknown key "{key}"', nearest(key, known))
        values = {
            field.name: self._read(node.entries[name].node, field.type, None)
            for name, field in fields.items()
            if name in node.entries
        }
        for name, field in fields.items():
            if field.required and name not in node.entries:
                self._bad(node.mark, f'the key "{name}" is missing')
                values[field.name] = BROKEN
        if any(value is BROKEN for value in values.values()):
            return BROKEN
        return self._make(node, kind.cls, values)

    def _make(self, node: Mapping, make: type, values: dict[str, Any]) -> Any:
        try:
            return make(**values)
        except (ValueError, TypeError) as fault:
            return self._bad(*_blame(node, str(fault)))

    def _dict(self, node: Node, kind: inspect.DictType) -> Any:
        if not isinstance(node, Mapping):
            return self._bad(node.mark, f"expected a mapping (key: value), got {got(node)}")
        found: dict[Any, Any] = {}
        for name, entry in node.entries.items():
            key = self._key(name, entry, kind.key_type)
            value = self._read(entry.node, kind.value_type, None)
            found[key] = value
        return BROKEN if any(key is BROKEN or value is BROKEN for key, value in found.items()) else found

    def _key(self, name: str, entry: Entry, kind: inspect.Type) -> Any:
        text = isinstance(bare(kind), inspect.StrType | inspect.LiteralType)
        value = name if text or not name.lstrip("-").isdigit() else int(name)
        return self._read(Scalar(entry.key, value, name), kind, None)

    def _list(self, node: Node, kind: Any) -> Any:
        if not isinstance(node, Sequence):
            return self._bad(node.mark, f"expected a list, got {got(node)}")
        if isinstance(kind, inspect.TupleType):
            kinds = kind.item_types
            if len(kinds) != len(node.items):
                return self._bad(node.mark, f"expected a list of {len(kinds)} values, got {len(node.items)}")
        else:
            kinds = (kind.item_type,) * len(node.items)
            if fault := length(len(node.items), kind, "values"):
                return self._bad(node.mark, fault)
        values = [self._read(item, of, None) for item, of in zip(node.items, kinds, strict=True)]
        return BROKEN if any(value is BROKEN for value in values) else _LISTS[type(kind)](values)

    def _union(self, node: Node, kind: inspect.UnionType, extra: dict[str, Any] | None) -> Any:
        if isinstance(node, Scalar) and node.value is None and kind.includes_none:
            return None
        fitting = [of for of in kind.types if takes(bare(of), node)]
        tagged = [of for of in fitting if isinstance(of, inspect.StructType) and of.tag_field]
        if isinstance(node, Mapping) and len(tagged) > 1:
            return self._tagged(node, tagged)
        if len(fitting) == 1:
            return self._read(node, fitting[0], extra)
        if not fitting:
            names = " or ".join(say(bare(of)) for of in kind.types if not isinstance(of, inspect.NoneType))
            return self._bad(node.mark, f"expected {names}, got {got(node)}")
        return self._first(node, fitting, extra)

    def _first(self, node: Node, kinds: list[inspect.Type], extra: dict[str, Any] | None) -> Any:
        """The first kind that reads without a fault; if none does, the faults of the last."""
        before = len(self.problems)
        value = BROKEN
        for kind in kinds:
            del self.problems[before:]
            value = self._read(node, kind, extra)
            if value is not BROKEN and len(self.problems) == before:
                return value
        return value

    def _tagged(self, node: Mapping, kinds: list[inspect.StructType]) -> Any:
        field = str(kinds[0].tag_field)
        tags = {str(kind.tag): kind for kind in kinds}
        entry = node.entries.get(field)
        if entry is None:
            return self._bad(node.mark, f'the key "{field}" is missing; one of {", ".join(sorted(tags))}')
        tag = entry.node.text if isinstance(entry.node, Scalar) else ""
        if tag not in tags:
            said = f'unknown {field} "{tag}"; one of {", ".join(sorted(tags))}'
            return self._bad(entry.node.mark, said, nearest(tag, tags))
        return self._struct(node, tags[tag])

    # --- leaves ------------------------------------------------------------------------------------------------

    def _leaf(self, node: Node, kind: inspect.Type, extra: dict[str, Any]) -> Any:
        if not isinstance(node, Scalar):
            return self._bad(node.mark, f"expected {say(kind)}, got {got(node)}")
        if isinstance(kind, inspect.CustomType) and kind.cls is Secret:
            return self._secret(node)
        if "unit" in extra:
            return self._unit(node, extra["unit"], kind)
        value = fit(node.value, kind)
        if value is BROKEN:
            return self._bad(node.mark, *wrong(node, kind))
        if extra.get("expand"):
            return self._expand(node, value)
        if fault := limits(value, kind):
            return self._bad(node.mark, fault)
        return value

    def _unit(self, node: Scalar, unit: str, kind: inspect.Type) -> Any:
        try:
            value: float = units.size(node.text) if unit == "size" else units.duration(node.text)
        except ValueError as fault:
            return self._bad(node.mark, f"{fault}; got {quote(node.text)}")
        if fault_text := limits(value, kind):
            return self._bad(node.mark, fault_text)
        return value

    def _secret(self, node: Scalar) -> Any:
        if not isinstance(node.value, str):
            return self._bad(node.mark, "expected a secret: ${NAME} or file:PATH")
        try:
            value = secret(node.value, self.sources)
        except Missing as fault:
            return self._bad(node.mark, str(fault))
        self.secrets.append((node.mark, value))
        return Secret(value)

    def _expand(self, node: Scalar, value: str) -> Any:
        try:
            return expand(value, self.sources)
        except Missing as fault:
            return self._bad(node.mark, str(fault))


def _blame(node: Mapping, said: str) -> tuple[Mark, str]:
    """A struct's own check may begin its sentence with the key (`hours[2]: ...`): then that value is the place."""
    if (found := re.match(r"(\w+)(?:\[(\d+)\])?: ", said)) and found[1] in node.entries:
        value = node.entries[found[1]].node
        if found[2] and isinstance(value, Sequence) and int(found[2]) < len(value.items):
            value = value.items[int(found[2])]
        return value.mark, said[found.end() :]
    return node.mark, said


_LISTS: Any = {
    inspect.ListType: list,
    inspect.VarTupleType: tuple,
    inspect.TupleType: tuple,
    inspect.SetType: set,
    inspect.FrozenSetType: frozenset,
}
