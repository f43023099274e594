"""What goes by the clock and the active configuration alone: which queues are closed, who is off duty. Told to every page when it changes.

The frame is whole: a queue that it does not name is open, an agent whom it does not name is on duty. So one that was missed is made good by the next.
"""

from __future__ import annotations

from collections.abc import Mapping

from inbox.live.frames import hours_frame
from inbox.ports import ON_DUTY, Services
from stream.model import Agent

NOTHING = hours_frame({}, {})
NEVER = float("inf")


class ByClock:
    """`frame` is how it was when last looked at; `changes`: there is something that the clock changes or has changed."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._seen: object = None
        self._due = 0.0
        self.frame = NOTHING

    @property
    def changes(self) -> bool:
        """Whether anybody need be told at all."""
        return self.frame != NOTHING or self._due < NEVER

    def look(self, agents: Mapping[str, Agent]) -> bool:
        """Look at everybody again if something may have changed: the files, the team, or by the clock. Answers whether it has."""
        house, now = self._services.house(), self._services.now()
        seen = (house.version, frozenset((agent.id, agent.teams) for agent in agents.values()))
        if seen == self._seen and now < self._due:
            return False
        before, self._seen = self.frame, seen
        queues = {queue.id: self._services.opening(queue.id) for queue in house.queues}
        duties = {agent.id: self._services.duty(agent) for agent in agents.values()}
        moments = [one.until for one in queues.values()] + [one.until for one in duties.values()]
        self._due = min(filter(None, moments), default=NEVER)
        self.frame = hours_frame(
            {ident: one for ident, one in queues.items() if one.closed},
            {login: one for login, one in duties.items() if one != ON_DUTY},
        )
        return self.frame != before
