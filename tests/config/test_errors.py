"""How faults look, and how many are shown."""

from __future__ import annotations

from config.errors import SHOWN, ConfigError, Mark, Problem, nearest


def test_a_fault_names_its_place_and_what_was_meant() -> None:
    assert (
        str(Problem(Mark("a.yaml", 3, 7), "unknown key", "listen"))
        == 'a.yaml:3:7: unknown key (did you mean "listen"?)'
    )
    assert str(Problem(Mark("a.yaml"), "is empty")) == "a.yaml: is empty"


def test_faults_are_sorted_and_said_once() -> None:
    late, early = Problem(Mark("a", 9, 1), "x"), Problem(Mark("a", 10, 1), "y")
    assert ConfigError([early, late, early]).lines() == ["a:9:1: x", "a:10:1: y"]


def test_no_more_than_so_many_are_shown() -> None:
    lines = ConfigError(Problem(Mark("a", number, 1), "x") for number in range(1, SHOWN + 51)).lines()
    assert len(lines) == SHOWN + 1
    assert lines[-1] == "... and 50 more"


def test_nearest() -> None:
    assert nearest("Lisen", ["listen", "log"]) == "listen"
    assert nearest("zzz", ["listen", "log"]) == ""
