"""A recording made up: days of conversations written straight into a journal's tables, with everything that a replay reads."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from stream import events as ev
from stream.model import Author, MessageContent

GUEST = Author(kind="contact", id="guest")
TEXTS = ("Ich habe eine Frage zu meiner Rechnung, bitte", "a technical problem", "hello", "urgent: help")
QUEUES = ("billing", "support", "support", "support")


class Chat:
    """One conversation's events, with their times: it waits, is offered, is worked on, and is resolved; or nobody has it in time."""

    def __init__(self, rng: random.Random, number: int, at: float, agents: list[str]) -> None:
        self.rng, self.ident, self.at, self.number = rng, f"cnv_{number:07d}", at, number
        self.agent = rng.choice(agents)
        self.kind = number % len(TEXTS)
        self.version = 0

    def events(self) -> Iterator[tuple[float, ev.AnyEvent]]:
        """In their order."""
        queue = QUEUES[self.kind]
        yield (
            self.at,
            ev.ConversationStarted(
                **self._base(), channel="widget", connector="webchat", key=self.ident, about="", identity=""
            ),
        )
        yield (
            self.at,
            ev.MessageReceived(
                **self._base(), message=f"msg_{self.number}", seq=1, author=GUEST, content=f"cnt_{self.kind}"
            ),
        )
        yield (
            self.at + 0.01,
            ev.ConversationQueued(
                **self._base(),
                queue=queue,
                waiting_since=self.at,
                rule="recorded",
                connector="webchat",
                units=3,
            ),
        )
        if self.number % 20 == 19:
            yield self.at + 120.0, ev.ConversationResolved(**self._base(), by=GUEST, connector="webchat")
            return
        yield from self._served()

    def _served(self) -> Iterator[tuple[float, ev.AnyEvent]]:
        """Offered, accepted, answered, resolved."""
        offered = self.at + self.rng.expovariate(1 / 20)
        taken = offered + self.rng.uniform(1, 8)
        done = taken + self.rng.expovariate(1 / 240)
        by = Author(kind="agent", id=self.agent)
        yield offered, ev.OfferMade(
            **self._base(), offer=f"off_{self.number}", agent=self.agent, expires_at=offered + 25, units=3, connector="webchat"
        )  # fmt: skip
        yield (
            taken,
            ev.ConversationAssigned(
                **self._base(),
                agent=self.agent,
                units=3,
                how="accepted",
                by=by,
                connector="webchat",
                reserved=3,
            ),
        )
        yield (
            taken,
            ev.ReplyQueued(**self._base(), message=f"rep_{self.number}", seq=2, author=by, content="cnt_0"),
        )
        yield (
            done,
            ev.ConversationResolved(
                **self._base(), by=by, connector="webchat", released=self.agent, released_units=3
            ),
        )

    def _base(self) -> dict[str, Any]:
        self.version += 1
        return {"conversation": self.ident, "version": self.version}


def write(
    database: Path, conversations: int, until: float, agents: list[str], every: float = 4.0, seed: int = 1
) -> int:
    """Append a recording that ends at `until` to the journal of a database that nobody has open; how many events it has."""
    rng = random.Random(seed)
    begin = until - conversations * every - 60.0
    rows: list[tuple[float, str | None, str]] = [
        (begin, None, _text(ev.AgentStatusChanged(agent=agent, status="online"))) for agent in agents
    ]
    for number in range(conversations):
        at = begin + 1.0 + number * every + rng.random()
        rows += [
            (when, f"cnv_{number:07d}", _text(event))
            for when, event in Chat(rng, number, at, agents).events()
            if when < until
        ]
    rows.sort(key=lambda row: row[0])
    with sqlite3.connect(database) as base:
        first = base.execute("SELECT n FROM journal_head").fetchone()[0]
        base.executemany(
            "INSERT INTO journal (n, at, conversation, body) VALUES (?, ?, ?, ?)",
            ((first + count, *row) for count, row in enumerate(rows, 1)),
        )
        base.executemany(
            "INSERT INTO content (id, body) VALUES (?, ?)",
            [(f"cnt_{kind}", _text(MessageContent(text=text))) for kind, text in enumerate(TEXTS)],
        )
        base.execute("UPDATE journal_head SET n = ?", (first + len(rows),))
    base.close()
    return len(rows)


def _text(one: msgspec.Struct) -> str:
    return msgspec.json.encode(one).decode()
