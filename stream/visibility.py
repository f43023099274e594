"""Who may see what, as the facts that a query filters by. `inbox/policy.py` makes these from a person and their rights."""

from __future__ import annotations

import msgspec


class Visibility(msgspec.Struct, frozen=True, kw_only=True):
    """`everything` opens all of a workspace; otherwise any of the other facts does.

    Assigned or offered to `agent`, or naming them; assigned to one of `agents` (a supervisor's people); of one of `teams`; waiting in one
    of `queues`; waiting in no queue yet when `unqueued`.
    """

    everything: bool = False
    agent: str = ""
    agents: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    unqueued: bool = False

    def params(self) -> tuple[object, ...]:
        """The parameters of the clause that the listing and searching statements share, in their order."""
        queues = [*self.queues, ""] if self.unqueued else list(self.queues)
        people = list(dict.fromkeys(name for name in (self.agent, *self.agents) if name))
        return int(self.everything), self.agent, people, list(self.teams), queues


EVERYTHING = Visibility(everything=True)
