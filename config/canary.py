"""What is kept of a canary that was given up: why, with the active configuration, so that a restart or a reload of the same one does not begin it anew."""

from __future__ import annotations

from typing import Any

import structlog

from config.load import ENDED, Loaded, digest_of
from router.canary import Canary
from stream import reads
from stream.commands import AgentFacts, ApplyConfig, Refused
from stream.ids import new_token
from stream.journal import Journal

_log = structlog.get_logger(__name__)


def carried(loaded: Loaded, key: bytes, active: object) -> tuple[dict[str, Any], str]:
    """The bundle of checked files and its hash; with what the active one says of the same canary's end."""
    bundle, digest = loaded.bundle(key)
    before = active.get(ENDED) if isinstance(active, dict) else None
    canary = loaded.house.plan.canary
    if canary is None or not isinstance(before, dict) or before.get("mark") != canary.mark:
        return bundle, digest
    bundle = {**bundle, ENDED: before}
    return bundle, digest_of(bundle)


async def give_up(journal: Journal, canary: Canary, reason: str, agents: tuple[AgentFacts, ...]) -> None:
    """Make the configuration active in which this canary has ended, unless another one is by now. Raises `StoreError`."""
    active = await reads.active_config(journal.store)
    if active is None or not isinstance(active.bundle, dict) or ENDED in active.bundle:
        return
    bundle = {**active.bundle, ENDED: {"mark": canary.mark, "reason": reason}}
    by = f"{canary.title} was given up: {reason}"
    command = ApplyConfig(
        token=new_token(), hash=digest_of(bundle), bundle=bundle, agents=agents, by=by[:500]
    )
    result = await journal.submit(command)
    if isinstance(result, Refused):
        _log.error("canary_end_not_kept", reason=result.sentence)
        return
    _log.warning("canary_given_up", canary=canary.name, file=canary.file, reason=reason)
