"""The API of conversations from outside: lists, threads, verbs, starting one, explaining, and what refusals look like."""

from __future__ import annotations

import io
import time
from typing import Any

import aiohttp
import pytest

from stream import commands as cmd
from stream.decide.moving import EMPTIED
from stream.ids import new_token
from stream.model import Author
from tests.inbox.world import World


class Api:
    """An API client of one login."""

    def __init__(self, world: World, http: aiohttp.ClientSession, headers: dict[str, str]) -> None:
        self.world, self.http, self.headers = world, http, headers

    async def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        """(status, JSON)."""
        async with self.http.request(
            method, self.world.url(f"/api/v1{path}"), json=body, params=query, headers=self.headers
        ) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def ada(served: World, http: aiohttp.ClientSession) -> Api:
    return Api(served, http, await served.bearer("ada"))


@pytest.fixture
async def ann(served: World, http: aiohttp.ClientSession) -> Api:
    return Api(served, http, await served.bearer("ann"))


def ids(answer: dict[str, Any]) -> list[str]:
    return [row["id"] for row in answer["items"]]


async def test_the_lists(served: World, ada: Api, ann: Api) -> None:
    mine = await served.assigned("ada", "c1")
    waiting = await served.message("c2")
    await served.enqueue(waiting)
    snoozed = await served.assigned("ada", "c3")
    await ada("POST", f"/conversations/{snoozed}/snooze", {"until": time.time() + 100})
    resolved = await served.assigned("ada", "c4")
    await ada("POST", f"/conversations/{resolved}/resolve", {})
    spam = await served.assigned("ada", "c5")
    await ada("POST", f"/conversations/{spam}/spam", {"spam": True})
    theirs = await served.assigned("tom", "c6")
    await served.note(theirs, "tom", "ada")
    hidden = await served.assigned("tom", "c7")
    expected = {
        "mine": {mine},
        "unassigned": {waiting},
        "all": {mine, waiting, snoozed, theirs},
        "snoozed": {snoozed},
        "resolved": {resolved},
        "spam": {spam},
        "mentions": {theirs},
    }
    for view, found in expected.items():
        status, answer = await ada("GET", "/conversations", view=view)
        assert (status, set(ids(answer))) == (200, found), view
    _status, everything = await ann("GET", "/conversations", view="all")
    assert hidden in ids(everything)
    _status, queue = await ann("GET", "/conversations", view="all", queue="tech")
    assert set(ids(queue)) == {theirs, hidden}


