"""The parts without a face: back-off, windows, times, names of keys; and every bound, reached."""

from typing import Any

from playwright.async_api import expect

from stream import events as ev
from stream import model
from tests.inbox.web.conftest import Desk
from tests.inbox.web.fake_server import FakeServer

NOON = 1_773_144_000  # Tuesday, 10 March 2026, 12:00 UTC


async def call(desk: Desk, module: str, expression: str, argument: Any = None) -> Any:
    """Evaluate `expression` with `it` being the module's exports and `arg` the argument."""
    return await desk.page.evaluate(
        f"async (arg) => {{ const it = await import('/ui/test/{module}'); return {expression}; }}", argument
    )


async def test_back_off_doubles_under_full_jitter_up_to_half_a_minute(desk: Desk) -> None:
    most = await call(
        desk, "lib/socket.js", "[0, 1, 2, 3, 6, 20].map((attempt) => it.backoff(attempt, () => 1))"
    )
    assert most == [500, 1000, 2000, 4000, 30000, 30000]
    least = await call(desk, "lib/socket.js", "it.backoff(20, () => 0)")
    assert least == 0


async def test_a_line_that_keeps_losing_frames_starts_over(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Luca Bianchi")
    for index in range(3):
        fake.world.receive(ident, f"lost {index}")
        await fake.push(fake.world.receive(ident, f"came {index}"))
        await expect(desk.message(f"lost {index}")).to_be_visible()
    kinds = [frame["t"] for frame in fake.said if frame["t"] in {"start", "resume"}]
    assert kinds == ["start", "resume", "resume", "start"]


async def test_more_unknown_conversations_than_are_asked_for_one_by_one(desk: Desk, fake: FakeServer) -> None:
    before = fake.world.n
    _, (identity,) = fake.world.person("Somebody", [("webchat", "visitor")])
    for index in range(60):
        ident = fake.world.start("site-chat", identity)
        fake.world.receive(ident, f"hello {index}")
    unseen = [dict(frame) for frame in fake.world.journal if frame["n"] > before]
    for frame in unseen:
        frame.pop("conversation", None)
    asked = len(fake.asked)
    await fake.push(*unseen)
    await desk.until("document.querySelectorAll('.place-count').length > 0")
    await desk.page.get_by_role("link", name="All open").click()
    await expect(desk.row("Somebody").first).to_be_visible()
    single = [path for _, path, _ in fake.asked[asked:] if path.startswith("/conversations/")]
    assert len(set(single)) <= 50
    assert [frame["t"] for frame in fake.said].count("start") == 2


async def test_threads_that_are_kept_are_counted(desk: Desk) -> None:
    sizes = await desk.page.evaluate(
        """async () => {
          const apply = await import('/ui/test/state/apply.js');
          const store = await import('/ui/test/state/store.js');
          for (let i = 0; i < 60; i++) apply.page(`cnv_${i}`, { items: [], more: false }, true);
          return [store.threads.value.size, store.threads.value.has('cnv_59'), store.threads.value.has('cnv_0')];
        }"""
    )
    assert sizes == [40, True, False]


async def test_drafts_that_are_kept_are_counted(desk: Desk) -> None:
    await desk.page.evaluate(
        """async () => {
          const compose = await import('/ui/test/state/compose.js');
          for (let i = 0; i < 150; i++) compose.write(`cnv_${i}`, 'note', 'text');
        }"""
    )
    await desk.page.wait_for_timeout(600)
    kept = await desk.page.evaluate("JSON.parse(localStorage.getItem('parley.unsent.mara')).drafts.length")
    assert kept == 100


async def test_files_and_toasts_are_counted(desk: Desk) -> None:
    ident = await desk.open("Ravi Menon")
    found = await desk.page.evaluate(
        """async (id) => {
          const compose = await import('/ui/test/state/compose.js');
          const store = await import('/ui/test/state/store.js');
          const ui = await import('/ui/test/state/ui.js');
          const files = Array.from({length: 14}, (_, i) => new File(['x'], `f${i}.txt`));
          compose.attach(store.conversations.value.get(id), 'reply', files);
          for (let i = 0; i < 9; i++) ui.toast(`toast ${i}`);
          return [compose.uploadsOf(id, 'reply').length, ui.toasts.value.length];
        }""",
        ident,
    )
    assert found == [10, 4]


async def test_frames_that_wait_are_applied_when_there_are_five_hundred(desk: Desk) -> None:
    seen = await desk.page.evaluate(
        """async () => {
          const { Line } = await import('/ui/test/lib/socket.js');
          const batches = [];
          const line = new Line('ws://127.0.0.1:1/', { frames: (list) => batches.push(list.length), state() {}, open: () => [] });
          for (let n = 1; n <= 1100; n++) line.numbered({ t: 'event', n, prev: n - 1 });
          line.flush();
          return batches;
        }"""
    )
    assert seen == [500, 500, 100]


TIMES: list[tuple[str, Any]] = [
    (f"it.short({NOON} - 20, {NOON})", "now"),
    (f"it.short({NOON} - 240, {NOON})", "4m"),
    (f"it.short({NOON} - 10800, {NOON})", "3h"),
    (f"it.short({NOON} - 86400, {NOON})", "Mon"),
    (f"it.short({NOON} - 86400 * 20, {NOON})", "18 Feb"),
    ("it.span(59)", "59 s"),
    ("it.span(3599)", "59 min"),
    ("it.span(7260)", "2 h 01"),
    ("it.span(200000)", "2 d"),
    (f"it.day({NOON} - 86400, {NOON})", "Yesterday"),
    (f"it.until({NOON} + 86400, {NOON})", "tomorrow 12:00"),
    (
        f"it.snoozePresets({NOON}).map(([name]) => name)",
        ["In one hour", "This evening", "Tomorrow morning", "Next Monday", "In one week"],
    ),
    (f"it.snoozePresets({NOON}).every(([, at]) => at > {NOON})", True),
    (
        f"it.snoozePresets({NOON} + 5 * 86400 + 36000).map(([name]) => name)",
        ["In one hour", "Tomorrow morning", "In one week"],
    ),
]


async def test_times_are_said_as_people_say_them(desk: Desk) -> None:
    for expression, answer in TIMES:
        assert await call(desk, "lib/time.js", expression) == answer, expression


async def test_an_offer_to_several_is_one_decision_with_everybodys_name(desk: Desk) -> None:
    asked = {
        "kind": "offer.made",
        "at": 5,
        "reason": "longest idle",
        "explain": {"queue": "orders", "winner": "ben"},
    }
    decisions = [
        {
            "n": 1,
            "kind": "conversation.queued",
            "at": 1,
            "agent": "",
            "offer": "",
            "reason": "",
            "explain": {},
        },
        {"n": 2, **asked, "agent": "ben", "offer": "off_1"},
        {"n": 3, **asked, "agent": "ann", "offer": "off_1"},
        {"n": 9, **asked, "agent": "ann", "offer": "off_2"},
        {"n": 11, **asked, "kind": "conversation.assigned", "agent": "eva", "offer": ""},
    ]
    titles = "it.grouped(arg).map((one) => it.told(one, String, (login) => login.toUpperCase()).title)"
    assert await call(desk, "lib/explain.js", titles, decisions) == [
        "Put into a queue",
        "Offered to BEN, ANN",
        "Offered to ANN",
        "Assigned to EVA",
    ]


async def test_by_whom_and_above_the_capacity_and_who_was_left_out(desk: Desk) -> None:
    by = {"how": "assigned", "by": {"kind": "agent", "id": "sofia"}, "over_capacity": True}
    refused = [{"lacks": ["not agent:ben"], "agents": 1}, {"lacks": ["german 3", "not trainee"], "agents": 2}]
    lines = "it.told(arg, String, (login) => login.toUpperCase()).lines"
    given = {"kind": "conversation.assigned", "agent": "ann", "explain": by}
    assert await call(desk, "lib/explain.js", lines, given) == [
        ["How", "by hand"],
        ["By", "SOFIA"],
        ["Capacity", "more than there is room for, by a supervisor’s decision"],
    ]
    assert await call(
        desk, "lib/explain.js", lines, {"kind": "offer.made", "explain": {"refused": refused}}
    ) == [
        [
            "Did not fit",
            "1 agent left out by not agent:ben · 2 agents without german 3 and left out by not trainee",
        ]
    ]


async def test_the_window_of_a_thread_never_holds_more_than_it_may(desk: Desk) -> None:
    counts = await desk.page.evaluate(
        """async () => {
          const { firstWindow, inside, older, later, MOST } = await import('/ui/test/lib/thread_rows.js');
          const items = Array.from({length: 5000}, (_, i) => ({id: `m${i}`, seq: i + 1}));
          let span = firstWindow(items, -1), most = 0, moves = 0;
          const size = () => { const { start, end } = inside(items, span); most = Math.max(most, end - start); return start; };
          while (size() > 0 && moves++ < 1000) span = older(items, span);
          const top = inside(items, span).start;
          while (span.to && moves++ < 1000) { span = later(items, span); size(); }
          const unread = firstWindow(items, 4700);
          return { most, top, end: inside(items, span).end, unread: inside(items, unread), limit: MOST };
        }"""
    )
    assert counts["most"] <= counts["limit"]
    assert (counts["top"], counts["end"]) == (0, 5000)
    assert counts["unread"] == {"start": 4690, "end": 5000}


async def test_a_snapshot_replaces_what_was_known(desk: Desk, fake: FakeServer) -> None:
    row = next(
        row for row in fake.world.of("conversation") if row.assignee == "mara" and row.status == "open"
    )
    name = fake.world.view(row.id)["contact"]["name"]
    await expect(desk.row(name)).to_be_visible()
    fake.world.emit(ev.SpamMarked(conversation=row.id, spam=True, by=model.Author(kind="agent", id="jonas")))
    fake.world.epoch = "epoch-2"
    await fake.cut()
    await expect(desk.row(name)).to_have_count(0)
