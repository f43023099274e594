"""Who sees what: the rule, the same rule as a filter, and the same rule as the hub's index, for generated people and conversations."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.live.audience import Audience
from inbox.live.seat import Seat
from inbox.policy import Kin, Own, Person, Verb, holds, may, person_of, sees, visibility
from inbox.ports import Limits
from stream.events import Scope
from stream.model import Agent
from stream.visibility import Visibility

NAMES = st.sampled_from(["", "ada", "bob", "sue"])
QUEUES = st.sampled_from(["", "billing", "tech"])
TEAMS = st.sampled_from(["", "money", "tech"])
SCOPES = st.builds(
    Scope,
    workspace=st.sampled_from(["main", "other"]),
    queue=QUEUES,
    team=TEAMS,
    assignee=NAMES,
    offered=NAMES,
    named=st.lists(NAMES.filter(bool), max_size=2).map(tuple),
    waiting=st.booleans(),
)
PEOPLE = st.builds(
    Person,
    login=NAMES.filter(bool),
    role=st.sampled_from(["agent", "supervisor", "admin"]),
    teams=st.frozensets(TEAMS.filter(bool)),
    queues=st.frozensets(QUEUES.filter(bool)),
    people=st.frozensets(NAMES.filter(bool)),
    everything=st.booleans(),
)


def filtered(visible_to: Visibility, login: str, scope: Scope) -> bool:
    """The listing statements' clause (stream/store/queries/lists.sql) in Python."""
    return (
        visible_to.everything
        or scope.offered == visible_to.agent
        or scope.assignee in {visible_to.agent, *visible_to.agents}
        or scope.team in visible_to.teams
        or (scope.waiting and scope.queue in {*visible_to.queues, *([""] if visible_to.unqueued else [])})
        or login in scope.named
    )


@given(PEOPLE, SCOPES)
def test_the_filter_finds_what_the_rule_allows(person: Person, scope: Scope) -> None:
    expected = scope.workspace == person.workspace and filtered(visibility(person), person.login, scope)
    assert sees(person, scope) == expected


@given(st.lists(PEOPLE, max_size=6), SCOPES, st.integers(0, 5))
def test_the_index_finds_what_the_rule_allows(people: list[Person], scope: Scope, gone: int) -> None:
    audience = Audience()
    seats = [Seat(person, "key", Limits()) for person in people]
    for seat in seats:
        audience.add(seat)
    for seat in seats[:gone]:
        audience.remove(seat)
    assert audience.of(scope) == {seat for seat in seats[gone:] if sees(seat.person, scope)}
    assert audience.all == set(seats[gone:])


WAITING = Scope(queue="billing", team="money", waiting=True)
ADA = Person(login="ada", queues=frozenset({"billing"}), teams=frozenset({"money"}))
TOM = Person(login="tom", queues=frozenset({"tech"}), teams=frozenset({"tech"}))
SUE = Person(login="sue", role="supervisor", teams=frozenset({"money"}), people=frozenset({"ada", "sue"}))
ANN = Person(login="ann", role="admin")
OPEN = Person(login="tom", everything=True)


@pytest.mark.parametrize(
    ("person", "scope", "seen"),
    [
        (ADA, WAITING, True),
        (TOM, WAITING, False),
        (TOM, Scope(queue="billing", assignee="tom"), True),
        (TOM, Scope(queue="billing", waiting=True, offered="tom"), True),
        (TOM, Scope(queue="billing", assignee="ada", named=("tom",)), True),
        (ADA, Scope(queue="billing", team="money", assignee="bob"), False),
        (ADA, Scope(queue="billing", team="money"), False),
        (ADA, Scope(waiting=True), False),
        (SUE, Scope(waiting=True), True),
        (SUE, Scope(queue="billing", team="money", assignee="bob"), True),
        (SUE, Scope(queue="tech", team="tech", assignee="ada"), True),
        (SUE, Scope(queue="tech", team="tech", waiting=True), False),
        (ANN, Scope(queue="tech", team="tech", assignee="tom"), True),
        (ANN, Scope(workspace="other", assignee="ann"), False),
        (OPEN, Scope(queue="billing", assignee="ada"), True),
    ],
)
def test_visibility_is_the_design_s(person: Person, scope: Scope, *, seen: bool) -> None:
    assert sees(person, scope) is seen