async def test_lists_go_on_from_a_cursor(served: World, ada: Api) -> None:
    for number in range(5):
        await served.enqueue(await served.message(f"c{number}"))
    seen: list[str] = []
    cursor = ""
    for _ in range(4):
        _status, page = await ada("GET", "/conversations", view="unassigned", limit=2, cursor=cursor)
        seen += ids(page)
        cursor = page["next"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 5
    times = [(await served.row(ident)).updated_at for ident in seen]
    assert times == sorted(times, reverse=True)
    status, refused = await ada("GET", "/conversations", cursor="nonsense")
    assert (status, refused["error"]["field"]) == (400, "cursor")


async def test_a_thread_goes_back_page_by_page(served: World, ada: Api) -> None:
    conversation = await served.assigned("ada", "c1", "text 0")
    for number in range(1, 5):
        await served.message("c1", f"text {number}")
    _status, newest = await ada("GET", f"/conversations/{conversation}/messages", limit=2)
    assert [item["content"]["text"] for item in newest["items"]] == ["text 3", "text 4"]
    assert newest["more"] is True
    _status, rest = await ada(
        "GET", f"/conversations/{conversation}/messages", before=newest["items"][0]["seq"]
    )
    assert [item["content"]["text"] for item in rest["items"]] == ["text 0", "text 1", "text 2"]
    assert rest["more"] is False
    assert rest["items"][0]["author"]["kind"] == "contact"


async def test_a_reply_is_kept_once(served: World, ada: Api) -> None:
    conversation = await served.assigned("ada")
    body = {
        "message": f"msg_{new_token()}",
        "text": "Hello",
        "html": '<p onclick="x()">Hello<script>x()</script></p>',
    }
    status, first = await ada("POST", f"/conversations/{conversation}/reply", body)
    assert status == 201
    assert first["message"]["content"]["html"] == "<p>Hello</p>"
    assert first["message"]["delivery"] == "queued"
    status, again = await ada("POST", f"/conversations/{conversation}/reply", body)
    assert (status, again["message"]["id"]) == (201, body["message"])
    _status, thread = await ada("GET", f"/conversations/{conversation}/messages")
    assert len(thread["items"]) == 2


async def test_a_message_id_of_another_conversation_is_not_shown(served: World, ada: Api, ann: Api) -> None:
    theirs = await served.assigned("tom", "c2")
    message = f"msg_{new_token()}"
    await ann("POST", f"/conversations/{theirs}/note", {"message": message, "text": "the secret"})
    mine = await served.assigned("ada")
    status, answer = await ada("POST", f"/conversations/{mine}/note", {"message": message, "text": "x"})
    assert status == 422
    assert "secret" not in str(answer)


async def test_a_note_names_colleagues_who_exist(served: World, ada: Api) -> None:
    conversation = await served.assigned("ada")
    body = {"message": f"msg_{new_token()}", "text": "look", "mentions": ["tom", "nobody"]}
    status, refused = await ada("POST", f"/conversations/{conversation}/note", body)
    assert (status, refused["error"]["field"]) == (400, "mentions")
    status, kept = await ada("POST", f"/conversations/{conversation}/note", {**body, "mentions": ["tom"]})
    assert (status, kept["message"]["mentions"], kept["message"]["direction"]) == (201, ["tom"], "note")


async def test_the_loser_of_a_race_gets_the_state_as_it_is(served: World, ada: Api) -> None:
    await served.online("ada")
    conversation = await served.message("c1")
    await served.enqueue(conversation)
    offer = await served.offer(conversation, "ada")
    await served.submit(
        cmd.EndOffer(
            token=new_token(), epoch=served.epoch, conversation=conversation, offer=offer, how="expired"
        )
    )
    status, refused = await ada("POST", f"/conversations/{conversation}/accept", {"offer": offer})
    assert (status, refused["error"]["code"]) == (409, "offer_over")
    assert refused["error"]["conversation"]["id"] == conversation
    assert refused["error"]["conversation"]["offer"] is None
    status, refused = await ada("POST", f"/conversations/{conversation}/take", {"version": 1})
    assert (status, refused["error"]["code"]) == (409, "version")


async def test_room_is_kept_and_only_supervisors_go_over_it(
    served: World, http: aiohttp.ClientSession, ada: Api
) -> None:
    for number in range(10):
        await served.assigned("ada", f"full{number}")
    conversation = await served.message("c1")
    await served.enqueue(conversation)
    status, refused = await ada("POST", f"/conversations/{conversation}/take", {})
    assert (status, refused["error"]["code"]) == (422, "capacity")
    assert (await ada("POST", f"/conversations/{conversation}/take", {"override": True}))[0] == 403
    sue = Api(served, http, await served.bearer("sue"))
    status, given = await sue(
        "POST", f"/conversations/{conversation}/assign", {"agent": "ada", "override": True}
    )
    assert (status, given["conversation"]["assignee"]) == (200, "ada")


async def test_what_goes_out_of_sight_is_answered_without_its_row(served: World, ada: Api) -> None:
    conversation = await served.assigned("ada")
    status, moved = await ada("POST", f"/conversations/{conversation}/transfer", {"queue": "tech"})
    assert status == 200
    assert moved["n"] > 0
    assert moved["conversation"] is None
    assert (await ada("GET", f"/conversations/{conversation}"))[0] == 404


@pytest.mark.parametrize(
    ("verb", "body", "field"),
    [
        ("transfer", {"queue": "nowhere"}, "queue"),
        ("assign", {}, "agent"),
        ("reply", {"message": "x", "text": "hi"}, "message"),
        ("reply", {"message": "msg_12345", "text": "  "}, "text"),
        ("reply", {"message": "msg_12345", "text": "a\0b"}, "text"),
        ("reply", {"message": "msg_12345", "text": "hi", "attachments": ["upl_nobody"]}, "attachments"),
        ("tags", {"add": ["x"] * 51}, "add"),
        ("tags", {"add": [5]}, "add[0]"),
        ("resolve", {"workspace": "other"}, "workspace"),
        ("snooze", {"until": "soon"}, "until"),
    ],
)
async def test_a_malformed_body_names_its_field(
    served: World, ada: Api, verb: str, body: dict[str, object], field: str
) -> None:
    conversation = await served.assigned("ada")
    status, refused = await ada("POST", f"/conversations/{conversation}/{verb}", body)
    assert (status, refused["error"]["code"], refused["error"].get("field")) == (400, "malformed", field)
    assert refused["error"]["message"]


async def test_bodies_are_json_and_bounded(served: World, http: aiohttp.ClientSession) -> None:
    headers = await served.bearer("ada")
    url = served.url("/api/v1/me/settings")
    for data, kind, status in (
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "text/plain", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b" " * 1_100_000, "application/json", 413),
    ):
        async with http.put(url, data=io.BytesIO(data), headers={**headers, "Content-Type": kind}) as answer:
            assert answer.status == status, data[:10]


