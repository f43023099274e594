"""Who may do what, and who sees what. Pure: every route, the search, the exports and each frame of the socket ask here and nowhere else.

Deny by default: a verb without a rule is refused to everybody. What it does not know: how somebody proved who they are (`auth`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from stream.events import Scope
from stream.fold import scope_of
from stream.model import DEFAULT_WORKSPACE, Agent, Conversation, Role
from stream.visibility import Visibility

RANK: dict[str, int] = {"agent": 0, "supervisor": 1, "admin": 2}


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has proved who they are, with the rights that they have at this moment.

    `people` are the agents of a supervisor's teams. `everything` is the house's `visibility: all`. Equal persons have equal rights: a
    socket is told to start over when its person changes.
    """

    login: str
    role: Role = "agent"
    teams: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    workspace: str = DEFAULT_WORKSPACE
    everything: bool = False
    bot: bool = False


def person_of(
    login: str, account_role: str, agents: Mapping[str, Agent], *, everything: bool, ceiling: str = ""
) -> Person:
    """Join an account and the agent of the same login. An agent gone from the configuration keeps only what names them.

    The higher of both roles counts; `ceiling` (of an API token) lowers it again. `agents` are all agents by login.
    """
    agent = agents.get(login)
    active = agent if agent and agent.active else None
    roles = [role for role in (account_role, active.role if active else "") if role in RANK]
    role = max(roles, key=RANK.__getitem__, default="agent")
    if ceiling in RANK and RANK[ceiling] < RANK[role]:
        role = ceiling
    teams = frozenset(active.teams) if active else frozenset()
    people = (
        {other.id for other in agents.values() if teams & set(other.teams)} if role == "supervisor" else ()
    )
    return Person(
        login=login,
        role=msgspec.convert(role, Role),
        teams=teams,
        queues=frozenset(active.queues) if active else frozenset(),
        people=frozenset(people),
        workspace=agent.workspace if agent else DEFAULT_WORKSPACE,
        everything=everything,
        bot=agent is not None and agent.kind == "bot",
    )


# --- what somebody sees --------------------------------------------------------------------------------------------


def sees(person: Person, scope: Scope) -> bool:
    """Tell whether a conversation with these facts is visible to `person`."""
    if scope.workspace != person.workspace:
        return False
    if person.role == "admin" or person.everything or holds(person, scope):
        return True
    if person.login in scope.named or (scope.waiting and scope.queue in person.queues):
        return True
    return person.role == "supervisor" and _supervises(person, scope)


def visibility(person: Person) -> Visibility:
    """The same rule as a query's filter: a list or a search finds exactly what `sees` allows."""
    leads = person.role == "supervisor"
    return Visibility(
        everything=person.role == "admin" or person.everything,
        agent=person.login,
        agents=tuple(sorted(person.people)) if leads else (),
        teams=tuple(sorted(person.teams)) if leads else (),
        queues=tuple(sorted(person.queues)),
        unqueued=leads,
    )


def holds(person: Person, scope: Scope) -> bool:
    """Tell whether it is assigned or offered to `person`: who holds a conversation gets its bodies without asking."""
    return person.login in (scope.assignee, scope.offered) or person.login in scope.also


def _supervises(person: Person, scope: Scope) -> bool:
    """Their teams' conversations, their people's, and what no rule has put anywhere yet."""
    unrouted = scope.waiting and not scope.queue
    return unrouted or scope.team in person.teams or scope.assignee in person.people


# --- what somebody may do ------------------------------------------------------------------------------------------

Verb = Literal[
    "session.self",
    "agent.list",
    "agent.status",
    "attachment.create",
    "attachment.read",
    "contact.list",
    "contact.read",
    "contact.change",
    "contact.merge",
    "contact.erase",
    "conversation.list",
    "conversation.read",
    "conversation.start",
    "conversation.work",
    "conversation.assign",
    "conversation.override",
    "house.read",
    "house.reload",
    "dead.read",
    "dead.replay",
    "token.manage",
    "user.manage",
    "socket.open",
    "metrics.read",
]


class Own(msgspec.Struct, frozen=True):
    """A thing that belongs to one login: an upload, an agent's status."""

    login: str
    teams: frozenset[str] = frozenset()


class Kin(msgspec.Struct, frozen=True):
    """A contact, or a conversation of their timeline: the scopes of all conversations that the contact has."""

    scopes: tuple[Scope, ...]


Thing = Conversation | Scope | Own | Kin | None


def may(person: Person, verb: str, thing: Thing = None) -> bool:
    """Tell whether `person` may do `verb` at all (`thing` None), or to this thing."""
    rule = _RULES.get(verb)
    if rule is None:
        return False
    return rule(person, scope_of(thing) if isinstance(thing, Conversation) else thing)


def _anybody(_person: Person, _thing: Any) -> bool:
    return True


def _admins(person: Person, _thing: Any) -> bool:
    return person.role == "admin"


def _who_sees(person: Person, thing: Any) -> bool:
    if thing is None:
        return True
    if isinstance(thing, Kin):
        return person.role == "admin" or any(sees(person, scope) for scope in thing.scopes)
    return isinstance(thing, Scope) and sees(person, thing)


def _who_assigns(person: Person, thing: Any) -> bool:
    """Who has it, a supervisor, or anyone who sees that it waits."""
    if thing is None:
        return True
    if not isinstance(thing, Scope) or not sees(person, thing):
        return False
    return RANK[person.role] > 0 or holds(person, thing) or (thing.waiting and not thing.assignee)


def _supervisors(person: Person, thing: Any) -> bool:
    return RANK[person.role] > 0 and _who_sees(person, thing)


def _owner(person: Person, thing: Any) -> bool:
    return thing is None or (isinstance(thing, Own) and thing.login == person.login)


def _owner_or_their_supervisor(person: Person, thing: Any) -> bool:
    if thing is None:
        return True
    if not isinstance(thing, Own):
        return False
    if person.role == "admin" or thing.login == person.login:
        return True
    return person.role == "supervisor" and bool(thing.teams & person.teams)


_RULES: dict[str, Callable[[Person, Any], bool]] = {
    "session.self": _anybody,
    "agent.list": _anybody,
    "agent.status": _owner_or_their_supervisor,
    "attachment.create": _anybody,
    "attachment.read": lambda person, thing: (
        _owner(person, thing) if isinstance(thing, Own) else _who_sees(person, thing)
    ),
    "contact.list": _anybody,
    "contact.read": _who_sees,
    "contact.change": _who_sees,
    "contact.merge": _who_sees,
    "contact.erase": _admins,
    "conversation.list": _anybody,
    "conversation.read": _who_sees,
    "conversation.start": _anybody,
    "conversation.work": _who_sees,
    "conversation.assign": _who_assigns,
    "conversation.override": _supervisors,
    "house.read": _anybody,
    "house.reload": _admins,
    "dead.read": _admins,
    "dead.replay": _admins,
    "token.manage": _admins,
    "user.manage": _admins,
    "socket.open": _anybody,
    "metrics.read": _admins,
}
