"""The mark of a service level in the list and above the thread, what it says at each moment, and who is told when it is late."""

import re
import time
from typing import Any

from playwright.async_api import expect

from stream import events as ev
from stream.model import ServiceLevel, Target
from tests.inbox.web.conftest import Desk
from tests.inbox.web.fake_server import FakeServer
from tests.inbox.web.test_lib import call

NOW = 10_000.0
CONTRAST = """(node) => {
  const parts = (color) => {
    const canvas = document.createElement('canvas').getContext('2d');
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (color) => {
    const [r, g, b] = parts(color).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const style = getComputedStyle(node);
  const [a, b] = [light(style.color), light(style.backgroundColor)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}"""


def target(name: Any, due: float, state: Any = "running") -> dict[str, Any]:
    return {"name": name, "due_at": due, "state": state, "within": 600}


MARKS = [
    ([target("first_reply", NOW + 1500)], ["running", "due in 25 min"]),
    (
        [target("resolution", NOW + 9000), target("next_reply", NOW + 240, "at_risk")],
        ["at_risk", "due in 4 min"],
    ),
    ([target("first_reply", NOW - 60, "breached")], ["breached", "late 1 min"]),
    ([target("first_reply", NOW - 7300)], ["breached", "late 2 h 01"]),
    ([], None),
    ([target("first_reply", NOW, "met")], None),
    ([target("resolution", 0)], None),
]


async def test_the_mark_tells_what_is_due_first_and_nothing_when_nothing_is(desk: Desk) -> None:
    marks = (
        "arg.levels.map((level) => it.mark(level, arg.now)).map((said) => said && [said.state, said.text])"
    )
    levels = [{"name": "gold", "targets": targets} for targets, _ in MARKS]
    assert await call(desk, "lib/due.js", marks, {"levels": [*levels, None], "now": NOW}) == [
        *(said for _, said in MARKS),
        None,
    ]


def promise(fake: FakeServer, ident: str, seconds: float) -> list[dict[str, Any]]:
    due = time.time() + seconds
    clock = Target(name="first_reply", within=600.0, since=due - 600.0, due_at=due)
    return [
        fake.world.emit(ev.LevelSet(conversation=ident, level=ServiceLevel(name="gold", targets=(clock,))))
    ]


async def test_names_on_the_floor_are_whole_beside_what_is_due(desk: Desk, fake: FakeServer) -> None:
    for row in fake.world.of("conversation"):
        if row.status == "open":
            promise(fake, row.id, -7000)
    await desk.page.goto(f"{fake.base}/#/floor")
    await desk.page.reload()
    names = desk.page.locator(".card .floor-open > span")
    for width in (1440, 1024, 390):
        await desk.page.set_viewport_size({"width": width, "height": 900})
        await expect(desk.page.locator(".card .floor-due").first).to_have_text("late 1 h 56")
        cut = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
        assert await names.evaluate_all(cut) == []


def reached(kind: Any, ident: str, *told: str) -> Any:
    return kind(
        conversation=ident, level="gold", target="first_reply", round=1, mark=600.0, within=600.0, due_at=time.time(), told=told
    )  # fmt: skip


async def test_the_mark_is_in_the_row_and_in_the_head_legible_by_day_and_by_night_until_the_answer(
    desk: Desk, fake: FakeServer
) -> None:
    ident = await desk.open("Luca Bianchi")
    row, head = desk.row("Luca Bianchi").locator(".due"), desk.page.locator(".facts .due")
    await expect(head).to_have_count(0)
    await fake.push(*promise(fake, ident, 1490))
    await expect(head).to_have_text(re.compile(r"due in 2[45] min"))
    await expect(row.first).to_have_text(re.compile(r"due in 2[45] min"))
    await fake.push(fake.world.emit(reached(ev.LevelAtRisk, ident)))
    await expect(head).to_have_class(re.compile("is-at-risk"))
    await fake.push(fake.world.emit(reached(ev.LevelBreached, ident)))
    await expect(head).to_have_class(re.compile("is-late"))
    await expect(row.first).to_have_class(re.compile("is-late"))
    for theme in ("light", "dark"):
        await desk.page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
        assert await head.evaluate(CONTRAST) >= 4.5, theme
    fake.world.reply(ident, "mara", "Here you are.")
    await fake.push(fake.world.journal[-1])
    await expect(head).to_have_count(0)


