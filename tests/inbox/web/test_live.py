"""The line: live events, gaps, resumes, starting over, and what a person sees while it is down."""

import re

from playwright.async_api import expect

from stream import events as ev
from tests.inbox.web.conftest import Desk, OpenDesk, soon
from tests.inbox.web.fake_server import FakeServer


async def test_a_message_appears_in_list_thread_and_title_without_being_asked_for(
    desk: Desk, fake: FakeServer
) -> None:
    ident = await desk.open("Luca Bianchi")
    requests = len(fake.asked)
    await fake.push(fake.world.receive(ident, "It worked, thank you!"))
    await expect(desk.message("It worked, thank you!")).to_be_visible()
    await expect(desk.row("Luca Bianchi")).to_contain_text("It worked, thank you!")
    assert [path for method, path, _ in fake.asked[requests:] if method == "GET"] == []


async def test_unread_counts_live_and_reading_is_told_once(desk: Desk, fake: FakeServer) -> None:
    await expect(desk.page).to_have_title("(1) Parley")
    row = next(row for row in fake.world.of("conversation") if "Hanna" in str(fake.world.view(row.id)))
    await fake.push(fake.world.receive(row.id, "Hello again"))
    await expect(desk.row("Hanna Kowalska").locator(".row-unread")).to_have_text("1")
    await expect(desk.page).to_have_title("(2) Parley")
    await desk.open("Hanna Kowalska")
    await expect(desk.row("Hanna Kowalska").locator(".row-unread")).to_have_count(0)
    await expect(desk.page).to_have_title("(1) Parley")
    assert fake.bodies(rf"{row.id}/read") == [{"seq": 4}]


async def test_a_new_conversation_comes_into_sight_with_its_row(desk: Desk, fake: FakeServer) -> None:
    before = fake.world.n
    _, (identity,) = fake.world.person("Fresh Face", [("webchat", "visitor new")])
    ident = fake.world.start("site-chat", identity)
    fake.world.receive(ident, "Is anybody there?")
    fake.world.enqueue(ident, "orders")
    await fake.tell(before)
    await desk.page.get_by_role("link", name="Unassigned").click()
    await expect(desk.row("Fresh Face")).to_contain_text("Is anybody there?")
    await expect(desk.page.get_by_role("link", name="Orders")).to_contain_text("4")


async def test_what_happens_while_a_row_is_under_way_is_not_missed(desk: Desk, fake: FakeServer) -> None:
    await desk.row("Ravi Menon").wait_for()
    before = fake.world.n
    _, (identity,) = fake.world.person("Fresh Face", [("webchat", "visitor new")])
    ident = fake.world.start("site-chat", identity)
    fake.world.receive(ident, "Is anybody there?")
    fake.world.enqueue(ident, "orders")
    fake.late[f"/conversations/{ident}$"] = 0.5
    rowless = [{**frame, "conversation": None} for frame in fake.world.journal if frame["n"] > before]
    await fake.push(*rowless)
    await soon(lambda: any(path.endswith(ident) for _, path, _ in fake.asked))
    await fake.push({**fake.world.offer(ident, fake.login), "conversation": None})
    await expect(desk.page.get_by_role("alertdialog")).to_contain_text("Fresh Face")


async def test_a_conversation_that_is_gone_leaves_the_list(desk: Desk, fake: FakeServer) -> None:
    row = next(
        row for row in fake.world.of("conversation") if row.assignee == "jonas" and row.status == "open"
    )
    await desk.page.get_by_role("link", name="All open").click()
    name = fake.world.view(row.id)["contact"]["name"]
    await expect(desk.row(name)).to_be_visible()
    await fake.push({**fake.world.assign(row.id, "lena"), "gone": True})
    await expect(desk.row(name)).to_have_count(0)


