"""Lines that a program broke are joined again (RFC 3676); history keeps its lines."""

from __future__ import annotations

import pytest

from connectors.email.flowed import unflow


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("one \ntwo\nthree", "one two\nthree"),
        (" From here\n > no quote", "From here\n> no quote"),
        ("name\n-- \nAnn", "name\n-- \nAnn"),
        ("goes on \n-- \nAnn", "goes on \n-- \nAnn"),
        ("typed \n\nnext", "typed \n\nnext"),
        ("> quoted \n> lines", "> quoted \n> lines"),
        ("mine \n> theirs", "mine \n> theirs"),
        ("", ""),
    ],
)
def test_lines_are_joined_by_the_space_at_their_end(text: str, joined: str) -> None:
    assert unflow(text) == joined


def test_delsp_takes_the_space_away_in_quotes_too() -> None:
    assert unflow("お世 \n話に\n> な \n> る", delete_space=True) == "お世話に\n> なる"