async def test_an_agent_writes_first(served: World, ada: Api) -> None:
    await served.online("ada")
    body = {
        "channel": "mail",
        "to": "cleo@customers.example",
        "name": "Cleo",
        "subject": "Your order",
        "text": "It is on its way.",
        "message": f"msg_{new_token()}",
    }
    status, started = await ada("POST", "/conversations", body)
    assert (status, started["subject"], started["assignee"]) == (201, "Your order", "ada")
    assert started["contact"]["name"] == "Cleo"
    status, again = await ada("POST", "/conversations", body)
    assert (status, again["id"]) == (201, started["id"])
    for change, field in (
        ({"channel": "shop"}, "channel"),
        ({"to": "nobody"}, "to"),
        ({"subject": "a\r\nBcc: x@y"}, "subject"),
        ({"subject": "a\u2028b"}, "subject"),
        ({"name": "a\nb"}, "name"),
    ):
        fresh = {**body, "message": f"msg_{new_token()}", **change}
        status, refused = await ada("POST", "/conversations", fresh)
        assert (status, refused["error"]["field"]) == (400, field)


async def test_every_decision_is_explained(served: World, ada: Api) -> None:
    await served.online("ada")
    conversation = await served.message("c1")
    await served.enqueue(conversation)
    await served.offer(conversation, "ada")
    _status, answer = await ada("GET", f"/conversations/{conversation}/explain")
    kinds = [decision["kind"] for decision in answer["decisions"]]
    assert kinds == ["conversation.queued", "offer.made"]
    offered = answer["decisions"][1]
    row = await served.row(conversation)
    assert (offered["explain"], offered["agent"], offered["offer"]) == (
        {"rule": "test"},
        "ada",
        row.offer and row.offer.id,
    )


async def test_html_of_a_message_comes_as_a_page_without_origin(
    served: World, http: aiohttp.ClientSession
) -> None:
    conversation = await served.assigned("ada")
    await served.message("c1", "see", html='<p>see <img src="https://far.example/x.png"></p>')
    message = (await served.row(conversation)).last_message
    headers = await served.bearer("ada")
    url = served.url(f"/api/v1/conversations/{conversation}/messages/{message}/html")
    async with http.get(url, headers=headers) as held, http.get(f"{url}?images=1", headers=headers) as shown:
        for answer in (held, shown):
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith(
                "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
            )
            assert "allow-same-origin" not in policy
            assert "allow-scripts" not in policy
            assert "<p>see" in await answer.text()
        assert "img-src data:;" in held.headers["Content-Security-Policy"]
        assert "img-src https: data:;" in shown.headers["Content-Security-Policy"]
    other = await served.assigned("ada", "c2")
    stray = served.url(f"/api/v1/conversations/{other}/messages/{message}/html")
    assert (await http.get(stray, headers=headers)).status == 404


