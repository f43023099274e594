"""Canned replies: placeholders, and who gets which over the API."""

from __future__ import annotations

import aiohttp
import msgspec
import pytest

from inbox.canned import PLACEHOLDERS, fill, first_name, unknown
from inbox.ports import CannedFacts
from stream.ids import new_token
from tests.inbox.test_conversations import Api
from tests.inbox.world import World

FACTS = {"contact.name": "Ann Lee", "contact.first_name": "", "agent.name": "Ada"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Dear {contact.name},", "Dear Ann Lee,"),
        ("Dear {contact.first_name|customer},", "Dear customer,"),
        ("Dear { contact.first_name | dear customer },", "Dear dear customer,"),
        ("Dear {contact.first_name},", "Dear ,"),
        ("a {{ brace, {agent.name}", "a { brace, Ada"),
        ("{{contact.name}", "{contact.name}"),
        ("no end {", "no end {"),
        ("}", "}"),
    ],
)
def test_placeholders_are_filled(text: str, filled: str) -> None:
    assert fill(text, FACTS) == filled


def test_what_was_filled_in_is_not_read_again() -> None:
    assert fill("{contact.name}", {"contact.name": "{agent.name}"}) == "{agent.name}"


def test_unknown_placeholders_are_named_with_their_place() -> None:
    assert list(unknown("Dear {contact.nmae|you}, {} and {{ok")) == [(5, "contact.nmae"), (25, "")]
    assert list(unknown(" ".join(f"{{{name}}}" for name in PLACEHOLDERS))) == []


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Ann Lee", "Ann"),
        ("Lee, Ann", "Ann"),
        ("Ann,", "Ann"),
        ("", ""),
        ("ann@example.org", ""),
        ("+49 30 1234", ""),
        ("玲", "玲"),
    ],
)
def test_first_names(name: str, first: str) -> None:
    assert first_name(name) == first


async def test_a_conversation_has_its_teams_replies_filled_in(
    served: World, http: aiohttp.ClientSession
) -> None:
    served.house[0] = msgspec.structs.replace(
        served.house[0],
        replies=(
            CannedFacts(name="all", title="For all", text="Dear {contact.first_name}, {agent.name} here."),
            CannedFacts(name="money", text="About {conversation.subject|your question}", teams=("money",)),
            CannedFacts(name="tech", text="{conversation.channel} {conversation.id}", teams=("tech",)),
        ),
    )
    conversation = await served.assigned("ada", "c1")
    ada = Api(served, http, await served.bearer("ada"))
    path = f"/conversations/{conversation}/canned-replies"
    status, answer = await ada("GET", path)
    assert status == 200
    assert answer["items"] == [
        {"name": "all", "title": "For all", "text": "Dear C1, Ada here."},
        {"name": "money", "title": "", "text": "About your question"},
    ]
    ann = Api(served, http, await served.bearer("ann"))
    everything = (await ann("GET", path))[1]["items"]
    assert [one["text"] for one in everything if one["name"] == "tech"] == [f"Shop {conversation}"]
    tom = Api(served, http, await served.bearer("tom"))
    assert (await tom("GET", path))[0] == 404, "names of a conversation that one does not see stay unseen"
    assert (await ada("GET", f"/conversations/cnv_{new_token()}/canned-replies"))[0] == 404
    _status, answer = await ada("GET", "/canned-replies?channel=shop&name=Lee,%20Kim&subject=A%20lamp")
    assert [one["text"] for one in answer["items"]] == ["Dear Kim, Ada here.", "About A lamp"]
    everything = (await ann("GET", "/canned-replies?channel=shop"))[1]["items"]
    assert [one["text"] for one in everything] == ["Dear , Ann here.", "About your question", "Shop "]
