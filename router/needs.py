"""What a conversation needs of an agent: skills with a least level, as text and as a pair."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from router.names import nearest

_NEED = re.compile(r"\s*([A-Za-z0-9_][\w.\-]*)\s*(?:(>=|[<>=!]+)\s*(\S*)\s*)?$")


class Need(msgspec.Struct, frozen=True, order=True):
    """At least `level` in `skill`."""

    skill: str
    level: int = 1

    def __str__(self) -> str:
        return f"{self.skill}>={self.level}" if self.level > 1 else self.skill


class NeedError(ValueError):
    """`offset` is the column within the text at which it goes wrong."""

    def __init__(self, message: str, offset: int = 0, suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.suggestion = suggestion


def parse(text: str, skills: Mapping[str, int] | None = None) -> Need:
    """Read `billing` or `lang.de >= 3`. With `skills` (name to highest level) the list is closed. Raises `NeedError`."""
    found = _NEED.match(text)
    if found is None:
        raise NeedError(f'"{text}" is not a requirement: write a skill, or a skill >= level')
    skill, sign, level = found[1], found[2], found[3]
    if skills is not None and skill not in skills:
        raise NeedError(f'unknown skill "{skill}"', found.start(1), nearest(skill, skills))
    if sign is None:
        return Need(skill)
    if sign != ">=":
        raise NeedError(f'"{sign}" is not possible here: a requirement is a skill >= level', found.start(2))
    highest = skills[skill] if skills is not None else 5
    if not level.isascii() or not level.isdigit() or not 1 <= int(level) <= highest:
        raise NeedError(f'"{level}" is not a level of {skill}: 1 to {highest}', found.start(3))
    return Need(skill, int(level))


@lru_cache(maxsize=4_096)
def canonical(need: tuple[str, ...]) -> tuple[Need, ...]:
    """The requirements of a row, sorted, each skill once at its highest level; what cannot be read is an unmeetable need."""
    best: dict[str, int] = {}
    for text in need:
        try:
            one = parse(text)
        except NeedError:
            one = Need(text)
        best[one.skill] = max(one.level, best.get(one.skill, 0))
    return tuple(sorted(Need(skill, level) for skill, level in best.items()))