async def test_a_gap_makes_the_page_resume_from_where_it_is(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Ravi Menon")
    fake.world.receive(ident, "the lost one")
    last = fake.sent
    await fake.push(fake.world.receive(ident, "the next one"))
    await expect(desk.message("the lost one")).to_be_visible()
    await expect(desk.message("the next one")).to_have_count(1)
    resumes = [frame for frame in fake.said if frame["t"] == "resume"]
    assert resumes == [{"t": "resume", "epoch": "epoch-1", "n": last, "open": [ident]}]
    texts = await desk.page.locator(".message-text").all_text_contents()
    assert texts[-2:] == ["the lost one", "the next one"]


async def test_repeats_are_dropped(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Luca Bianchi")
    frame = fake.world.receive(ident, "only once")
    await fake.push(frame, frame, frame)
    await expect(desk.message("only once")).to_have_count(1)
    await expect(desk.page.locator(".message-in")).to_have_count(3)
    assert [one for one in fake.said if one["t"] == "resume"] == []


async def test_a_cut_line_comes_back_with_everything_and_keeps_the_draft(
    desk: Desk, fake: FakeServer
) -> None:
    ident = await desk.open("Ravi Menon")
    await desk.page.locator("#composer-text").fill("while you were away")
    await desk.page.evaluate("Math.random = () => 1")  # of all waits the longest
    fake.refuse_sockets = True
    await fake.cut()
    fake.world.receive(ident, "said in the dark")
    await expect(desk.page.get_by_text("No connection to the server.")).to_be_visible()
    await expect(desk.page.get_by_text(re.compile(r"Trying again in ([4-9]|\d\d) s"))).to_be_visible()
    fake.refuse_sockets = False
    await desk.page.get_by_role("button", name="Try now").click()
    await expect(desk.message("said in the dark")).to_be_visible()
    await expect(desk.page.get_by_text("No connection to the server.")).to_have_count(0)
    await expect(desk.page.locator("#composer-text")).to_have_value("while you were away")


async def test_start_over_takes_a_snapshot_and_reads_the_open_thread_again(
    desk: Desk, fake: FakeServer
) -> None:
    ident = await desk.open("Ravi Menon")
    fake.start_over = "too_old"
    fake.world.receive(ident, "long ago")
    await fake.cut()
    await expect(desk.message("long ago")).to_be_visible()
    assert [frame["t"] for frame in fake.said if frame["t"] in {"start", "resume"}] == [
        "start",
        "resume",
        "start",
    ]
    await soon(lambda: fake.said[-1] == {"t": "open", "conversation": ident})


async def test_another_epoch_is_another_journal(desk: Desk, fake: FakeServer) -> None:
    await desk.row("Ravi Menon").wait_for()
    fake.world.epoch = "epoch-2"
    await fake.cut(4003)
    await expect(desk.page.locator(".row")).not_to_have_count(0)
    await desk.page.wait_for_timeout(1500)
    assert [frame["t"] for frame in fake.said if frame["t"] in {"start", "resume"}] == ["start", "start"]


async def test_a_beat_moves_the_cursor_and_is_answered(desk: Desk, fake: FakeServer) -> None:
    fake.world.n += 50
    beat = fake.world.n
    await fake.push({"t": "beat", "n": beat})
    ident = await desk.open("Luca Bianchi")
    await fake.push(fake.world.receive(ident, "after the beat"))
    await expect(desk.message("after the beat")).to_be_visible()
    await soon(lambda: {"t": "beat", "n": beat} in fake.said)
    assert [frame for frame in fake.said if frame["t"] == "resume"] == []


async def test_an_event_about_an_unknown_conversation_asks_for_its_row(desk: Desk, fake: FakeServer) -> None:
    row = next(row for row in fake.world.of("conversation") if row.status == "resolved")
    frame = fake.world.emit(ev.ConversationReopened(conversation=row.id, reason="reply"))
    await fake.push(frame)
    await desk.page.get_by_role("link", name="All open").click()
    name = fake.world.view(row.id)["contact"]["name"]
    await expect(desk.row(name).first).to_be_visible()


async def test_five_hundred_missed_events_arrive_at_once(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Luca Bianchi")
    fake.refuse_sockets = True
    await fake.cut()
    for index in range(500):
        fake.world.receive(ident, f"missed {index}")
    fake.refuse_sockets = False
    await desk.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(desk.message("missed 499")).to_be_visible(timeout=5000)
    assert await desk.page.locator("#thread [data-row]").count() <= 400


async def test_typing_is_shown_and_stops_when_the_message_comes(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Luca Bianchi")
    sign = {
        "t": "typing",
        "conversation": ident,
        "who": {"kind": "contact", "id": "x", "name": ""},
        "on": True,
    }
    await fake.push(sign)
    await expect(desk.page.get_by_text("Luca Bianchi is typing")).to_be_visible()
    await expect(desk.row("Luca Bianchi")).to_contain_text("typing")
    await fake.push(fake.world.receive(ident, "here it is"))
    await expect(desk.page.get_by_text("Luca Bianchi is typing")).to_have_count(0)


async def test_colleagues_who_look_at_it_are_shown(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Ravi Menon")
    await soon(lambda: {"t": "open", "conversation": ident} in fake.said)
    await fake.push({"t": "viewing", "conversation": ident, "agents": ["mara", "jonas"]})
    await expect(desk.page.get_by_role("img", name="Jonas Weber also look at this")).to_be_visible()
    other = await desk.open("Ines Castro")
    moved = [{"t": "close", "conversation": ident}, {"t": "open", "conversation": other}]
    await soon(lambda: fake.said[-2:] == moved)


async def test_one_tab_of_each_size_hears_the_same(desks: OpenDesk, fake: FakeServer) -> None:
    wide, narrow = await desks(), await desks(width=390, height=844)
    ident = await wide.open("Luca Bianchi")
    await narrow.row("Luca Bianchi").wait_for()
    await fake.push(fake.world.receive(ident, "to everybody"))
    await expect(wide.message("to everybody")).to_be_visible()
    await expect(narrow.row("Luca Bianchi")).to_contain_text("to everybody")
