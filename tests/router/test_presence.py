"""Presence put together from hints."""

from __future__ import annotations

from router.presence import SILENT, TRUST_AFTER, Attendance, Present


def test_after_a_start_everybody_is_awaited_and_nobody_counts_as_gone() -> None:
    attendance = Attendance(0.0)
    assert attendance.know(["ann", "ben"], 0.0) == {"ann": "awaited", "ben": "awaited"}
    assert attendance.note(Present(process="p", agents=("ann",)), 1.0) == {"ann": "connected"}
    assert attendance.note(Present(process="p", agents=()), 10.0) == {"ann": "awaited"}
    attendance.note(Present(process="p", agents=()), TRUST_AFTER - 1)
    assert attendance.tick(TRUST_AFTER + 1) == {"ann": "gone", "ben": "gone"}


def test_later_who_leaves_is_gone_at_once() -> None:
    attendance = Attendance(-100.0)
    attendance.know(["ann"], 0.0)
    attendance.note(Present(process="p", agents=("ann",)), 1.0)
    assert attendance.note(Present(process="p"), 2.0) == {"ann": "gone"}


def test_connected_anywhere_is_connected() -> None:
    attendance = Attendance(-100.0)
    attendance.know(["ann"], 0.0)
    attendance.note(Present(process="p", agents=("ann",)), 1.0)
    assert attendance.note(Present(process="q", agents=("ann",)), 1.0) == {}
    assert attendance.note(Present(process="p"), 2.0) == {}


def test_one_silent_process_is_forgotten() -> None:
    attendance = Attendance(-100.0)
    attendance.know(["ann", "ben"], 0.0)
    attendance.note(Present(process="p", agents=("ann",)), 0.0)
    attendance.note(Present(process="q", agents=("ben",)), SILENT)
    assert attendance.tick(SILENT + 1) == {"ann": "gone"}


def test_when_all_fall_silent_it_is_the_bus_that_is_lost() -> None:
    attendance = Attendance(-100.0)
    assert attendance.know(["ann", "ben"], 0.0) == {"ann": "gone", "ben": "gone"}
    attendance.note(Present(process="p", agents=("ann",)), 0.0)
    assert attendance.tick(SILENT + 1) == {"ann": "presumed", "ben": "awaited"}
    assert attendance.tick(SILENT + TRUST_AFTER) == {}
    assert attendance.tick(SILENT + TRUST_AFTER + 2) == {"ann": "gone", "ben": "gone"}


def test_when_the_bus_is_back_only_those_who_are_told_of_are_connected() -> None:
    attendance = Attendance(-100.0)
    attendance.know(["ann", "ben"], 0.0)
    attendance.note(Present(process="p", agents=("ann", "ben")), 0.0)
    assert attendance.tick(SILENT + 1) == {"ann": "presumed", "ben": "presumed"}
    assert attendance.note(Present(process="p", agents=("ann",)), SILENT + 2) == {
        "ann": "connected",
        "ben": "awaited",
    }


def test_after_a_reconnect_of_the_bus_nobody_counts_as_gone() -> None:
    attendance = Attendance(-100.0)
    attendance.know(["ann"], 0.0)
    assert attendance.doubt(5.0) == {"ann": "awaited"}
    assert attendance.tick(5.0 + TRUST_AFTER) == {"ann": "gone"}
