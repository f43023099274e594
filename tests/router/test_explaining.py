"""What `parley explain` shows: the records as they were kept, and the full list worked out again from the journal."""

from __future__ import annotations

import msgspec

from router.explaining import explain
from stream import commands as cmd
from tests.router.desk import Desk, plan_of


async def test_the_full_list_of_then_agrees_with_the_record(desk: Desk) -> None:
    await desk.open()
    await desk.connect("ann", "ben", "cid")
    chat = await desk.arrive("kunde", "Ich habe eine Frage zu meiner Rechnung, bitte")
    await desk.offered(chat, "ann")
    await desk.accept(chat)
    await desk.status("ann", "away")
    told = await explain(desk.store, chat, plan_of, full=True)
    assert told is not None
    kinds = [one["type"] for one in told["decisions"]]
    assert kinds == ["conversation.queued", "offer.made", "conversation.assigned"]
    assert told["decisions"][0]["record"]["rule"] == "german-money"
    record = told["decisions"][1]["record"]
    assert record["winner"]["agent"] == "ann"
    assert record["agents"]["fit"] == 1
    assert record["refused"] == [{"lacks": ["billing>=2", "lang.de>=3"], "profiles": 2, "agents": 2}]
    assert len(msgspec.json.encode(record)) <= 4096
    able = [one["agent"] for one in told["then"]["agents"] if not one["why_not"]]
    assert able[0] == record["winner"]["agent"]
    lacking = [one for one in told["then"]["agents"] if one["why_not"].startswith("lacks")]
    assert len(lacking) == record["refused"][0]["agents"]


async def test_losers_are_named_with_the_reason(desk: Desk) -> None:
    await desk.open()
    await desk.connect("ann")
    await desk.connect("ben")
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    await desk.offered(chat, "ann")
    told = await explain(desk.store, chat, plan_of)
    assert told is not None
    record = told["decisions"][1]["record"]
    assert [loser["agent"] for loser in record["losers"]] == ["ben", "cid"]
    assert all("less" in loser["why"] or "id decides" in loser["why"] for loser in record["losers"])
    assert "then" not in told


async def test_a_resolved_one_still_explains_itself_and_a_stranger_does_not(desk: Desk) -> None:
    await desk.open()
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    await desk.offered(chat, "cid")
    await desk.accept(chat)
    await desk.do(cmd.Resolve, chat, "cid")
    told = await explain(desk.store, chat, plan_of)
    assert told is not None
    assert "now" not in told
    assert len(told["decisions"]) == 3
    assert await explain(desk.store, "cnv_none", plan_of) is None
