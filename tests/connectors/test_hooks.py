"""The webhook path: who, how large, genuine, readable, durable, answered; in that order and nothing else."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest

from connectors import hooks
from connectors.contract import Poison, Verification, WebhookRequest
from connectors.host import Host, HostSettings
from stream.dead import list_dead, show_dead
from stream.store.ports import Unavailable
from tests.connectors.ground import Ground, answered, channel, event, post, shop


async def test_a_message_is_kept_before_its_answer(ground: Ground) -> None:
    async with ground.host(shop()) as host:
        answer = await post(host, event(text="Where is my parcel?"))
        assert answer.status == 200
        (message,) = await ground.messages()
        assert answered(answer) == {"ok": True, "ids": [message.id]}
    assert (await ground.content(message.id)).text == "Where is my parcel?"
    assert message.source_key == "msg:1"


async def test_a_redelivery_gets_the_same_answer_and_changes_nothing(ground: Ground) -> None:
    async with ground.host(shop()) as host:
        first = await post(host, event())
        again = await asyncio.gather(*(post(host, event()) for _time in range(50)))
    assert {(answer.status, answer.body) for answer in again} == {(200, first.body)}
    assert len(await ground.messages()) == 1


async def test_an_unknown_channel(ground: Ground) -> None:
    async with ground.host(shop()) as host:
        answer = await post(host, event(), name="nowhere")
        assert answer.status == 404
        assert host.hooks.max_body("nowhere") == 0
        assert host.hooks.max_body("shop") == 8_388_608


async def test_the_method_must_be_one_of_the_channel(ground: Ground) -> None:
    async with ground.host(shop()) as host:
        answer = await host.hooks.answer("shop", "GET", "/hooks/shop", {}, {}, b"")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


async def test_an_oversized_body_is_refused_before_it_is_verified(ground: Ground) -> None:
    async with ground.host(shop()) as host:
        body = b"x" * (host.hooks.max_body("shop") + 1)
        answer = await host.hooks.answer("shop", "POST", "/hooks/shop", {}, {}, body)
    assert answer.status == 413


@pytest.mark.parametrize(
    "headers",
    [{"secret": "whsec_" + "eHh4" * 8}, {"at": 1000.0}, {"ident": ""}],
    ids=["wrong secret", "stale", "no id"],
)
async def test_what_is_not_genuine_gets_one_opaque_answer(ground: Ground, headers: dict[str, str]) -> None:
    async with ground.host(shop()) as host:
        answer = await post(host, event(), **headers)
        bare = await host.hooks.answer("shop", "POST", "/hooks/shop", {}, {}, b"{}")
    assert answer.status == 401
    assert answer.body == bare.body
    assert await ground.messages() == []


async def test_another_channels_secret_does_not_open_this_one(ground: Ground) -> None:
    other = "whsec_" + "b3Ro" * 8
    async with ground.host(shop(), shop("other", secrets=[other])) as host:
        assert (await post(host, event(), secret=other)).status == 401
        assert (await post(host, event(), name="other", secret=other)).status == 200


async def test_malformed_input_names_the_field(ground: Ground) -> None:
    broken = {**event(), "from": {"name": "nobody"}}
    async with ground.host(shop()) as host:
        answer = await post(host, broken)
        nonsense = await post(host, b"{")
    assert answer.status == 400
    assert answered(answer)["error"]["field"] == "from.id"
    assert nonsense.status == 400
    assert await ground.messages() == []


async def test_a_poisoned_item_does_not_hide_its_neighbours(ground: Ground) -> None:
    batch = [event("1"), {"id": "2", "text": "no sender"}, event("3", text="third")]
    async with ground.host(shop()) as host:
        answer = await post(host, batch)
        again = await post(host, batch)
    assert answer.status == 200
    assert again.body == answer.body
    assert [message.source_key for message in await ground.messages()] == ["msg:1", "msg:3"]
    (letter,) = await list_dead(ground.journal.store)
    whole = await show_dead(ground.journal.store, letter.id)
    assert whole is not None
    assert json.loads(whole.raw) == batch
    assert "from" in whole.error


async def test_a_codec_with_a_defect_loses_nothing(ground: Ground) -> None:
    def parse(request: WebhookRequest, config: object) -> list[Poison]:
        raise KeyError("a defect of ours")

    face = channel("x", "echo").manifest
    async with ground.host(channel("lab", msgspec.structs.replace(face, parse=parse))) as host:
        answer = await host.hooks.answer("lab", "POST", "/hooks/lab", {}, {}, b"precious")
    assert answer.status == 200
    (letter,) = await list_dead(ground.journal.store)
    whole = await show_dead(ground.journal.store, letter.id)
    assert whole is not None
    assert whole.raw == b"precious"
    assert "KeyError" in whole.error


async def test_too_many_items_become_one_dead_letter(ground: Ground) -> None:
    def parse(request: WebhookRequest, config: object) -> list[Poison]:
        return [Poison(source_key=f"p:{number}", error="x") for number in range(hooks.MAX_ITEMS + 1)]

    face = channel("x", "echo").manifest
    async with ground.host(channel("lab", msgspec.structs.replace(face, parse=parse))) as host:
        answer = await host.hooks.answer("lab", "POST", "/hooks/lab", {}, {}, b"many")
    assert answer.status == 200
    (letter,) = await list_dead(ground.journal.store)
    assert "at most 1000" in letter.error


async def test_without_a_database_the_sender_is_asked_to_come_again(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_args: object) -> None:
        raise Unavailable("the disk is full")

    async with ground.host(shop()) as host:
        monkeypatch.setattr(ground.journal, "submit", away)
        answer = await post(host, event())
        monkeypatch.undo()
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert (await post(host, event())).status == 200
    assert len(await ground.messages()) == 1


async def test_concurrency_is_bounded(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "MAX_UNDER_WAY", 3)
    async with ground.host(shop()) as host:
        answers = await asyncio.gather(*(post(host, event(str(number))) for number in range(10)))
    assert sorted(answer.status for answer in answers) == [200] * 3 + [503] * 7


async def test_draining_finishes_what_is_under_way(ground: Ground) -> None:
    async with ground.host(shop()) as host:
        under_way = [asyncio.create_task(post(host, event(str(number)))) for number in range(20)]
        await asyncio.sleep(0)
        await host.hooks.drain(5.0)
        assert {(await task).status for task in under_way} == {200}
        assert (await post(host, event("late"))).status == 503
    assert len(await ground.messages()) == 20


async def test_a_secret_that_cannot_be_one_stops_the_start(ground: Ground) -> None:
    good = shop()
    face = msgspec.structs.replace(
        good.manifest, verification=Verification(scheme="hmac-body", secret="elsewhere")
    )
    bad = msgspec.structs.replace(good, manifest=face)
    host = Host(ground.journal, ground.blobs, HostSettings(master=(b"m" * 32,)))
    with pytest.raises(ValueError, match="nothing could be verified"):
        await host.open([bad])
    await host.close(1.0)
