"""The nearest name of a closed list."""

from __future__ import annotations

from router.names import nearest


def test_nearest() -> None:
    assert nearest("Bilings", ["support", "billing"]) == "billing"
    assert nearest("xyz", ["support", "billing"]) == ""
