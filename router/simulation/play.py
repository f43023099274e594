"""A checked model to a report: which router it asks for, and the run."""

from __future__ import annotations

from router.simulation.customers import Worker, workers
from router.simulation.model import Model
from router.simulation.peers import Pushing, Sweeping
from router.simulation.ports import Router
from router.simulation.report import Report, report
from router.simulation.run import Run
from router.simulation.serving import Serving
from router.simulation.tally import Tally

ROUTERS = ("engine", "push_least_open", "push_round_robin")
"""What a model may name; a sweep is given by its `tick`."""


def play(model: Model) -> tuple[Report, Tally]:
    """Run it, in the process's own time: nothing waits."""
    team = workers(model.groups)
    tally = Run(model, team, _router(model, team)).play()
    return report(model, tally), tally


def _router(model: Model, team: list[Worker]) -> Router:
    if model.tick:
        return Sweeping(model, team)
    return Serving(model, team) if model.router == "engine" else Pushing(model, team)
