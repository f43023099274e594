"""One socket's queue: bounds, order, what is held while it catches up, and `prev`."""

from __future__ import annotations

import msgspec
import pytest

from inbox.live.seat import RESUME, RIGHTS, Seat
from inbox.policy import Person
from inbox.ports import Limits

TAIL = b'"at":1.0,"event":{}}'


def seat(**limits: int) -> Seat:
    found = Seat(Person(login="ada"), "key", msgspec.convert(limits, Limits))
    found.release()
    return found


def taken(one: Seat) -> list[dict[str, object]]:
    return [msgspec.json.decode(one.take()) for _ in range(len(one.queue))]


def cursor(frame: dict[str, object]) -> tuple[object, object]:
    return frame.get("prev"), frame["n"]


def test_prev_is_the_number_that_the_client_was_told_last() -> None:
    one = seat()
    one.restart(5)
    for n in (7, 9):
        one.put(n, TAIL)
    one.put(12, b"")
    one.put(13, TAIL)
    assert [cursor(frame) for frame in taken(one)] == [(5, 7), (7, 9), (None, 12), (12, 13)]
    with pytest.raises(IndexError):
        one.take()


def test_too_many_frames_or_bytes_end_it_with_a_resumable_code() -> None:
    many, large = seat(queue_frames=3), seat(queue_bytes=100)
    for n in range(1, 5):
        many.put(n, TAIL)
    large.put(1, b'"' + b"x" * 101)
    for one in (many, large):
        assert one.ended == RESUME
        assert (len(one.queue), one.bytes) == (0, 0)
        one.put(9, TAIL)
        one.say(b"{}")
        one.missed(9, TAIL)
        assert not one.queue


def test_the_first_reason_counts() -> None:
    one = seat()
    one.end(RIGHTS)
    one.end(RESUME)
    assert one.ended == RIGHTS
    assert one.over.is_set()


def test_hints_give_way_before_the_queue_is_full() -> None:
    one = seat(queue_frames=8)
    for n in range(1, 4):
        one.put(n, TAIL)
    one.whisper(b'{"t":"typing"}')
    assert len(one.queue) == 3
    assert one.ended == 0
    one.take()
    one.whisper(b'{"t":"typing"}')
    assert len(one.queue) == 3


def test_hints_wait_for_nobody_who_has_not_begun() -> None:
    one = Seat(Person(login="ada"), "key", Limits())
    one.whisper(b'{"t":"typing"}')
    assert not one.queue


def test_what_happens_while_it_catches_up_comes_after_what_it_missed() -> None:
    one = seat()
    one.restart(3)
    one.hold(6)
    one.put(7, TAIL)
    one.put(6, TAIL)
    for n in (4, 6):
        one.missed(n, TAIL)
    one.missed(6, b'{"t":"resumed","n":6}')
    one.put(8, TAIL)
    one.release()
    assert [cursor(frame) for frame in taken(one)] == [(3, 4), (4, 6), (None, 6), (6, 7), (7, 8)]


def test_what_the_snapshot_holds_already_is_left_out() -> None:
    one = seat()
    one.put(4, TAIL)
    one.hold(5)
    for n in (6, 7, 8):
        one.put(n, TAIL)
    one.restart(7)
    one.missed(7, b'{"t":"snapshot","n":7}')
    one.release(7)
    assert [cursor(frame) for frame in taken(one)] == [(None, 7), (7, 8)]
    one.put(7, TAIL)
    one.put(7, b"")
    assert [cursor(frame) for frame in taken(one)] == [(None, 7)]


def test_catching_up_is_not_held_against_it_but_what_gathers_meanwhile_is() -> None:
    one = seat(queue_frames=3, queue_bytes=10_000)
    one.hold(0)
    for n in range(1, 50):
        one.missed(n, TAIL)
    for n in range(50, 53):
        one.put(n, TAIL)
    assert one.ended == 0
    one.put(53, TAIL)
    assert one.ended == RESUME


def test_frames_of_a_client_are_counted_in_a_window() -> None:
    one = seat(frames=2)
    assert [one.flooded(at) for at in (0.0, 1.0, 2.0, 11.5, 12.5)] == [False, False, True, False, False]
    assert one.heard_at == 12.5


def test_opening_too_many_closes_the_oldest() -> None:
    one = seat(open=2)
    assert [one.opening(ident) for ident in ("a", "b", "a")] == ["", "", ""]
    assert one.opening("c") == "a"


def test_a_patient_frame_waits_for_the_next_that_is_not() -> None:
    one = seat()
    woken: list[int] = []
    one.wake = lambda: woken.append(len(one.queue))
    one.put(1, TAIL, patient=True)
    assert not woken
    one.put(2, TAIL)
    assert woken == [2]
    assert [frame["n"] for frame in taken(one)] == [1, 2]


def test_patient_frames_are_bounded_like_others() -> None:
    one = seat(queue_frames=3)
    for n in range(1, 5):
        one.put(n, TAIL, patient=True)
    assert one.ended == RESUME
