"""Contacts, search, settings, agents, users and the house over the API."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import msgspec
import pytest

from inbox.api.search import snippet
from inbox.openapi import document
from inbox.ports import StatusFacts
from inbox.routes import ROUTES
from stream import commands as cmd
from stream.ids import new_token
from stream.search import SearchFollower
from tests.inbox.test_conversations import Api
from tests.inbox.world import World, sign_in


async def api(world: World, http: aiohttp.ClientSession, login: str) -> Api:
    return Api(world, http, await world.bearer(login))


async def index(world: World) -> None:
    """Let the search index catch up."""
    follower = SearchFollower(world.journal)
    task = asyncio.create_task(follower.run())
    async with asyncio.timeout(30):
        while follower.indexed < world.journal.head:
            await asyncio.sleep(0.02)
    task.cancel()


async def test_a_contact_is_read_renamed_merged_and_unmerged(
    served: World, http: aiohttp.ClientSession
) -> None:
    ada = await api(served, http, "ada")
    one, two = await served.assigned("ada", "c1"), await served.assigned("ada", "c2")
    first, second = await served.contact_of(one), await served.contact_of(two)
    status, contact = await ada("GET", f"/contacts/{first}")
    assert (status, contact["name"]) == (200, "C1")
    assert contact["identities"][0]["address"] == "c1@customers.example"
    status, changed = await ada(
        "PATCH", f"/contacts/{first}", {"name": "Cleo", "attributes": {"plan": "gold"}}
    )
    assert (status, changed["name"], changed["attributes"]) == (200, "Cleo", {"plan": "gold"})
    status, merged = await ada("POST", f"/contacts/{first}/merge", {"contact": second})
    assert status == 200
    assert [other["id"] for other in merged["merged"]] == [second]
    assert len(merged["identities"]) == 2
    _status, gone = await ada("GET", f"/contacts/{second}")
    assert gone["merged_into"] == first
    status, apart = await ada("POST", f"/contacts/{first}/unmerge", {"contact": second})
    assert (status, len(apart["identities"]), apart["merged"]) == (200, 1, [])


async def test_the_same_address_only_suggests_and_only_what_is_visible(
    served: World, http: aiohttp.ClientSession
) -> None:
    mine, hidden = await served.assigned("ada", "c1"), await served.assigned("tom", "c2")
    twin = await served.assigned("ada", "c3")
    ann = await api(served, http, "ann")
    for conversation in (twin, hidden):
        contact = await served.contact_of(conversation)
        await ann(
            "PATCH", f"/contacts/{contact}", {"name": "Twin", "attributes": {"email": "C1@customers.example"}}
        )
    await index(served)
    contact = await served.contact_of(mine)
    ada = await api(served, http, "ada")
    _status, seen = await ada("GET", f"/contacts/{contact}")
    assert [one["id"] for one in seen["suggestions"]] == [await served.contact_of(twin)]
    assert "c1@customers.example" in seen["suggestions"][0]["why"]
    _status, everything = await ann("GET", f"/contacts/{contact}")
    assert len(everything["suggestions"]) == 2


async def test_admins_erase_a_person_who_is_named_twice(served: World, http: aiohttp.ClientSession) -> None:
    conversation = await served.assigned("ada", "c1", "My secret is 1234")
    contact = await served.contact_of(conversation)
    ada, ann = await api(served, http, "ada"), await api(served, http, "ann")
    path = f"/contacts/{contact}/erase"
    assert (await ada("POST", path, {"confirm": contact}))[0] == 403
    for wrong in ({}, {"confirm": "yes"}):
        status, refused = await ann("POST", path, wrong)
        assert (status, refused["error"]["field"]) == (400, "confirm")
    _status, thread = await ada("GET", f"/conversations/{conversation}/messages")
    assert "1234" in str(thread)
    status, done = await ann("POST", path, {"confirm": contact, "reason": "asked for"})
    assert status == 200
    assert done["contents"] >= 3
    _status, thread = await ada("GET", f"/conversations/{conversation}/messages")
    assert "1234" not in str(thread)
    assert thread["items"][0]["content"]["reason"] == "asked for"
    _status, seen = await ada("GET", f"/contacts/{contact}")
    assert (seen["name"], [one["address"] for one in seen["identities"]]) == ("", [""])
    assert (await ann("POST", path, {"confirm": contact}))[0] == 200, "once more does no harm"


async def test_who_was_merged_in_is_erased_with_the_other(served: World, http: aiohttp.ClientSession) -> None:
    ann = await api(served, http, "ann")
    one = await served.contact_of(await served.assigned("ada", "c1"))
    two = await served.contact_of(await served.assigned("ada", "c2"))
    await ann("POST", f"/contacts/{one}/merge", {"contact": two})
    status, refused = await ann("POST", f"/contacts/{two}/erase", {"confirm": two})
    assert (status, refused["error"]["code"]) == (422, "not_erased")
    assert one in refused["error"]["message"]


async def test_blocking_an_address(served: World, http: aiohttp.ClientSession) -> None:
    ada = await api(served, http, "ada")
    conversation = await served.assigned("ada")
    identity = (await served.row(conversation)).identity
    assert await ada("POST", f"/identities/{identity}/block", {"blocked": True}) == (200, {"ok": True})
    _status, contact = await ada("GET", f"/contacts/{await served.contact_of(conversation)}")
    assert contact["identities"][0]["blocked"] is True


async def test_search_finds_only_what_the_caller_may_see(served: World, http: aiohttp.ClientSession) -> None:
    mine = await served.assigned("ada", "c1", "The invoice over Straße 5 is wrong")
    await served.assigned("tom", "c2", "An invoice for the server")
    await index(served)
    ada, tom, ann = [await api(served, http, login) for login in ("ada", "tom", "ann")]
    _status, found = await ada("GET", "/search", q="invoi")
    assert [hit["conversation"]["id"] for hit in found["items"]] == [mine]
    assert found["items"][0]["message"]["content"]["text"].startswith("The invoice")
    assert "invoice over" in found["items"][0]["snippet"]
    _status, theirs = await tom("GET", "/search", q="strasse")
    assert theirs["items"] == []
    _status, page = await ann("GET", "/search", q="invoice", limit=1)
    _status, rest = await ann("GET", "/search", q="invoice", limit=1, cursor=page["next"])
    assert {hit["conversation"]["id"] for hit in page["items"] + rest["items"]} > {mine}
    _status, named = await ada("GET", "/search", q="c1")
    assert [(hit["conversation"]["id"], hit["contact"]["name"]) for hit in named["items"]] == [(mine, "C1")]
    assert (await ada("GET", "/search", q="c2"))[1]["items"] == []
    _status, people = await ada("GET", "/contacts", q="c")
    assert [one["name"] for one in people["items"]] == ["C1"]
    for cursor in ("x", "9" * 19):
        assert (await ada("GET", "/search", q="x", cursor=cursor))[0] == 400
    for q in ("", '"', "' OR 1=1 --", "a AND", "NEAR(", "*", "\u0000", "🙂"):
        status, _answer = await ada("GET", "/search", q=q)
        assert status in {200, 400}, q


def test_a_snippet_is_cut_around_the_first_word() -> None:
    text = "x " * 100 + "the   invoice\nis here " + "y " * 100
    assert "the invoice is here" in snippet(text, "invoice")
    assert snippet(text, "invoice").startswith("…")
    assert snippet("short", "nothing") == "short"


async def test_settings_are_each_ones_own(served: World, http: aiohttp.ClientSession) -> None:
    ada, bob = await api(served, http, "ada"), await api(served, http, "bob")
    status, saved = await ada(
        "PUT", "/me/settings", {"signature": "Ada", "theme": "dark", "page": {"width": 3}}
    )
    assert (status, saved["theme"]) == (200, "dark")
    assert (await ada("GET", "/me/settings"))[1] == saved
    assert (await bob("GET", "/me/settings"))[1]["signature"] == ""
    status, refused = await ada("PUT", "/me/settings", {"theme": "pink"})
    assert (status, refused["error"]["field"]) == (400, "theme")
    status, _answer = await ada("PUT", "/me/settings", {"page": {str(n): "x" * 5000 for n in range(50)}})
    assert status == 400


async def test_statuses(served: World, http: aiohttp.ClientSession) -> None:
    ada, sue = await api(served, http, "ada"), await api(served, http, "sue")
    status, view = await ada("POST", "/agents/ada/status", {"status": "online"})
    assert (status, view["status"]) == (200, "online")
    status, view = await sue("POST", "/agents/ada/status", {"status": "away", "reason": "lunch"})
    assert (status, view["status"], view["reason"]) == (200, "away", "lunch")
    assert (await sue("POST", "/agents/tom/status", {"status": "away"}))[0] == 403
    assert (await ada("POST", "/agents/nobody/status", {"status": "away"}))[0] == 404
    listed = (StatusFacts(name="Break", status="away"), StatusFacts(name="Focus", status="busy"))
    served.house.append(msgspec.structs.replace(served.house[-1], statuses=listed))
    status, refused = await ada("POST", "/agents/ada/status", {"status": "away", "reason": "Brake"})
    assert (status, refused["error"]["field"], refused["error"]["message"]) == (
        400,
        "reason",
        '"Brake" is no reason here; did you mean "Break"?',
    )
    assert (await ada("POST", "/agents/ada/status", {"status": "busy", "reason": "Break"}))[0] == 400
    assert (await ada("POST", "/agents/ada/status", {"status": "busy", "reason": "Focus"}))[0] == 200
    assert (await ada("POST", "/agents/ada/status", {"status": "away"}))[0] == 200
    _status, team = await ada("GET", "/agents")
    assert {agent["id"]: agent["status"] for agent in team["items"]}["ada"] == "away"


async def test_the_house(served: World, http: aiohttp.ClientSession) -> None:
    await served.enqueue(await served.message("c1"))
    ada, ann = await api(served, http, "ada"), await api(served, http, "ann")
    _status, queues = await ada("GET", "/queues")
    assert queues["items"][0] == {
        "id": "billing", "name": "Billing", "waiting": 1, "closed": False, "opens_at": 0.0, "given": True,
    }  # fmt: skip
    _status, channels = await ada("GET", "/channels")
    assert channels["items"][0]["capabilities"] == {"files": True}
    assert channels["items"][0]["state"] == "unknown"
    _status, config = await ada("GET", "/config")
    assert config == {"version": 1, "hash": "one", "visibility": "default"}
    status, refused = await ann("POST", "/config/reload")
    assert (status, refused["error"]["code"]) == (422, "config")
    assert refused["error"]["message"].startswith("team.yaml:3:5:")


async def test_dead_letters(served: World, http: aiohttp.ClientSession) -> None:
    await served.submit(
        cmd.ReceivePoison(
            token=new_token(),
            channel="shop",
            connector="webhook",
            source_key="x",
            raw=b"\xff{",
            error="not JSON",
        )
    )
    ann = await api(served, http, "ann")
    _status, letters = await ann("GET", "/dead-letters")
    assert [(one["channel"], one["error"]) for one in letters["items"]] == [("shop", "not JSON")]
    _status, letter = await ann("GET", f"/dead-letters/{letters['items'][0]['id']}")
    assert letter["raw"] == "/3s="
    assert (await ann("POST", "/dead-letters/dead_x/replay"))[0] == 404


async def test_users_and_tokens(served: World, http: aiohttp.ClientSession) -> None:
    ann = await api(served, http, "ann")
    status, user = await ann("POST", "/users", {"login": "New.One", "role": "supervisor"})
    assert (status, user["login"], user["has_password"]) == (201, "new.one", False)
    assert (await ann("POST", "/users", {"login": "new.one"}))[0] == 409
    assert (await ann("POST", "/users", {"login": "no spaces"}))[0] == 400
    assert (await ann("PATCH", "/users/ann", {"disabled": True}))[0] == 422
    assert (await ann("PATCH", "/users/ann", {"role": "agent"}))[0] == 422
    status, changed = await ann("PATCH", "/users/new.one", {"disabled": True})
    assert status == 200
    assert changed["disabled_at"] > 0
    assert (await ann("POST", "/users/new.one/link"))[0] == 422
    assert (await ann("POST", "/users/nobody/link"))[0] == 404
    assert (await ann("POST", "/tokens", {"login": "ada", "name": "bot"}))[0] == 404
    await served.user("ada")
    status, token = await ann("POST", "/tokens", {"login": "ada", "name": "bot", "days": 1})
    assert status == 201
    headers = {"Authorization": f"Bearer {token['secret']}"}
    assert (await http.get(served.url("/api/v1/session"), headers=headers)).status == 200
    _status, tokens = await ann("GET", "/tokens")
    assert token["secret"] not in str(tokens)
    assert (await ann("DELETE", f"/tokens/{token['id']}"))[0] == 200
    assert (await http.get(served.url("/api/v1/session"), headers=headers)).status == 401
    _status, page = await ann("GET", "/users", limit=1)
    _status, rest = await ann("GET", "/users", cursor=page["next"])
    assert [one["login"] for one in page["items"] + rest["items"]] == ["ada", "ann", "new.one"]


async def test_sessions_are_listed_and_ended_without_their_secrets(
    served: World, http: aiohttp.ClientSession
) -> None:
    await sign_in(served, http, "ada")
    ann = Api(served, http, await served.bearer("ann"))
    _status, found = await ann("GET", "/users/ada/sessions")
    assert found["items"][0]["address"] == "127.0.0.1"
    assert len(found["items"][0]["id"]) == 16
    assert (await ann("DELETE", "/users/ada/sessions"))[0] == 200
    assert (await http.get(served.url("/api/v1/session"))).status == 401


def schemas(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, field)
        for name, schema in document["components"]["schemas"].items()
        for field in schema.get("properties", {})
    ]


@pytest.mark.parametrize("word", ["password", "secret", "hash", "token", "blob"])
def test_no_answer_has_a_field_for_a_secret(word: str) -> None:
    given = {("NewToken", "secret"), ("SessionView", "must_set_password"), ("UserView", "has_password")}
    asked = {("SignInBody", "password"), ("LinkBody", "token")}
    public = {("ConfigView", "hash"), ("ReloadView", "hash")}
    found = {(name, field) for name, field in schemas(document(ROUTES, "1")) if word in field}
    assert found <= given | asked | public