async def test_an_erased_message_is_shown_as_erased(served: World, ada: Api) -> None:
    conversation = await served.assigned("ada", "c1", "the secret")
    _status, thread = await ada("GET", f"/conversations/{conversation}/messages")
    preview = (await served.row(conversation)).preview
    await served.submit(
        cmd.EraseContent(
            token=new_token(), contents=(preview,), by=Author(kind="agent", id="ann"), reason="asked"
        )
    )
    _status, thread = await ada("GET", f"/conversations/{conversation}/messages")
    content = thread["items"][0]["content"]
    assert (content["type"], content["reason"]) == ("erased", "asked")
    _status, row = await ada("GET", f"/conversations/{conversation}")
    assert row["preview_text"] == ""


async def test_a_contact_s_timeline_opens_its_other_conversations_for_reading_only(
    served: World, ada: Api, http: aiohttp.ClientSession
) -> None:
    theirs = await served.assigned("tom", "c1", "about the tech")
    await served.submit(
        cmd.Resolve(token=new_token(), conversation=theirs, by=Author(kind="agent", id="tom"))
    )
    mine = await served.assigned("ada", "c2")
    status, _answer = await ada("GET", f"/conversations/{theirs}")
    assert status == 404
    ann = Api(served, http, await served.bearer("ann"))
    contact, merged = await served.contact_of(mine), await served.contact_of(theirs)
    assert (await ann("POST", f"/contacts/{contact}/merge", {"contact": merged}))[0] == 200
    status, row = await ada("GET", f"/conversations/{theirs}")
    assert (status, row["id"]) == (200, theirs)
    status, thread = await ada("GET", f"/conversations/{theirs}/messages")
    assert thread["items"][0]["content"]["text"] == "about the tech"
    assert (await ada("POST", f"/conversations/{theirs}/reopen", {}))[0] == 404
    _status, timeline = await ada("GET", f"/contacts/{contact}/timeline", limit=1)
    assert [item["conversation"]["id"] for item in timeline["items"]] == [mine]
    _status, rest = await ada("GET", f"/contacts/{contact}/timeline", cursor=timeline["next"])
    assert [item["conversation"]["id"] for item in rest["items"]] == [theirs]
    assert rest["items"][0]["messages"][0]["content"]["text"] == "about the tech"


async def test_a_conversation_whose_only_message_is_moved_away_is_resolved(served: World, ada: Api) -> None:
    where, stray = await served.assigned("ada", "c1"), await served.message("c1", key="c1 again")
    await served.enqueue(stray)
    message = (await served.row(stray)).last_message
    status, answer = await ada("POST", f"/conversations/{stray}/move", {"message": message, "to": where})
    assert status == 200, answer
    _status, old = await ada("GET", f"/conversations/{stray}")
    assert (old["status"], old["queue"]) == ("resolved", "billing")
    _status, thread = await ada("GET", f"/conversations/{stray}/messages")
    assert thread["items"][-1]["content"]["text"] == EMPTIED


async def test_what_came_as_spam_is_seen_by_supervisors_who_can_let_it_out(
    served: World, http: aiohttp.ClientSession, ada: Api
) -> None:
    """No rule looks at it, so it is nobody's; somebody has to see it all the same."""
    sue, held = Api(served, http, await served.bearer("sue")), await served.message("c1", spam=True)
    for who, view, found in ((sue, "spam", [held]), (sue, "unassigned", []), (ada, "spam", [])):
        assert ids((await who("GET", "/conversations", view=view))[1]) == found
    assert (await ada("POST", f"/conversations/{held}/spam", {"spam": False}))[0] == 404
    assert (await sue("POST", f"/conversations/{held}/spam", {"spam": False}))[0] == 200
    for view, found in (("spam", []), ("unassigned", [held])):
        assert ids((await sue("GET", "/conversations", view=view))[1]) == found
