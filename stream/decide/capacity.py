"""Whether an agent has room: the one place that says so."""

from __future__ import annotations

from stream.decide.draft import Draft
from stream.model import Agent


def has_room(agent: Agent, units: int, connector: str, *, already: int = 0, counted: bool = False) -> bool:
    """Room for `units` more, of which `already` are theirs, and for one more of `connector` unless it is `counted` already."""
    cap = agent.caps.get(connector)
    below_cap = cap is None or counted or agent.held.get(connector, 0) < cap
    return below_cap and agent.load + units - already <= agent.capacity


def require_room(draft: Draft, agent: Agent, units: int, connector: str, conversation: str) -> None:
    """Refuse with a sentence when there is none."""
    if has_room(agent, units, connector):
        return
    cap = agent.caps.get(connector)
    held = agent.held.get(connector, 0)
    if cap is not None and held >= cap:
        sentence = f"{agent.name or agent.id} already has {held} of {cap} {connector} conversations."
    else:
        sentence = (
            f"{agent.name or agent.id} has {agent.load} of {agent.capacity} units taken; this needs {units}."
        )
    draft.refuse("capacity", sentence, conversation)
