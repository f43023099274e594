"""Every route for every kind of asker, on a thing of theirs and on another's: a route without a row here fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from inbox import accounts
from inbox.call import Route
from inbox.routes import API, ROUTES
from stream.ids import new_token
from tests.inbox.world import World, sign_in

PEOPLE = ("anon", "disabled", "ada", "tom", "sue", "ann", "lowered")
"""ada and tom are agents of two teams, sue supervises ada's, ann is an admin; `lowered` is a token of ann's that may do what an agent
may; `disabled` was shut out after the token was made."""
SIGNED_IN = frozenset({"ada", "tom", "sue", "ann", "lowered"})
SEES = {"money": frozenset({"ada", "sue", "ann"}), "tech": frozenset({"tom", "ann"})}


@dataclass(frozen=True)
class Thing:
    """What a request is about: one of ada's conversations (team money) or one of tom's (tech), and what hangs on it."""

    team: str
    conversation: str
    contact: str
    other_contact: str
    identity: str
    message: str
    user: str
    token: str


Allowed = Callable[[str], frozenset[str]]
Fill = Callable[[Thing], Any]


@dataclass(frozen=True)
class Row:
    """Who may (by team of the thing), what a forbidden one gets, the path's and the body's values."""

    allowed: Allowed
    denied: int
    ids: Fill = lambda thing: {"id": thing.conversation, "message": thing.message}
    body: Fill = lambda _thing: None
    good: frozenset[int] = frozenset({200, 201})


def everybody(_team: str) -> frozenset[str]:
    return SIGNED_IN


def admins(_team: str) -> frozenset[str]:
    return frozenset({"ann"})


def who_sees(team: str) -> frozenset[str]:
    return SEES[team]


def open_to_all(_team: str) -> frozenset[str]:
    return frozenset(PEOPLE)


def row(
    allowed: Allowed,
    denied: int,
    body: Any = None,
    ids: Fill | None = None,
    good: tuple[int, ...] = (200, 201),
) -> Row:
    fill: Fill = body if callable(body) else lambda _thing: body
    chosen = ids or (lambda thing: {"id": thing.conversation, "message": thing.message})
    return Row(allowed, denied, chosen, fill, frozenset(good))


def work(body: Any, good: tuple[int, ...] = (200, 201)) -> Row:
    return row(who_sees, 404, body, good=good)


def of_contact(body: Any = None, good: tuple[int, ...] = (200,)) -> Row:
    return row(who_sees, 404, body, lambda thing: {"id": thing.contact}, good)


def msg(_thing: Thing, **more: Any) -> dict[str, Any]:
    return {"message": f"msg_{new_token()}", "text": "hi", **more}


def at(name: str) -> Fill:
    return lambda thing: {"id": getattr(thing, name)}


MATRIX: dict[tuple[str, str], Row] = {
    ("GET", "/session"): row(everybody, 401),
    ("POST", "/session"): row(
        open_to_all, 0, lambda _thing: {"login": new_token(), "password": "x"}, good=(401,)
    ),
    ("POST", "/session/link"): row(open_to_all, 0, {"token": "x"}, good=(401,)),
    ("DELETE", "/session"): row(everybody, 401),
    ("POST", "/session/password"): row(lambda _team: frozenset(), 403, {"new": "four words in a row"}),
    ("GET", "/me/settings"): row(everybody, 401),
    ("PUT", "/me/settings"): row(everybody, 401, {"signature": "x"}),
    ("GET", "/conversations"): row(everybody, 401),
    ("POST", "/conversations"): row(
        lambda _team: SIGNED_IN,
        401,
        lambda thing: msg(thing, channel="mail", to=f"x{new_token()}@customers.example", subject="Hi"),
    ),
    ("GET", "/conversations/{id}"): work(None),
    ("GET", "/conversations/{id}/messages"): work(None),
    ("GET", "/conversations/{id}/messages/{message}/html"): work(None),
    ("GET", "/conversations/{id}/canned-replies"): work(None),
    ("GET", "/canned-replies"): row(lambda _team: SIGNED_IN, 401),
    ("GET", "/conversations/{id}/explain"): work(None),
    ("POST", "/conversations/{id}/reply"): work(msg),
    ("POST", "/conversations/{id}/note"): work(msg),
    ("POST", "/conversations/{id}/accept"): work({"offer": "off_x"}, good=(409,)),
    ("POST", "/conversations/{id}/decline"): work({"offer": "off_x"}, good=(409,)),
    ("POST", "/conversations/{id}/take"): work({}, good=(200, 422)),
    ("POST", "/conversations/{id}/assign"): work({"agent": "bob"}, good=(200,)),
    ("POST", "/conversations/{id}/transfer"): work({"queue": "tech"}),
    ("POST", "/conversations/{id}/handover"): work({"reason": "I am no bot"}, good=(422,)),
    ("POST", "/conversations/{id}/resolve"): work({}),
    ("POST", "/conversations/{id}/reopen"): work({}, good=(422,)),
    ("POST", "/conversations/{id}/wake"): work({}, good=(422,)),
    ("POST", "/conversations/{id}/snooze"): work({"until": 4102444800.0}, good=(200, 422)),
    ("POST", "/conversations/{id}/tags"): work({"add": ["vip"]}),
    ("POST", "/conversations/{id}/priority"): work({"priority": 3}),
    ("POST", "/conversations/{id}/spam"): work({"spam": True}),
    ("POST", "/conversations/{id}/read"): work({"seq": 1}),
    ("POST", "/conversations/{id}/retry"): work(lambda thing: {"message": thing.message}, good=(422,)),
    ("POST", "/conversations/{id}/move"): work(lambda thing: {"message": thing.message}, good=(200, 422)),
    ("GET", "/contacts"): row(everybody, 401),
    ("GET", "/contacts/{id}"): of_contact(),
    ("PATCH", "/contacts/{id}"): of_contact({"name": "New"}),
    ("GET", "/contacts/{id}/timeline"): of_contact(),
    ("POST", "/contacts/{id}/merge"): of_contact(lambda thing: {"contact": thing.other_contact}),
    ("POST", "/contacts/{id}/unmerge"): of_contact(
        lambda thing: {"contact": thing.other_contact}, good=(422,)
    ),
    ("POST", "/contacts/{id}/erase"): row(
        admins, 403, lambda thing: {"confirm": thing.contact}, lambda thing: {"id": thing.contact}
    ),
    ("POST", "/identities/{id}/block"): row(who_sees, 404, {"blocked": True}, at("identity")),
    ("GET", "/search"): row(everybody, 401, good=(400,)),
    ("POST", "/attachments"): row(everybody, 401),
    ("GET", "/attachments/{id}"): row(lambda _team: frozenset(), 404, None, lambda _thing: {"id": "upl_x"}),
    ("GET", "/agents"): row(everybody, 401),
    ("POST", "/agents/{id}/status"): row(who_sees, 403, {"status": "away"}, at("user")),
    ("GET", "/queues"): row(everybody, 401),
    ("GET", "/channels"): row(everybody, 401),
    ("GET", "/config"): row(everybody, 401),
    ("POST", "/config/reload"): row(admins, 403, good=(422,)),
    ("GET", "/automations"): row(admins, 403),
    ("GET", "/dead-letters"): row(admins, 403),
    ("GET", "/dead-letters/{id}"): row(admins, 403, ids=lambda _thing: {"id": "dead_x"}, good=(404,)),
    ("POST", "/dead-letters/{id}/replay"): row(admins, 403, ids=lambda _thing: {"id": "dead_x"}, good=(404,)),
    ("GET", "/users"): row(admins, 403),
    ("POST", "/users"): row(admins, 403, lambda _thing: {"login": f"u{new_token()}"}),
    ("PATCH", "/users/{id}"): row(admins, 403, {"role": ""}, at("user")),
    ("POST", "/users/{id}/link"): row(admins, 403, ids=at("user")),
    ("GET", "/users/{id}/sessions"): row(admins, 403, ids=at("user")),
    ("DELETE", "/users/{id}/sessions"): row(admins, 403, ids=at("user")),
    ("GET", "/tokens"): row(admins, 403),
    ("POST", "/tokens"): row(admins, 403, lambda thing: {"login": thing.user, "name": "t"}),
    ("DELETE", "/tokens/{id}"): row(admins, 403, ids=at("token")),
}


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert {(route.method, route.path) for route in ROUTES} == set(MATRIX)


def test_no_state_is_changed_by_a_get() -> None:
    assert {route.method for route in ROUTES} <= {"GET", "POST", "PUT", "PATCH", "DELETE"}


async def headers_of(world: World) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {"anon": {}}
    found["disabled"] = await world.bearer("bob")
    await accounts.disable(world.services.store, "bob", world.clock())
    for login in ("ada", "tom", "sue"):
        found[login] = await world.bearer(login)
    found["lowered"] = await world.bearer("ann", role="agent")
    found["ann"] = await world.bearer("ann")
    return found


async def thing_of(world: World, team: str, number: int) -> Thing:
    agent = "ada" if team == "money" else "tom"
    conversation = await world.assigned(agent, f"{team}{number}", "Hello there")
    other = await world.assigned(agent, f"{team}{number}b")
    page = (await world.row(conversation)).last_message
    token, _secret = await accounts.add_token(world.services.store, agent, "t", world.clock())
    return Thing(
        team=team,
        conversation=conversation,
        contact=await world.contact_of(conversation),
        other_contact=await world.contact_of(other),
        identity=(await world.row(conversation)).identity,
        message=page,
        user=agent,
        token=token,
    )


def expected(entry: Row, person: str, team: str, verb: str) -> frozenset[int]:
    if verb and person in {"anon", "disabled"}:
        return frozenset({401})
    return entry.good if person in entry.allowed(team) else frozenset({entry.denied})


async def send(
    world: World, http: aiohttp.ClientSession, route: Route, thing: Thing, headers: dict[str, str]
) -> aiohttp.ClientResponse:
    entry = MATRIX[route.method, route.path]
    url = world.url(API + route.path.format(**entry.ids(thing)))
    body = entry.body(thing)
    async with http.request(route.method, url, json=body, headers=headers) as answer:
        await answer.read()
        return answer


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_who_may(served: World, http: aiohttp.ClientSession, route: Route) -> None:
    await served.configure_roomy()
    headers = await headers_of(served)
    wrong = []
    number = 0
    for team in ("money", "tech"):
        for person in PEOPLE:
            number += 1
            thing = await thing_of(served, team, number)
            if route.path.endswith("/html"):
                thing = await with_html(served, thing, team, number)
            answer = await send(served, http, route, thing, headers[person])
            good = expected(MATRIX[route.method, route.path], person, team, route.verb)
            if answer.status not in good:
                wrong.append((team, person, answer.status, sorted(good), (await answer.text())[:200]))
    assert wrong == []


async def with_html(world: World, thing: Thing, team: str, number: int) -> Thing:
    await world.message(f"{team}{number}", "mail", html="<p>mail</p>")
    message = (await world.row(thing.conversation)).last_message
    return Thing(**{**thing.__dict__, "message": message})


@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if route.method != "GET"],
    ids=lambda route: f"{route.method} {route.path}",
)
async def test_nothing_changes_by_cookie_without_the_csrf_token(
    served: World, http: aiohttp.ClientSession, route: Route
) -> None:
    await served.user("ann", role="admin")
    await sign_in(served, http, "ann")
    thing = Thing("money", "cnv_x", "ctc_x", "ctc_y", "idn_x", "msg_x", "ann", "tok_x")
    for headers in (
        {"Origin": served.origin},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        answer = await send(served, http, route, thing, headers)
        foreign = "Sec-Fetch-Site" in headers or "evil" in headers.get("Origin", "")
        assert answer.status == 403 or (not route.verb and not foreign and answer.status == 401), (
            headers,
            answer.status,
        )


async def test_answers_are_never_kept_and_errors_have_one_shape(
    served: World, http: aiohttp.ClientSession
) -> None:
    headers = await served.bearer("ada")
    for path in ("/session", "/conversations", "/conversations/cnv_x", "/nothing", "/conversations?limit=0"):
        async with http.get(served.url(f"/api/v1{path}"), headers=headers) as answer:
            body = await answer.json()
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"] == "no-store"
            if answer.status >= 400:
                assert set(body) == {"error"}
                assert {"code", "message"} <= set(body["error"])
