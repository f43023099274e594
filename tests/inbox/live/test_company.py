"""Presence and viewing over processes, put together from hints."""

from __future__ import annotations

from inbox.live.company import SILENT_SECONDS, Company


def test_who_is_connected_anywhere() -> None:
    company = Company()
    assert company.note_present("p1", ["ada", "bob"], 0.0) == {"ada": True, "bob": True}
    assert company.note_present("p2", ["ada"], 0.0) == {}
    assert company.note_present("p1", ["bob"], 1.0) == {}
    assert company.note_present("p2", [], 1.0) == {"ada": False}
    assert company.connected() == {"bob"}


def test_who_looks_at_what() -> None:
    company = Company()
    company.note_present("p1", ["ada"], 0.0)
    assert company.note_looking("p1", "c1", ["ada"]) == ["ada"]
    assert company.note_looking("p2", "c1", ["bob", "ada"]) == ["ada", "bob"]
    assert company.note_looking("p2", "c1", []) == ["ada"]
    assert company.note_looking("p1", "c1", []) == []
    assert company.note_looking("p1", "c2", []) == []
    assert company.looking("c1") == []


def test_a_process_that_falls_silent_is_forgotten() -> None:
    company = Company()
    company.note_present("p1", ["ada"], 0.0)
    company.note_present("p2", ["bob"], 10.0)
    company.note_looking("p1", "c1", ["ada"])
    company.note_looking("p2", "c1", ["bob"])
    company.note_looking("p1", "c2", ["ada"])
    assert company.forget_silent(SILENT_SECONDS) == ({}, [])
    gone, touched = company.forget_silent(SILENT_SECONDS + 1)
    assert (gone, sorted(touched)) == ({"ada": False}, ["c1", "c2"])
    assert company.looking("c1") == ["bob"]
    assert company.looking("c2") == []
