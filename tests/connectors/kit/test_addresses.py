"""Private networks stay private, whatever notation names them."""

import pytest

from connectors.kit.addresses import is_public, refusal

PRIVATE = [
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "100::1",
    "2606:4700::1%lo",
    "nonsense",
]
PUBLIC = [
    "8.8.8.8",
    "93.184.216.34",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1/x", "not a public one"),
        ("https://[::1]:8443/", "not a public one"),
        ("http://[::ffff:7f00:1]/", "not a public one"),
        ("http://2130706433/", "notation"),
        ("http://0177.0.0.1/", "not a public|notation"),
        ("http://0x7f000001/", "notation"),
        ("http://0x7f.1/", "notation"),
        ("http://127.1/", "notation"),
        ("http://127.0.0.1./", "not a public one"),
        ("ftp://example.org/", "http and https"),
        ("file:///etc/passwd", "http and https"),
        ("javascript:alert(1)", "http and https"),
        ("http:///x", "no host"),
        ("http://user@example.org/", "user name"),
        ("http://a:b@example.org/", "user name"),
        ("http://[::1/", "not a URL"),
        ("http://example.org:99999/", "not a URL"),
    ],
)
def test_urls_that_are_not_asked_for(url: str, says: str) -> None:
    wrong = refusal(url)
    assert any(part in wrong for part in says.split("|")), wrong
    assert wrong


@pytest.mark.parametrize(
    "url", ["https://example.org/a?b=c", "http://8.8.8.8/", "https://xn--bcher-kva.example/", "http://a1.b2/"]
)
def test_urls_that_may_be_resolved(url: str) -> None:
    assert not refusal(url)


def test_the_operator_lets_one_host_be_private() -> None:
    assert not refusal("http://127.0.0.1:8081/", frozenset({"127.0.0.1:8081"}))
    assert refusal("http://127.0.0.1:8082/", frozenset({"127.0.0.1:8081"}))
    assert not refusal("http://127.0.0.1:8082/", frozenset({"127.0.0.1"}))
    assert not refusal("http://[::1]:80/", frozenset({"::1"}))
    assert not refusal("http://BOT.internal/", frozenset({"bot.internal"}))
