"""Running the checks of a suite, in the order of their numbers. Each stands for itself: one that breaks does not hide the others."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from connectors.conformance import faces, incoming, outgoing
from connectors.conformance.suite import REQUIREMENTS, Broken, NotApplicable, Result, Suite

CHECKS: dict[str, Callable[[Suite], Any]] = {
    check.__name__.strip("_").upper(): check for check in (*faces.CHECKS, *incoming.CHECKS, *outgoing.CHECKS)
}
assert list(CHECKS) == list(REQUIREMENTS)  # every requirement has its check, and the other way round


async def judge(suite: Suite, requirement: str) -> Result:
    """The verdict on one requirement."""
    if requirement in suite.exempt:
        return Result(requirement, "exempt", suite.exempt[requirement])
    try:
        done = CHECKS[requirement](suite)
        if inspect.isawaitable(done):
            await done
    except NotApplicable as reason:
        return Result(requirement, "n/a", str(reason))
    except Broken as fault:
        return Result(requirement, "fail", str(fault))
    except Exception as error:  # noqa: BLE001  # a defect of the connector is a finding, not the end of the report
        return Result(requirement, "fail", f"{type(error).__name__}: {error}"[:500])
    return Result(requirement, "pass")


async def judge_all(suite: Suite) -> list[Result]:
    """The verdicts on all requirements, in order."""
    return [await judge(suite, requirement) for requirement in REQUIREMENTS]


def run(suite: Suite) -> list[Result]:
    """The same from code that is not asynchronous."""
    return asyncio.run(judge_all(suite))
