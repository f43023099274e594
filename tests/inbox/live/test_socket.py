"""The agents' socket from outside: who gets what, what a client may say, how it ends."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import msgspec
import pytest

from inbox.live.company import Present
from inbox.ports import Limits
from stream import commands as cmd
from stream.ids import new_token
from stream.model import Author
from tests.inbox.live.client import client, types
from tests.inbox.world import TEAM, World, small_world

# --- the beginning -------------------------------------------------------------------------------------------------


async def test_hello_and_snapshot(served: World) -> None:
    mine = await served.assigned("ada", "c1", "My invoice is wrong")
    waiting = await served.message("c2", "Where is my money?")
    await served.enqueue(waiting)
    offered = await served.message("c3", "Hi")
    await served.enqueue(offered)
    await served.offer(offered, "ada")
    hidden = await served.assigned("tom", "c4")
    async with client(served, "ada", start=False) as ada:
        hello = await ada.connect()
        assert hello == {"t": "hello", "heartbeat_ms": 25000, "epoch": served.journal.epoch}
        snapshot = await ada.start()
    assert snapshot["n"] == served.journal.head
    assert {row["id"] for row in snapshot["conversations"]} == {mine, waiting, offered}
    assert hidden not in str(snapshot["conversations"])
    view = next(row for row in snapshot["conversations"] if row["id"] == mine)
    assert view["contact"]["name"] == "C1"
    assert (view["preview_text"], view["address"]) == ("My invoice is wrong", "c1@customers.example")
    assert snapshot["me"]["id"] == "ada"
    assert {agent["id"] for agent in snapshot["agents"]} == {agent.agent for agent in TEAM}
    assert snapshot["queues"][0] == {
            "id": "billing", "name": "Billing", "waiting": 2, "closed": False, "opens_at": 0.0, "given": True,
        }  # fmt: skip
    assert [channel["id"] for channel in snapshot["channels"]] == ["shop", "mail"]
    assert snapshot["tags"] == ["billing", "vip"]
    assert snapshot["presence"]["ada"] is True
    assert snapshot["more"] is False


async def test_a_snapshot_is_bounded_and_says_so(tmp_path: Path) -> None:
    async with small_world(tmp_path, Limits(snapshot=3)) as world:
        mine = await world.assigned("ada", "c0")
        for number in range(1, 6):
            await world.enqueue(await world.message(f"c{number}"))
        async with client(world, "ada") as ada:
            assert len(ada.snapshot["conversations"]) == 3
            assert ada.snapshot["more"] is True
            assert mine in ada.rows


async def test_who_is_no_agent_can_look(served: World) -> None:
    await served.user("root", role="admin")
    async with client(served, "root") as root:
        assert root.snapshot["me"]["id"] == "root"
        assert root.snapshot["me"]["active"] is False


# --- who gets what -------------------------------------------------------------------------------------------------


async def test_bodies_go_to_who_holds_it_and_list_changes_to_who_may_see_it(served: World) -> None:
    async with client(served, "ada") as ada, client(served, "bob") as bob, client(served, "tom") as tom:
        conversation = await served.assigned("ada", "c1", "first")
        await ada.event("conversation.assigned")
        gone = await bob.event("conversation.assigned")
        assert gone["gone"] is True
        await served.message("c1", "the secret")
        said = await ada.event("message.received")
        assert said["content"][said["event"]["content"]]["text"] == "the secret"
        assert conversation not in bob.rows
        for other in (bob, tom):
            assert "the secret" not in str(await other.quiet())
        assert types(tom.log) == ["agent.status"]


async def test_waiting_in_a_queue_shows_the_row_without_the_body(served: World) -> None:
    async with client(served, "ada") as ada:
        conversation = await served.message("c1", "the secret")
        await served.enqueue(conversation)
        appeared = await ada.event("conversation.queued")
        assert appeared["conversation"]["id"] == conversation
        assert appeared["conversation"]["contact"]["name"] == "C1"
        await served.message("c1", "another secret")
        plain = await ada.event("message.received")
        assert "content" not in plain
        await ada.send(t="open", conversation=conversation)
        await ada.until(lambda frame: frame["t"] == "viewing")
        await served.message("c1", "third")
        opened = await ada.event("message.received")
        assert opened["content"][opened["event"]["content"]]["text"] == "third"
        await ada.send(t="close", conversation=conversation)
        await ada.do("read", conversation, seq=1)
        await served.message("c1", "fourth")
        assert "content" not in await ada.event("message.received")


async def test_an_offer_brings_the_conversation_and_its_end_takes_it_away(served: World) -> None:
    async with client(served, "tom") as tom:
        await served.online("tom")
        conversation = await served.message("c1")
        await served.enqueue(conversation)
        offer = await served.offer(conversation, "tom")
        made = await tom.event("offer.made")
        assert made["conversation"]["offer"]["id"] == offer
        declined = await tom.do("decline", conversation, offer=offer)
        assert declined["ok"] is True
        ended = next(frame for frame in tom.log if frame["event"]["type"] == "offer.ended")
        assert ended["gone"] is True
        assert conversation not in tom.rows


async def test_a_mention_shows_it_from_then_on(served: World) -> None:
    conversation = await served.assigned("ada", "c1", "Hello")
    async with client(served, "tom") as tom:
        await served.note(conversation, "ada", "tom")
        named = await tom.event("message.note")
        assert named["conversation"]["id"] == conversation
        assert "content" not in named
        await served.message("c1", "more")
        assert (await tom.event("message.received"))["event"]["conversation"] == conversation


async def test_supervisors_see_their_team_and_admins_everything(served: World) -> None:
    async with client(served, "sue") as sue, client(served, "ann") as ann:
        money = await served.assigned("ada", "c1")
        tech = await served.assigned("tom", "c2")
        await ann.event("conversation.assigned")
        await ann.event("conversation.assigned")
        await sue.quiet()
        assert set(ann.rows) == {money, tech}
        assert set(sue.rows) == {money}


async def test_who_sees_the_contact_hears_of_a_new_name_and_nobody_else(served: World) -> None:
    conversation = await served.assigned("ada", "c1")
    contact = await served.contact_of(conversation)
    async with client(served, "ada") as ada, client(served, "tom") as tom:
        await served.submit(
            cmd.ChangeContact(
                token=new_token(), contact=contact, name="Cleo", by=Author(kind="agent", id="ada")
            )
        )
        changed = await ada.event("contact.changed")
        assert changed["content"][changed["event"]["profile"]]["name"] == "Cleo"
        assert types(await tom.quiet()) == []


# --- doing -----------------------------------------------------------------------------------------------------------


async def test_do_is_the_api_on_the_socket(served: World) -> None:
    async with client(served, "ada") as ada:
        await served.online("ada")
        conversation = await served.message("c1", "hi")
        await served.enqueue(conversation)
        offer = await served.offer(conversation, "ada")
        done = await ada.do("accept", conversation, offer=offer)
        assert (done["ok"], done["n"]) == (True, served.journal.head)
        message = f"msg_{new_token()}"
        first = await ada.do("reply", conversation, message=message, text="Hello!")
        again = await ada.do("reply", conversation, message=message, text="Hello!")
        assert first["ok"]
        assert again["ok"]
        await ada.quiet()
        assert types(ada.log).count("message.queued") == 1
        late = await ada.do("accept", conversation, offer=offer)
        assert late["ok"] is False
        assert late["conversation"]["assignee"] == "ada"


@pytest.mark.parametrize(
    ("verb", "fields", "code", "field"),
    [
        ("fly", {}, "malformed", "verb"),
        ("priority", {"priority": 10}, "malformed", "priority"),
        ("priority", {"priority": 1, "owner": "me"}, "malformed", "owner"),
        ("reply", {"message": "msg_1234", "text": ""}, "malformed", "text"),
        ("resolve", {"version": 999}, "version", ""),
    ],
)
async def test_a_bad_deed_says_why(
    served: World, verb: str, fields: dict[str, object], code: str, field: str
) -> None:
    conversation = await served.assigned("ada")
    async with client(served, "ada") as ada:
        done = await ada.do(verb, conversation, **fields)
        assert (done["ok"], done["code"], done.get("field", "")) == (False, code, field)
        hidden = await served.assigned("tom", "c2")
        assert (await ada.do("resolve", hidden))["code"] == "not_found"


# --- hints -----------------------------------------------------------------------------------------------------------


async def test_typing_goes_to_who_has_it_open(served: World) -> None:
    conversation = await served.assigned("ada")
    await served.note(conversation, "ada", "bob")
    async with client(served, "ada") as ada, client(served, "bob") as bob, client(served, "tom") as tom:
        for one in (ada, bob, tom):
            await one.send(t="open", conversation=conversation)
        await ada.until(lambda frame: frame["t"] == "viewing" and frame["agents"] == ["ada", "bob"])
        await bob.send(t="typing", conversation=conversation, on=True)
        sign = await ada.until(lambda frame: frame["t"] == "typing")
        assert sign == {
            "t": "typing",
            "conversation": conversation,
            "who": {"kind": "agent", "id": "bob", "name": "Bob"},
            "on": True,
        }
        hint = {"conversation": conversation, "who": {"kind": "contact", "id": "x", "name": "C1"}, "on": True}
        await served.services.bus.publish("typing", msgspec.json.encode(hint))
        assert (await ada.until(lambda frame: frame["t"] == "typing"))["who"]["kind"] == "contact"
        assert [frame for frame in await tom.quiet() if frame["t"] in {"typing", "viewing"}] == []
        await bob.cut()
        left = await ada.until(lambda frame: frame["t"] == "viewing")
        assert left["agents"] == ["ada"]


async def test_presence_is_told_and_published(served: World) -> None:
    heard: list[Present] = []

    async def listen() -> None:
        async for _topic, payload in served.services.bus.subscribe("presence"):
            heard.append(msgspec.json.decode(payload, type=Present))

    listener = asyncio.create_task(listen())
    await asyncio.sleep(0)
    try:
        async with client(served, "ada") as ada:
            async with client(served, "bob"):
                came = await ada.until(lambda frame: frame["t"] == "presence" and frame["agent"] == "bob")
                assert came["connected"] is True
                assert {"ada", "bob"} in [set(hint.agents) for hint in heard]
            went = await ada.until(lambda frame: frame["t"] == "presence" and frame["agent"] == "bob")
            assert went["connected"] is False
        assert heard[0].process == "p1"
        assert heard[0].at > 0
    finally:
        listener.cancel()


async def test_a_malformed_hint_is_survived(served: World) -> None:
    async with client(served, "ada") as ada:
        for topic in ("typing", "presence", "viewing"):
            await served.services.bus.publish(topic, b"{")
        await served.services.bus.publish("presence", b'{"process":"p2","agents":["tom"]}')
        assert (await ada.until(lambda frame: frame["t"] == "presence"))["agent"] == "tom"


async def test_only_twenty_stay_open(tmp_path: Path) -> None:
    async with small_world(tmp_path, Limits(open=2)) as world:
        found = [await world.message(f"c{n}") for n in range(3)]
        for conversation in found:
            await world.enqueue(conversation)
        async with client(world, "ada") as ada:
            for conversation in found:
                await ada.send(t="open", conversation=conversation)
            await ada.do("read", found[2], seq=1)
            seat = next(iter(world.parts.hub.seats))
            assert list(seat.open) == found[1:]
            assert set(world.parts.hub.lookers) == set(found[1:])


async def test_of_several_who_are_asked_the_others_are_told_at_once_who_was_faster(served: World) -> None:
    conversation = await served.message("c1")
    await served.enqueue(conversation, "billing", "money")
    await served.online("ada", "bob")
    async with client(served, "ada") as ada, client(served, "bob") as bob:
        offer = await served.offer(conversation, "ada", also=("bob",))
        for one in (ada, bob):
            await one.until(lambda frame: frame.get("event", {}).get("agent") == "bob")
        done = await bob.do("accept", conversation, offer=offer)
        assert done["ok"] is True
        gone = (await ada.event("offer.ended"))["event"]
        assert (gone["agent"], gone["how"], gone["reason"]) == ("ada", "recalled", "Bob was faster")
        late = await ada.do("accept", conversation, offer=offer)
        assert late["ok"] is False


async def test_who_begins_to_route_is_told_at_once_who_is_connected(served: World) -> None:
    heard: asyncio.Queue[Present] = asyncio.Queue()

    async def listen() -> None:
        async for _topic, payload in served.services.bus.subscribe("presence"):
            heard.put_nowait(msgspec.json.decode(payload, type=Present))

    async with client(served, "ada"):
        await asyncio.sleep(0.3)
        listener = asyncio.create_task(listen())
        try:
            await asyncio.sleep(0)
            await served.services.bus.publish("presence.asked", b"")
            assert (await asyncio.wait_for(heard.get(), 20)).agents == ("ada",)
        finally:
            listener.cancel()


async def test_everybody_who_is_asked_finds_the_offer_again_and_is_told_who_was_faster(served: World) -> None:
    """Also tom, who does not serve the queue: the offer is why he sees it, in the snapshot and in lists, and not a moment longer."""
    await served.online("ada", "tom")
    conversation = await served.message("c1", "Hello")
    await served.enqueue(conversation)
    offer = await served.offer(conversation, "ada", also=("tom",))
    async with client(served, "tom") as tom:
        assert (shown := tom.rows[conversation].offer) is not None
        assert shown.asked == ("ada", "tom")
        headers = await served.bearer("tom")
        async with aiohttp.ClientSession(headers=headers) as api:
            listed = await (await api.get(served.url("/api/v1/conversations?view=all"))).json()
            assert [row["id"] for row in listed["items"]] == [conversation]
            async with client(served, "ada") as ada:
                assert (await ada.do("accept", conversation, offer=offer))["ok"] is True
            await tom.event("offer.ended")
            late = await tom.do("accept", conversation, offer=offer)
            assert (late["ok"], late["code"], late["message"]) == (False, "offer_over", "Ada was faster.")
            said = await api.post(
                served.url(f"/api/v1/conversations/{conversation}/decline"), json={"offer": offer}
            )
            assert (said.status, (await said.json())["error"]["message"]) == (409, "Ada was faster.")
            listed = await (await api.get(served.url("/api/v1/conversations?view=all"))).json()
            assert listed["items"] == []
        unheard = await tom.do("accept", conversation, offer="off_another")
        assert (unheard["ok"], unheard["code"]) == (False, "not_found")
    async with client(served, "tom") as tom:
        assert conversation not in tom.rows