async def test_the_why_panel_tells_the_target_and_what_was_done(desk: Desk) -> None:
    record = {
        "v": 1,
        "level": "gold",
        "target": "first_reply",
        "within": 600,
        "due_at": NOW,
        "did": ["told mara"],
    }
    decision = {
        "kind": "level.breached",
        "at": NOW,
        "reason": "first reply was due after 10 min (gold)",
        "explain": record,
    }
    said = await call(desk, "lib/explain.js", "it.told(arg)", decision)
    assert (said["title"], said["reason"]) == ("Service level missed", decision["reason"])
    assert said["lines"][0] == ["Service level", "First reply within 10 min (gold)"]
    assert said["lines"][1][0] == "Due"
    assert said["rest"] == {}


async def test_the_why_panel_tells_what_the_rules_saw(desk: Desk) -> None:
    facts = {"lang": "de", "text": ["refund", "…"], "tags": [], "returning": False, "attachments": 0}
    record = {
        "v": 1,
        "rule": "money",
        "facts": facts,
        "channel": "chat",
        "connector": "webchat",
        "since": NOW,
    }
    decision = {"kind": "conversation.queued", "at": NOW, "reason": "rule money", "explain": record}
    said = await call(desk, "lib/explain.js", "it.told(arg)", decision)
    assert said["lines"] == [["Rule", "money"], ["Seen", "lang de; text refund, …"]]
    assert said["rest"] == {}


async def test_what_is_late_takes_the_place_of_what_was_due_soon(desk: Desk, fake: FakeServer) -> None:
    ident = await desk.open("Ravi Menon")
    await fake.push(fake.world.emit(reached(ev.LevelAtRisk, ident, "mara")))
    await expect(desk.page.locator(".toast > span")).to_have_text(["Ravi Menon: first reply is due soon"])
    await fake.push(fake.world.emit(reached(ev.LevelBreached, ident, "mara")))
    await expect(desk.page.locator(".toast > span")).to_have_text(["Ravi Menon: first reply is late"])


async def test_whoever_is_told_gets_a_word_with_the_way_there(desk: Desk, fake: FakeServer) -> None:
    await desk.open("Ravi Menon")
    rows = fake.world.of("conversation")
    other = next(
        row for row in rows if row.assignee == "mara" and row.status == "open" and row.id not in desk.page.url
    )
    name = fake.world.view(other.id)["contact"]["name"]
    await fake.push(*promise(fake, other.id, 60), fake.world.emit(reached(ev.LevelAtRisk, other.id, "jonas")))
    await fake.push(fake.world.emit(reached(ev.LevelBreached, other.id, "jonas", "mara")))
    toast = desk.page.locator(".toast")
    await expect(toast).to_have_count(1)
    await expect(toast).to_contain_text(f"{name}: first reply is late")
    await toast.get_by_role("button", name="Open").click()
    await expect(desk.page.locator(".thread-head")).to_contain_text(name)


async def test_the_floor_tells_what_is_due_and_counts_what_is_late(desk: Desk, fake: FakeServer) -> None:
    (waiting,) = [
        row
        for row in fake.world.of("conversation")
        if row.queue == "technical" and not row.assignee and row.status == "open"
    ]
    await fake.push(*promise(fake, waiting.id, 1490))
    await desk.page.get_by_role("link", name="Floor").click()
    card = desk.page.get_by_role("region", name="Technical")
    await expect(card.locator(".floor-due")).to_have_text(re.compile(r"due in 2[45] min"))
    await expect(card.locator(".figures")).not_to_contain_text("late")
    await fake.push(fake.world.emit(reached(ev.LevelAtRisk, waiting.id)))
    await expect(card.locator(".figures")).to_contain_text("1 at risk")
    await fake.push(fake.world.emit(reached(ev.LevelBreached, waiting.id)))
    await expect(card.locator(".figures")).to_contain_text("1 late")
    await expect(card.locator(".floor-due")).to_have_class(re.compile("is-late"))
