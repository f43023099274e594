"""Reading what a plan needs, in one go for everybody. What was just appended in this process costs no database."""

from __future__ import annotations

from inbox.live.plan import Known, Plan
from inbox.loading import kin_of, rows_with_views
from inbox.ports import Services
from stream import reads
from stream.events import Scope


async def learn(services: Services, plan: Plan) -> Known:
    """Bodies, conversations that come into sight, and the conversations of changed contacts. Raises `StoreError`."""
    if not (plan.contents or plan.conversations or plan.contacts or plan.identities):
        return Known()
    contents = await services.journal.contents(list(plan.contents)) if plan.contents else {}
    found = await rows_with_views(services, list(plan.conversations)) if plan.conversations else ({}, {})
    return Known(contents=contents, rows=found[0], views=found[1], kin=await _kin(services, plan))


async def _kin(services: Services, plan: Plan) -> dict[str, tuple[Scope, ...]]:
    kin: dict[str, tuple[Scope, ...]] = {}
    if plan.identities:
        for identity in (await reads.identities(services.store, list(plan.identities))).values():
            kin[identity.id] = await kin_of(services, identity.contact)
    for contact in plan.contacts:
        kin[contact] = await kin_of(services, contact)
    return kin
