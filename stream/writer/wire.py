"""What the serving process and its writer say to each other: MessagePack, each with its length (4 bytes, big-endian) before it.

One exchange at a time: a question, its answer. `Step` and `Many` run inside a transaction that the first of them begins and `End` ends.
"""

from __future__ import annotations

import struct
from typing import Any, Literal

import msgspec

from stream import commands as cmd
from stream import events as ev
from stream.append import Appended
from stream.model import Content
from stream.store.ports import Conflict, StoreError, TooNew, Unavailable
from stream.store.program import Many, Sql

LENGTH = struct.Struct(">I")
MAX_FRAME = 1 << 30
"""Far above what a group may weigh (`stream.journal`): a length beyond it is not ours."""


class Word(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Base of all that is said."""


class Append(Word, frozen=True):
    """Decide and keep these."""

    commands: list[cmd.AnyCommand]
    now: float


class Index(Word, frozen=True):
    """Index the next events."""

    limit: int


class Run(Word, frozen=True):
    """Run a statement, in a transaction; once for each of `rows` if there are any."""

    name: str
    params: tuple[Any, ...] = ()
    rows: list[tuple[Any, ...]] | None = None


class End(Word, frozen=True):
    """Commit, or undo."""

    commit: bool


class Kept(Word, frozen=True):
    """What became of an `Append`. All events follow `first` without a gap; a committed command's are its last `count` up to its `n`."""

    results: list[Done | cmd.Duplicate | cmd.Refused]
    first: int
    at: float
    events: list[ev.AnyEvent]
    scopes: list[ev.Scope | None]
    contents: list[tuple[str, Content, int]]
    head: int


class Done(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """A `Committed` that shares the group's events."""

    n: int
    count: int
    id: str
    conversation: str


class Found(Word, frozen=True):
    """The rows of a `Run`; for an `End`, none."""

    rows: list[tuple[Any, ...]] = []


class Indexed(Word, frozen=True):
    """How far the index is."""

    n: int


class Failed(Word, frozen=True):
    """It was undone. A `defect` is any other exception than the store's own."""

    kind: Literal["unavailable", "conflict", "newer", "store", "defect"]
    sentence: str


_KINDS: dict[str, type[StoreError]] = {
    "unavailable": Unavailable,
    "conflict": Conflict,
    "newer": TooNew,
    "store": StoreError,
}
_ask = msgspec.msgpack.Decoder(Append | Index | Run | End)
_answer = msgspec.msgpack.Decoder(Kept | Found | Indexed | Failed)
_encode = msgspec.msgpack.Encoder().encode


def frame(word: Word) -> bytes:
    """`word` as it goes over the wire."""
    body = _encode(word)
    return LENGTH.pack(len(body)) + body


def question(body: bytes) -> Append | Index | Run | End:
    """What the serving process asks."""
    asked: Append | Index | Run | End = _ask.decode(body)
    return asked


def answer(body: bytes | memoryview) -> Kept | Found | Indexed | Failed:
    """What the writer answers."""
    said: Kept | Found | Indexed | Failed = _answer.decode(body)
    return said


def run_of(step: Sql | Many) -> Run:
    """A program's step as a question."""
    if isinstance(step, Many):
        return Run(step.name, rows=list(step.rows))
    return Run(step.name, step.params)


def step_of(run: Run) -> Sql | Many:
    """The step again."""
    return Sql(run.name, run.params) if run.rows is None else Many(run.name, run.rows)


def kept_of(done: Appended) -> Kept:
    """An append's outcome as an answer."""
    recorded = done.recorded
    return Kept(
        [
            Done(r.n, len(r.events), r.id, r.conversation) if type(r) is cmd.Committed else r  # type: ignore[misc] # mypy does not narrow by `type is` here
            for r in done.results
        ],
        recorded[0].n if recorded else 0,
        recorded[0].at if recorded else 0.0,
        [r.event for r in recorded],
        [r.scope for r in recorded],
        done.contents,
        done.head,
    )


def appended_of(kept: Kept) -> Appended:
    """An answer as an append's outcome."""
    first, at, events = kept.first, kept.at, kept.events
    recorded = [
        ev.Recorded(n=n, at=at, event=event, scope=scope)
        for n, (event, scope) in enumerate(zip(events, kept.scopes, strict=True), first)
    ]
    results: list[cmd.Result] = [
        cmd.Committed(
            n=r.n,
            events=tuple(events[r.n - r.count + 1 - first : r.n + 1 - first]) if r.count else (),
            id=r.id,
            conversation=r.conversation,
        )
        if type(r) is Done
        else r  # type: ignore[misc] # the same
        for r in kept.results
    ]
    return Appended(results=results, recorded=recorded, contents=kept.contents, head=kept.head)


def failed_of(error: Exception) -> Failed:
    """An exception as an answer."""
    for kind, type_ in _KINDS.items():
        if type(error) is type_:
            return Failed(kind, str(error))  # type: ignore[arg-type] # the table's keys are the literal's values
    return Failed("defect", repr(error))


def error_of(failed: Failed) -> StoreError:
    """An answer as the exception that it was; a defect as one of the store."""
    kind = _KINDS.get(failed.kind)
    return kind(failed.sentence) if kind else Defect(f"The writer failed: {failed.sentence}")


class Defect(StoreError):
    """The writer raised what it must not."""
