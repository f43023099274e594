"""What is left of a section when everything is taken out whose shape is wrong: so that deeper faults of the same file are told at once.

A fault of shape is told by `shape`. What it stands on is removed from the tree, innermost first, until the rest can be read; what was
removed is remembered, so that no fault is told that only the removal has made.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from config.errors import Mark, Problem
from config.leaves import BROKEN
from config.references import Sources
from config.shape import Shape
from config.yaml_positions import Entry, Mapping, Node, Sequence, texts

ROUNDS = 200
"""At most so many removals; a section that needs more is not looked at any deeper."""


class Mended:
    """The rest of a section as `value` (`BROKEN` when there is none) and as `tree`; places are those of the file."""

    def __init__(self, tree: Node, kind: Any, sources: Sources) -> None:
        self.tree: Node = tree
        self.value: Any = BROKEN
        self.names: set[str] = set()
        self.places: set[Mark] = set()
        for _round in range(ROUNDS):
            shape = Shape(sources)
            value = shape.read(self.tree, kind)
            if not shape.problems:
                self.value = value
                return
            rest = self._without(self.tree, shape.problems[0].mark, self.tree.mark)
            if rest is None:
                return
            self.tree = rest

    def _without(self, node: Node, mark: Mark, key: Mark) -> Node | None:
        """`node`, the value of `key`, without the innermost value or key that stands at `mark`; None when nothing in it does."""
        if isinstance(node, Mapping):
            return self._mapping(node, mark, key)
        if isinstance(node, Sequence):
            return self._sequence(node, mark, key)
        return None

    def _mapping(self, node: Mapping, mark: Mark, key: Mark) -> Node | None:
        for name, entry in node.entries.items():
            inner = self._without(entry.node, mark, entry.key)
            if inner is not None:
                self.names.add(name)
                return Mapping(node.mark, {**node.entries, name: Entry(entry.key, inner)})
            if mark in (entry.key, entry.node.mark):
                self._took(node, entry.node, {key, entry.key})
                self.names.add(name)
                return Mapping(
                    node.mark, {other: kept for other, kept in node.entries.items() if other != name}
                )
        return None

    def _sequence(self, node: Sequence, mark: Mark, key: Mark) -> Node | None:
        for index, item in enumerate(node.items):
            inner = self._without(item, mark, item.mark)
            if inner is not None:
                return Sequence(node.mark, (*node.items[:index], inner, *node.items[index + 1 :]))
            if item.mark == mark:
                self._took(node, item, {key})
                return Sequence(node.mark, node.items[:index] + node.items[index + 1 :])
        return None

    def _took(self, holder: Node, node: Node, keys: set[Mark]) -> None:
        self.places |= {holder.mark, node.mark, *keys}
        self.names.update(texts(node))


def true_of_all(
    problems: Iterable[Problem], mended: Iterable[Mended], besides: Iterable[str] = ()
) -> list[Problem]:
    """The problems that are there without the removals too: they stand elsewhere and name nothing that was removed (`besides`: before)."""
    places = {place for one in mended for place in one.places}
    names = {f'"{name}"' for name in (*besides, *(name for one in mended for name in one.names)) if name}
    return [
        problem
        for problem in problems
        if problem.mark not in places and not any(name in problem.message for name in names)
    ]
