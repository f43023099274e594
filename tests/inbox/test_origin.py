"""Whose page sent it, and from which address."""

from __future__ import annotations

import pytest

from inbox.origin import client_address, foreign, is_loopback


@pytest.mark.parametrize(
    ("headers", "public_url", "expected"),
    [
        ({}, "", False),
        ({"Origin": "http://desk:8080"}, "", False),
        ({"Origin": "http://evil"}, "", True),
        ({"Origin": "null"}, "", True),
        ({"Origin": "https://desk.example"}, "https://desk.example", False),
        ({"Origin": "http://desk.example"}, "https://desk.example", True),
        ({"Origin": "https://desk.example:444"}, "https://desk.example", True),
        ({"Origin": "https://desk.example.evil"}, "https://desk.example", True),
        ({"Origin": "http://desk:8080"}, "https://desk.example", True),
        ({"Origin": "https://other.example"}, "https://desk.example", False),
        ({"Origin": "http://localhost:8080"}, "http://127.0.0.1:8080", False),
        ({"Origin": "http://localhost:8081"}, "http://127.0.0.1:8080", True),
        ({"Origin": "http://evil:8080"}, "http://127.0.0.1:8080", True),
        ({"Sec-Fetch-Site": "same-origin"}, "", False),
        ({"Sec-Fetch-Site": "none"}, "", False),
        ({"Sec-Fetch-Site": "same-site"}, "", True),
        ({"Sec-Fetch-Site": "cross-site"}, "", True),
    ],
)
def test_foreign_pages(headers: dict[str, str], public_url: str, *, expected: bool) -> None:
    found = foreign(headers, "desk:8080", public_url=public_url, origins=("https://other.example",))
    assert found is expected


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "address"),
    [
        ("203.0.113.9", "", (), "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", (), "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2", ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", "", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "nonsense", ("10.0.0.0/8",), "nonsense"),
        ("unix:", "198.51.100.1", ("10.0.0.0/8",), "unix:"),
    ],
)
def test_forwarded_addresses_are_believed_from_our_proxies_only(
    remote: str, forwarded: str, proxies: tuple[str, ...], address: str
) -> None:
    assert client_address(remote, forwarded, proxies) == address


def test_loopback() -> None:
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert not is_loopback("203.0.113.9")
    assert not is_loopback("nonsense")
