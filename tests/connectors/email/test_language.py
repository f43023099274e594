"""Which language a text is in; the corpus has more than thirty, here are the edges."""

from __future__ import annotations

import pytest

from connectors.email.language import detect


@pytest.mark.parametrize("text", ["", "ok", "1234 5678", "👍", "xyz qwrt plmn", "Hi"])
def test_undecided(text: str) -> None:
    assert detect(text) == ""


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "Where is the parcel that I have ordered?"),
        ("de", "Wo ist das Paket, das ich bestellt habe?"),
        ("ja", "注文した荷物はどこですか"),
        ("zh", "我订的包裹在哪里？"),
        ("fa", "بسته‌ای که سفارش دادم کجاست؟ لطفا پاسخ دهید"),
        ("ar", "أين الطرد الذي طلبته؟"),
        ("uk", "Де моя посилка, яку я замовив? Дякую за відповідь"),
        ("sr", "Где је мој пакет који сам наручио? Хвала"),
        ("sk", "Kde je môj balík, ktorý som si objednal? Ďakujem"),
    ],
)
def test_decided(code: str, text: str) -> None:
    assert detect(text) == code


def test_a_long_text_costs_no_more_than_its_beginning() -> None:
    assert detect("Where is the parcel that I have ordered? " * 100_000) == "en"
