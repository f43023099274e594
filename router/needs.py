"""What a conversation needs of an agent, as text and as a structure: skills with a least level, alternatives, exclusions, names, wishes.

`billing` or `lang.de >= 3`: a skill, at least at a level     `team:red`, `agent:ann`: somebody of that team, that agent
`billing >= 2 | technical`: any of these                     `not trainee`: nobody who has this
`prefer lang.de >= 3`: who has it goes first, nobody waits for it
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec

from router.names import nearest

_NEED = re.compile(r"\s*(?:(agent|team):)?([A-Za-z0-9_][\w.\-@]*)\s*(?:(>=|[<>=!]+)\s*([^\s|]*)\s*)?")
_MODE = re.compile(r"\s*(not|prefer)\s+")
MOST_ALTERNATIVES = 20


class Need(msgspec.Struct, frozen=True, order=True):
    """At least `level` in `skill`; of another `kind` it is the name of an agent or a team."""

    skill: str
    level: int = 1
    kind: str = "skill"

    def __str__(self) -> str:
        if self.kind != "skill":
            return f"{self.kind}:{self.skill}"
        return f"{self.skill}>={self.level}" if self.level > 1 else self.skill


class Clause(msgspec.Struct, frozen=True, order=True):
    """One line of requirements: any of `needs`; or none of them (`not`); or better with them (`prefer`)."""

    needs: tuple[Need, ...]
    mode: str = ""

    def __str__(self) -> str:
        said = " | ".join(map(str, self.needs))
        return f"{self.mode} {said}" if self.mode else said


class Wants(NamedTuple):
    """All requirements of an item in one form: `every` one, one of each of `some`, `none`, and `wishes` (each one of)."""

    every: tuple[Need, ...] = ()
    some: tuple[tuple[Need, ...], ...] = ()
    none: tuple[Need, ...] = ()
    wishes: tuple[tuple[Need, ...], ...] = ()

    def words(self) -> list[str]:
        """All of it as texts."""
        return [
            *map(str, self.every),
            *(" | ".join(map(str, one)) for one in self.some),
            *(f"not {one}" for one in self.none),
            *(f"prefer {' | '.join(map(str, one))}" for one in self.wishes),
        ]


class NeedError(ValueError):
    """`offset` is the column within the text at which it goes wrong."""

    def __init__(self, message: str, offset: int = 0, suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.suggestion = suggestion


class Closed(NamedTuple):
    """The closed lists that a requirement is read against; None: any name."""

    skills: Mapping[str, int] | None = None
    teams: Container[str] | None = None
    agents: Container[str] | None = None


def parse(text: str, skills: Mapping[str, int] | None = None) -> Need:
    """Read one skill, `billing` or `lang.de >= 3`. With `skills` (name to highest level) the list is closed. Raises `NeedError`."""
    return _one(text, Closed(skills), 0)


OPEN = Closed()


def clause(text: str, closed: Closed = OPEN, anything: re.Pattern[str] | None = None) -> Clause:
    """Read a whole line of requirements; what `anything` finds in a name (its one group) may be anything. Raises `NeedError`."""
    mode = _MODE.match(text)
    at = mode.end() if mode else 0
    found: list[Need] = []
    for part in text[at:].split("|"):
        if anything is not None and anything.search(part):
            found.append(_fitting(part, anything, closed, at))
        else:
            found.append(_one(part, closed, at))
        at += len(part) + 1
    if len(found) > MOST_ALTERNATIVES:
        raise NeedError(f"at most {MOST_ALTERNATIVES} alternatives")
    return Clause(tuple(dict.fromkeys(found)), mode[1] if mode else "")


def _one(text: str, closed: Closed, shift: int) -> Need:
    found = _NEED.fullmatch(text)
    if found is None:
        raise NeedError(f'"{text.strip()}" is not a requirement: write a skill, or a skill >= level', shift)
    kind, name, sign, level = found[1] or "skill", found[2], found[3], found[4]
    known: Container[str] | None = getattr(closed, f"{kind}s")
    if known is not None and name not in known:
        near = nearest(name, known) if isinstance(known, Iterable) else ""
        raise NeedError(f'unknown {kind} "{name}"', shift + found.start(2), near)
    if sign is None:
        return Need(name, 1, kind)
    if sign != ">=" or kind != "skill":
        said = f'"{sign}" is not possible here: a requirement is a skill >= level'
        raise NeedError(said, shift + found.start(3))
    highest = closed.skills[name] if closed.skills is not None else 5
    if not level.isascii() or not level.isdigit() or not 1 <= int(level) <= highest:
        raise NeedError(f'"{level}" is not a level of {name}: 1 to {highest}', shift + found.start(4))
    return Need(name, int(level))


def _fitting(text: str, anything: re.Pattern[str], closed: Closed, shift: int) -> Need:
    """A requirement whose name is known in part: some name of the closed list must fit it."""
    filled = anything.sub(lambda one: "x" * len(one[0]), text)
    found = _NEED.fullmatch(filled)
    if found is None:
        raise NeedError(f'"{text.strip()}" is not a requirement: write a skill, or a skill >= level', shift)
    need = _one(filled, OPEN, shift)
    known: Iterable[str] | None = getattr(closed, f"{need.kind}s")
    name = text[found.start(2) : found.end(2)]
    if known is None:
        return need
    form = re.compile(".+".join(map(re.escape, anything.split(name)[::2])))
    fits = [one for one in known if form.fullmatch(one)]
    if not fits:
        said = f'no {need.kind} is called "{name}", whatever stands in the braces'
        raise NeedError(said, shift + found.start(2), nearest(anything.sub("", name), known))
    highest = max(closed.skills[one] for one in fits) if closed.skills and need.kind == "skill" else 1
    if need.level > highest:
        raise NeedError(f'"{need.level}" is not a level of {name}: 1 to {highest}', shift + found.start(4))
    return need


@lru_cache(maxsize=4_096)
def wants(need: tuple[str, ...]) -> Wants:
    """The requirements of a row in one form whatever their order; what cannot be read is an unmeetable need."""
    clauses: list[Clause] = []
    for text in need:
        try:
            clauses.append(clause(text))
        except NeedError:
            clauses.append(Clause((Need(text),)))
    plain = [one.needs[0] for one in clauses if not one.mode and len(one.needs) == 1]
    best: dict[tuple[str, str], int] = {}
    for one in plain:
        best[(one.kind, one.skill)] = max(one.level, best.get((one.kind, one.skill), 0))
    some = {tuple(sorted(one.needs)) for one in clauses if not one.mode and len(one.needs) > 1}
    none = {need for one in clauses if one.mode == "not" for need in one.needs}
    wishes = {tuple(sorted(one.needs)) for one in clauses if one.mode == "prefer"}
    every = sorted(Need(skill, level, kind) for (kind, skill), level in best.items())
    return Wants(tuple(every), tuple(sorted(some)), tuple(sorted(none)), tuple(sorted(wishes)))


def canonical(need: tuple[str, ...]) -> tuple[Need, ...]:
    """What every agent must have, sorted, each skill once at its highest level."""
    return wants(need).every


def narrows(before: Wants, after: Wants) -> bool:
    """Whether somebody may fit `before` who does not fit `after` (wishes do not count)."""
    more = any(not any(_least(one, had) for had in before.every) for one in after.every)
    fewer = any(not any(_least(had, one) for had in before.none) for one in after.none)
    other = any(
        not any(_any(one, had) for had in before.every)
        and not any(all(_any(one, need) for need in had) for had in before.some)
        for one in after.some
    )
    return more or fewer or other


def _least(asked: Need, had: Need) -> bool:
    """Whether whoever has `had` has what is `asked`."""
    return (asked.kind, asked.skill) == (had.kind, had.skill) and asked.level <= had.level


def _any(asked: tuple[Need, ...], had: Need) -> bool:
    return any(_least(one, had) for one in asked)
