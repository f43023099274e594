"""Sealed values: opened for their purpose and time only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.webchat import seal

KEYS = (b"a" * 32,)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_a_sealed_value_comes_back(value: str) -> None:
    assert seal.unseal(KEYS, "p", seal.seal(KEYS, "p", value, 100), 99.0) == value


def test_another_purpose_key_or_time_opens_nothing() -> None:
    envelope = seal.seal(KEYS, "p", "value", 100)
    assert seal.unseal(KEYS, "q", envelope, 99.0) is None
    assert seal.unseal((b"b" * 32,), "p", envelope, 99.0) is None
    assert seal.unseal((b"b" * 32, *KEYS), "p", envelope, 99.0) == "value"
    assert seal.unseal(KEYS, "p", envelope, 100.0) is None
    assert seal.unseal(KEYS, "p", envelope.replace(".100.", ".900."), 99.0) is None


@pytest.mark.parametrize(
    "envelope", ["", "a", "a.b.c", "..", "a.1.é", "a." + "9" * 400 + ".b", "x" * 5_000, "AA.1_0.AA"]
)
def test_odd_envelopes_open_nothing(envelope: str) -> None:
    assert seal.unseal(KEYS, "p", envelope, 0.0) is None


def test_parts_of_a_digest_are_kept_apart() -> None:
    assert seal.digest(b"k", "p", "ab", "c") != seal.digest(b"k", "p", "a", "bc")


@pytest.mark.parametrize("text", ["AB==", "A", "AB\n", "A+B/", "AB"])
def test_only_the_normal_form_is_decoded(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64|padd|character"):
        seal.decode(text)
