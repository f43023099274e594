"""The page's fold is stream's fold: the same events give the same rows, in fixtures and in histories made by chance."""

import json
import random
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import msgspec
import pytest

from stream import events as ev
from stream import model
from stream.fold import Key, fold_row, touches
from tests.inbox.web.conftest import Desk

FIXTURES = {
    path: json.loads(path.read_text())
    for path in sorted((Path(__file__).parents[2] / "fixtures" / "events").glob("*.json"))
}
FOLD = """async (history) => {
  const { foldRow, touches, whole } = await import('/ui/test/state/fold/index.js');
  const rows = {};
  for (const { event, at } of history) {
    for (const [kind, id] of touches(event)) rows[`${kind} ${id}`] = foldRow([kind, id], rows[`${kind} ${id}`], event, at);
  }
  return Object.fromEntries(Object.entries(rows).map(([key, row]) => [key, whole(key.split(' ')[0], row)]));
}"""

NAMES: dict[str, list[Any]] = {
    "conversation": ["c1", "c2"],
    "message": ["m1", "m2", "m3"],
    "agent": ["ann", "bob", "cy"],
    "released": ["", "ann", "bob"],
    "recalled": ["", "bob", "cy"],
    "contact": ["p1", "p2"],
    "merged": ["p1", "p2"],
    "identity": ["i1", "i2"],
    "connector": ["", "email", "webchat"],
    "offer": ["o1", "o2"],
    "target": ["first_reply", "resolution"],
    "round": [1, 2],
}
EVENTS: tuple[type[Any], ...] = get_args(ev.AnyEvent)
SEEDS = 24
SKIPPED = (ev.ConfigApplied, ev.ContentErased)


def value(hint: Any, name: str, dice: random.Random) -> Any:
    """Something of type `hint`; names come from small pools, so that they meet again."""
    if name in NAMES:
        return dice.choice(NAMES[name])
    if name == "identities":
        return tuple(dice.sample(NAMES["identity"], dice.randint(0, 2)))
    origin, inner = get_origin(hint), get_args(hint)
    if origin is tuple and inner[-1] is not Ellipsis:
        return tuple(value(one, "", dice) for one in inner)
    if origin is tuple:
        return tuple(value(inner[0], "", dice) for _ in range(dice.randint(0, 3)))
    if origin is dict:
        return {dice.choice("xyz"): dice.randint(0, 5) for _ in range(2)}
    if origin is Union or str(origin) == "<class 'types.UnionType'>":
        return value(inner[0], name, dice)
    if isinstance(hint, type) and issubclass(hint, model.ServiceLevel | model.Target):
        return make(hint, dice)
    if hint is model.Author:
        return model.Author(kind=dice.choice(["contact", "agent", "system"]), id=dice.choice(["", "ann"]))
    if inner:
        return dice.choice(inner)
    simple: dict[Any, Any] = {
        bool: dice.random() < 0.5,
        int: dice.randint(0, 9),
        float: round(dice.random() * 1000, 3),
        str: dice.choice(["", "a", "ä", "Z", "😀b", "b"]),
    }
    return simple[hint]


def make(kind: type[Any], dice: random.Random) -> Any:
    """An event of one kind; fields with defaults are sometimes left at them."""
    fields = msgspec.structs.fields(kind)
    given = [field for field in fields if field.required or dice.random() < 0.6]
    return kind(**{field.name: value(field.type, field.name, dice) for field in given})


def history(seed: int, length: int = 400) -> list[tuple[Any, float]]:
    """Events that the fold accepts, in an order that chance chose."""
    dice, rows, found = random.Random(seed), dict[Key, Any](), list[tuple[Any, float]]()
    while len(found) < length:
        kind = dice.choice(EVENTS)
        if kind in SKIPPED:
            continue
        event, at = make(kind, dice), float(len(found))
        keys = touches(event)
        fresh = {key: rows.get(key) for key in keys}
        try:
            folded = {key: fold_row(key, row, event, at) for key, row in fresh.items()}
        except (AttributeError, TypeError, LookupError):
            continue  # a row that is not there yet: no journal has such an event
        rows.update(folded)
        found.append((event, at))
    return found


def full(row: Any) -> dict[str, Any]:
    """A row with every field, as the page keeps it."""
    plain: dict[str, Any] = {
        name: json.loads(msgspec.json.encode(getattr(row, name))) for name in row.__struct_fields__
    }
    if isinstance(row, model.Message):
        plain["author"] = {"kind": row.author.kind, "id": row.author.id}
    return plain


async def test_histories_by_chance_give_the_same_rows(desk: Desk) -> None:
    for seed in range(SEEDS):
        events = history(seed)
        rows: dict[Key, Any] = {}
        for event, at in events:
            for key in touches(event):
                rows[key] = fold_row(key, rows.get(key), event, at)
        told = [{"event": event, "at": at} for event, at in events]
        folded = await desk.page.evaluate(FOLD, json.loads(msgspec.json.encode(told)))
        wanted = {f"{kind} {ident}": full(row) for (kind, ident), row in rows.items()}
        assert set(folded) == set(wanted)
        for name, row in wanted.items():
            assert folded[name] == row, (seed, name)


def test_every_event_is_tried() -> None:
    tried = {type(event) for seed in range(SEEDS) for event, _ in history(seed)}
    assert tried == set(EVENTS) - set(SKIPPED)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
async def test_fixtures_give_the_same_rows(desk: Desk, path: Path) -> None:
    story = FIXTURES[path]
    folded = await desk.page.evaluate(FOLD, story["events"])
    for key, row in story["state"].items():
        shown = {name: folded[key].get(name) for name in row}
        assert shown == row, key


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_fixtures_are_true_of_the_stream(path: Path) -> None:
    rows: dict[Key, Any] = {}
    for step in FIXTURES[path]["events"]:
        event = msgspec.convert(step["event"], ev.AnyEvent)
        for key in touches(event):
            rows[key] = fold_row(key, rows.get(key), event, step["at"])
    assert {f"{kind} {ident}": full(row) for (kind, ident), row in rows.items()} == FIXTURES[path]["state"]


async def test_receipts_advance_as_in_the_stream(desk: Desk) -> None:
    from stream.fold.message import advances  # only this test compares it

    states = get_args(model.Delivery)
    pairs = [(a, b) for a in states for b in states if b != "received"]
    answers = await desk.page.evaluate(
        """async (pairs) => {
          const { advances } = await import('/ui/test/state/fold/message.js');
          return pairs.map(([now, next]) => advances({delivery: now}, next));
        }""",
        pairs,
    )

    def row(delivery: model.Delivery) -> model.Message:
        author = model.Author(kind="system")
        return model.Message(
            id="m",
            conversation="c",
            seq=1,
            direction="out",
            author=author,
            content="",
            at=0,
            delivery=delivery,
        )

    assert answers == [advances(row(now), following) for now, following in pairs]
