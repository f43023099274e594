"""What looks like a mistake in the settings around the rules: closings that lead nowhere, times that overlap, texts with braces. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from router.hours import DAYS, parse_days, parse_span
from router.inputs import Colleague
from router.routing import Path, Problem, Routing

_BRACES = re.compile(r"\{[\w.]+\}")


def lint(content: Routing, team: Sequence[Colleague]) -> Iterator[Problem]:
    """Everything, with its place; `team` empty: who there is is not known."""
    yield from _closings(content)
    yield from _overlaps(content)
    yield from _braces(content)
    for name, channel in content.channels.items():
        if channel.max == 0 and not any(agent.caps.get(name) for agent in team):
            yield Problem(
                ("channels", name, "max"), f"nobody ever gets anything of {name}: at most 0 at once"
            )
    for key, names in (("tags", content.tags), ("attributes", content.attributes)):
        for index, name in enumerate(names):
            if name in names[:index]:
                yield Problem((key, index), f'"{name}" stands here twice')


def _closings(content: Routing) -> Iterator[Problem]:
    for name, queue in content.queues.items():
        path: Path = ("queues", name, "closed", "queue")
        if not queue.hours and (queue.closed.queue or queue.closed.offer):
            yield Problem(path[:3], "this queue has no hours, so it is never closed", key=True)
        other = content.queues.get(queue.closed.queue)
        if queue.closed.queue == name:
            yield Problem(path, "this is the queue itself: what arrives while it is closed stays in it")
        elif other is not None and other.hours and other.hours == queue.hours and not other.closed.offer:
            yield Problem(path, f'"{queue.closed.queue}" has the same hours, so it is closed as well')


def _overlaps(content: Routing) -> Iterator[Problem]:
    """Times of one weekday under several keys: they add up, which is seldom meant where they overlap."""
    for name, hours in content.hours.items():
        spans = sorted(
            (day, *parse_span(text), key)
            for key, times in hours.week.items()
            for text in times
            for day in parse_days(key)
        )
        for before, after in pairwise(spans):
            if before[0] == after[0] and after[1] < before[2] and before[3] != after[3]:
                said = f'{DAYS[after[0]]} has these times and those of "{before[3]}", which overlap: all of them count'
                yield Problem(("hours", name, "week", after[3]), said, key=True)
                break


def _braces(content: Routing) -> Iterator[Problem]:
    """Nothing is filled in where only a fixed text is sent."""
    texts: list[tuple[Path, str]] = [
        (("rules", index, "steps", number, "say"), step.say)
        for index, rule in enumerate(content.rules)
        for number, step in enumerate(rule.steps)
    ]
    for index, one in enumerate(content.automations):
        texts += [(("automations", index, "do", key), getattr(one.do, key)) for key in ("reply", "note")]
    for path, text in texts:
        for found in _BRACES.finditer(text):
            said = f"{found[0]} is not filled in here: it is sent as it stands"
            yield Problem(path, said, offset=found.start())
