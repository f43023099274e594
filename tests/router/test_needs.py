"""Requirements as text, and where exactly a text is none."""

from __future__ import annotations

import pytest

from router.needs import Closed, Need, NeedError, canonical, clause, narrows, parse, wants

SKILLS = {"lang.de": 5, "billing": 3}


def test_both_forms() -> None:
    assert parse("billing", SKILLS) == Need("billing", 1)
    assert parse(" lang.de >= 3 ", SKILLS) == Need("lang.de", 3)
    assert [str(parse(text)) for text in ("x", "x >= 1", "x>=4")] == ["x", "x", "x>=4"]


@pytest.mark.parametrize(
    ("text", "offset", "said", "suggestion"),
    [
        ("biling >= 2", 0, "unknown skill", "billing"),
        ("billing > 2", 8, "not possible here", ""),
        ("billing >= 4", 11, "1 to 3", ""),
        ("billing >= 0", 11, "not a level", ""),
        ("billing >=", 10, "not a level", ""),
        ("billing >= two", 11, "not a level", ""),
        ("billing and more", 0, "not a requirement", ""),
        ("", 0, "not a requirement", ""),
    ],
)
def test_faults_have_their_place(text: str, offset: int, said: str, suggestion: str) -> None:
    with pytest.raises(NeedError) as caught:
        parse(text, SKILLS)
    assert said in caught.value.message
    assert (caught.value.offset, caught.value.suggestion) == (offset, suggestion)


def test_the_needs_of_a_row_are_sorted_and_what_cannot_be_read_is_met_by_nobody() -> None:
    assert canonical(("b>=2", "a", "b")) == (Need("a"), Need("b", 2))
    assert canonical(("what ever",)) == (Need("what ever"),)


LISTS = Closed(SKILLS, ("red", "blue"), ("ann", "ben"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("billing >= 2 | lang.de", "billing>=2 | lang.de"),
        ("not billing", "not billing"),
        ("prefer lang.de >= 3 | team:red", "prefer lang.de>=3 | team:red"),
        ("agent:ann|agent:ben", "agent:ann | agent:ben"),
        ("nothing", None),
        ("team:green", None),
        ("agent:zoe", None),
        ("team:red >= 2", None),
        ("billing | ", None),
    ],
)
def test_a_line_of_requirements(text: str, said: str | None) -> None:
    if said is None:
        with pytest.raises(NeedError):
            clause(text, LISTS)
    else:
        assert str(clause(text, LISTS)) == said
        assert clause(said, LISTS) == clause(text, LISTS)


def test_a_fault_in_an_alternative_has_its_place() -> None:
    with pytest.raises(NeedError) as caught:
        clause("prefer billing | lang.ed >= 2", LISTS)
    assert (caught.value.offset, caught.value.suggestion) == (17, "lang.de")


def test_alternatives_are_bounded() -> None:
    clause(" | ".join(f"s{n}" for n in range(20)))
    with pytest.raises(NeedError, match="at most 20"):
        clause(" | ".join(f"s{n}" for n in range(21)))


def test_all_kinds_in_one_form() -> None:
    found = wants(("not trainee", "b | a", "c", "c >= 2", "prefer d", "agent:ann"))
    assert found.every == (Need("ann", 1, "agent"), Need("c", 2))
    assert found.some == ((Need("a"), Need("b")),)
    assert found.none == (Need("trainee"),)
    assert found.wishes == ((Need("d"),),)
    assert found.words() == ["agent:ann", "c>=2", "a | b", "not trainee", "prefer d"]


@pytest.mark.parametrize(
    ("before", "after", "narrower"),
    [
        (("a >= 2",), ("a",), False),
        (("a",), ("a >= 2",), True),
        (("a",), ("b",), True),
        ((), ("a",), True),
        (("a",), ("a | b",), False),
        (("a >= 2 | b >= 2",), ("a | b | c",), False),
        (("a | b",), ("a",), True),
        (("a | b",), ("a | c",), True),
        ((), ("not a",), True),
        (("not a",), ("not a >= 3",), False),
        (("not a >= 3",), ("not a",), True),
        (("a",), ("a", "prefer b"), False),
    ],
)
def test_narrower(before: tuple[str, ...], after: tuple[str, ...], narrower: bool) -> None:
    assert narrows(wants(before), wants(after)) is narrower
