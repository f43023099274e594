"""Waiting: jitter covers the whole range, stays below the cap, and what the other side asks for is understood."""

import pytest

from connectors.kit.backoff import LONGEST_ASKED, full_jitter, retry_after


@pytest.mark.parametrize(("attempt", "ceiling"), [(0, 1.0), (1, 2.0), (5, 32.0), (6, 60.0), (10_000, 60.0)])
def test_jitter_is_full_and_capped(attempt: int, ceiling: float) -> None:
    assert full_jitter(attempt, 0.0) == 0.0
    assert full_jitter(attempt, 1.0) == ceiling
    assert full_jitter(attempt, 0.5) == ceiling / 2


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("999999999999", LONGEST_ASKED),
        ("Wed, 21 Oct 2015 07:28:10 GMT", 10.0),
        ("Wed, 21 Oct 2015 07:27:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_ASKED),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, 1_445_412_480.0) == seconds


def test_without_a_header_nothing_is_asked() -> None:
    assert retry_after({}, 0.0) is None
