"""Which network addresses a request of ours may reach: only public ones, in whatever notation they come. Pure.

The list is IANA's special-purpose registries (RFC 6890 and its successors) plus the IPv6 forms that carry an IPv4 address inside
(mapped, NAT64, 6to4, Teredo): those are judged by what they carry, or refused.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_REFUSED_V4 = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_REFUSED_V6 = tuple(
    ipaddress.ip_network(text)
    for text in (
        "::/128", "::1/128", "::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
        "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether the literal `address` is on the public Internet; False for anything that is not an address."""
    try:
        parsed = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        if "%" in address:
            return False
        inner = parsed.ipv4_mapped
        if parsed in _NAT64:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(str(inner))
        return not any(parsed in network for network in _REFUSED_V6)
    return not any(parsed in network for network in _REFUSED_V4)


def refusal(url: str, allowed: frozenset[str] = frozenset()) -> str:
    """Why `url` is not asked for at all ("" when it may be resolved): the sentence names what is wrong with it.

    `allowed` has host names, or `host:port`, that the operator lets be private. Names are judged again by every address they resolve to.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "this is not a URL"
    if parts.scheme not in {"http", "https"}:
        return "only http and https URLs are asked for"
    if not host:
        return "the URL names no host"
    if parts.username is not None or parts.password is not None:
        return "a URL must not carry a user name or password"
    if is_allowed(host, port or (443 if parts.scheme == "https" else 80), allowed):
        return ""
    if _is_literal(host):
        return "" if is_public(host) else "the address is not a public one"
    if _looks_numeric(host):
        return "an address in this notation is not accepted"
    return ""


def is_allowed(host: str, port: int, allowed: frozenset[str]) -> bool:
    """Whether the operator named this host (or host and port) as one that may be private."""
    name = host.lower().rstrip(".")
    return name in allowed or f"{name}:{port}" in allowed


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        return False
    return True


def _looks_numeric(host: str) -> bool:
    """Decimal, octal, hexadecimal and short forms (`2130706433`, `0177.0.0.1`, `0x7f.1`): their last label is a number (WHATWG URL)."""
    last = host.rsplit(".", 1)[-1].lower()
    return last.isdigit() or (last.startswith("0x") and all(char in "0123456789abcdef" for char in last[2:]))
