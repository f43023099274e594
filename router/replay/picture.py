"""A replay as a picture: how many still wait after a while, and how busy agents are, as recorded, before and after."""

from __future__ import annotations

from math import inf

from router.replay.playing import SERVED, Playing
from router.replay.report import Report
from router.replay.survey import Survey
from router.simulation.drawing import Picture, Shape, Word
from router.simulation.plot import HEIGHT, LEFT, WIDTH, bars, curves


def picture(survey: Survey, players: list[Playing], found: Report) -> Picture:
    """Waits in minutes on the left, agents before and after on the right."""
    rows = {"recorded": [wait for wait in survey.wait if wait < inf]}
    for name, player in zip(("before", "after"), players, strict=True):
        rows[name] = [wait for wait, fate in zip(player.wait, player.fate, strict=True) if fate == SERVED]
    waits = {name: sorted(wait / 60.0 for wait in row) for name, row in rows.items()}
    said = f"{found.after.overall.conversations:,} conversations, {found.moved.agent:,} with another agent"
    shapes: list[Shape] = [Word(LEFT, 26, said, 14), *curves(waits)]
    loads = []
    for name in found.after.agents:
        for sign, side in (("", found.before), (" +", found.after)):
            one = side.agents.get(name)
            if one is not None and one.utilisation is not None:
                loads.append((f"{name}{sign}", one.utilisation))
    return Picture(WIDTH, HEIGHT, [*shapes, *bars(loads, "utilisation; + is after")])