def test_who_holds_a_conversation_gets_its_bodies() -> None:
    assert holds(ADA, Scope(assignee="ada"))
    assert holds(ADA, Scope(offered="ada"))
    assert not holds(ADA, WAITING)
    assert not holds(ANN, Scope(assignee="ada"))


def test_an_unknown_verb_is_refused_to_everybody() -> None:
    assert not may(ANN, "conversation.delete")
    assert not may(ANN, "")


def test_every_verb_has_a_rule() -> None:
    assert [verb for verb in get_args(Verb) if not may(ANN, verb)] == []


@pytest.mark.parametrize(
    ("person", "verb", "thing", "allowed"),
    [
        (ADA, "conversation.work", WAITING, True),
        (TOM, "conversation.work", WAITING, False),
        (ADA, "conversation.work", Own("ada"), False),
        (ADA, "conversation.assign", WAITING, True),
        (ADA, "conversation.assign", Scope(assignee="ada"), True),
        (TOM, "conversation.assign", Scope(assignee="ada", named=("tom",)), False),
        (SUE, "conversation.assign", Scope(team="money", assignee="bob"), True),
        (TOM, "conversation.assign", Own("tom"), False),
        (ADA, "conversation.override", WAITING, False),
        (SUE, "conversation.override", WAITING, True),
        (SUE, "conversation.override", Scope(team="tech", queue="tech"), False),
        (ADA, "contact.read", Kin((Scope(assignee="bob"), WAITING)), True),
        (TOM, "contact.read", Kin((Scope(assignee="bob"), WAITING)), False),
        (TOM, "contact.read", Kin(()), False),
        (ANN, "contact.read", Kin(()), True),
        (ADA, "agent.status", Own("ada"), True),
        (ADA, "agent.status", Own("bob", frozenset({"money"})), False),
        (SUE, "agent.status", Own("bob", frozenset({"money"})), True),
        (SUE, "agent.status", Own("tom", frozenset({"tech"})), False),
        (ANN, "agent.status", Own("tom", frozenset({"tech"})), True),
        (ANN, "agent.status", WAITING, False),
        (ADA, "attachment.read", Own("ada"), True),
        (ANN, "attachment.read", Own("ada"), False),
        (ADA, "attachment.read", WAITING, True),
        (SUE, "house.reload", None, False),
        (ANN, "house.reload", None, True),
        (SUE, "dead.read", None, False),
        (SUE, "user.manage", None, False),
        (SUE, "token.manage", None, False),
        (SUE, "metrics.read", None, False),
    ],
)
def test_what_people_may(
    person: Person, verb: str, thing: Scope | Own | Kin | None, *, allowed: bool
) -> None:
    assert may(person, verb, thing) is allowed


def test_the_higher_of_both_roles_counts_and_a_ceiling_lowers_it() -> None:
    team = {
        "ada": Agent(id="ada", role="supervisor", teams=("money",), queues=("billing",)),
        "bob": Agent(id="bob", teams=("money", "x")),
        "tom": Agent(id="tom", teams=("tech",)),
    }
    lead = person_of("ada", "", team, everything=False)
    assert (lead.role, lead.people, lead.queues) == (
        "supervisor",
        frozenset({"ada", "bob"}),
        frozenset({"billing"}),
    )
    assert person_of("ada", "admin", team, everything=False).role == "admin"
    lowered = person_of("ada", "admin", team, everything=False, ceiling="agent")
    assert (lowered.role, lowered.people) == ("agent", frozenset())
    assert person_of("bob", "agent", team, everything=False, ceiling="admin").role == "agent"
    assert person_of("nobody", "", team, everything=True) == Person(login="nobody", everything=True)


def test_an_agent_gone_from_the_configuration_keeps_what_names_them_only() -> None:
    gone = {"ada": Agent(id="ada", role="supervisor", teams=("money",), queues=("billing",), active=False)}
    person = person_of("ada", "", gone, everything=False)
    assert person == Person(login="ada")
    assert sees(person, Scope(assignee="ada"))
    assert not sees(person, WAITING)
