"""Requirements as text, and where exactly a text is none."""

from __future__ import annotations

import pytest

from router.needs import Need, NeedError, canonical, parse

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
