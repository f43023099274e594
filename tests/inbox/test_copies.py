"""Copies to others over the API: kept with the message for its channel, checked, bounded, and refused where there are none."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from inbox.copies import MAX_COPIES
from stream.ids import new_token
from tests.inbox.test_conversations import Api
from tests.inbox.world import World


@pytest.fixture
async def ada(served: World, http: aiohttp.ClientSession) -> Api:
    return Api(served, http, await served.bearer("ada"))


def body(**more: Any) -> dict[str, Any]:
    return {"message": f"msg_{new_token()}", "text": "Hello", **more}


async def started(ada: Api, **more: Any) -> dict[str, Any]:
    letter = body(channel="mail", to="cleo@example.org", subject="About your order", **more)
    status, answer = await ada("POST", "/conversations", letter)
    assert status == 201, answer
    row: dict[str, Any] = answer
    return row


async def last(ada: Api, row: dict[str, Any]) -> dict[str, Any]:
    _status, thread = await ada("GET", f"/conversations/{row['id']}/messages")
    found: dict[str, Any] = thread["items"][-1]["content"]["data"]
    return found


async def test_copies_are_kept_once_each_and_shown(ada: Api) -> None:
    row = await started(ada, cc=[{"address": "dora@example.org", "name": "Dora"}], bcc=[], proactive=True)
    assert await last(ada, row) == {"cc": [["dora@example.org", "Dora"]], "proactive": True}
    cc = [{"address": "dora@example.org"}, {"address": "Dora@example.org"}, {"address": "emil@example.org"}]
    status, sent = await ada(
        "POST", f"/conversations/{row['id']}/reply", body(cc=cc, bcc=[{"address": "log@example.org"}])
    )
    assert status == 201
    said = sent["message"]["content"]["data"]
    assert said == {
        "cc": [["dora@example.org", ""], ["emil@example.org", ""]],
        "bcc": [["log@example.org", ""]],
    }


async def test_nobody_and_nothing_said_differ(ada: Api) -> None:
    row = await started(ada)
    assert await last(ada, row) == {}
    await ada("POST", f"/conversations/{row['id']}/reply", body(cc=[]))
    assert await last(ada, row) == {"cc": []}, "nobody else"
    await ada("POST", f"/conversations/{row['id']}/reply", body())
    assert await last(ada, row) == {}, "as the channel does it"


@pytest.mark.parametrize(
    "address", ["", "dora", "a b@example.org", "dora@example.org\n", "a@x..org", "<a@example.org>", "@x"]
)
async def test_what_is_no_address_is_refused(ada: Api, address: str) -> None:
    row = await started(ada)
    status, refused = await ada(
        "POST", f"/conversations/{row['id']}/reply", body(cc=[{"address": address, "name": ""}])
    )
    assert (status, refused["error"]["field"]) == (400, "cc[0].address")


async def test_names_are_one_line_and_their_number_is_bounded(ada: Api) -> None:
    row = await started(ada)
    path = f"/conversations/{row['id']}/reply"
    nasty = [{"address": "a@example.org", "name": "Ann\r\nBcc: x@example.org"}]
    assert (await ada("POST", path, body(cc=nasty)))[0] == 400
    many = [{"address": f"a{n}@example.org"} for n in range(MAX_COPIES)]
    assert (await ada("POST", path, body(cc=many)))[0] == 201
    status, refused = await ada("POST", path, body(cc=many, bcc=[{"address": "b@example.org"}]))
    assert (status, refused["error"]["field"]) == (400, "bcc")
    assert (await ada("POST", path, body(cc=[*many, {"address": "b@example.org"}])))[0] == 400


async def test_a_channel_without_copies_says_so(served: World, ada: Api) -> None:
    conversation = await served.assigned("ada")
    path = f"/conversations/{conversation}/reply"
    for field in ("cc", "bcc"):
        status, refused = await ada("POST", path, body(**{field: [{"address": "b@example.org"}]}))
        assert (status, refused["error"]["field"]) == (400, field)
        assert "sends no copies" in refused["error"]["message"]
