"""Where a request comes from: the client's address behind trusted proxies, and whether a page of another site sent it. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from functools import cache
from urllib.parse import urlsplit

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def foreign(headers: Mapping[str, str], host: str, *, public_url: str, origins: Sequence[str] = ()) -> bool:
    """Tell whether a browser says that another site's page sent this.

    `host` is the request's Host header; it is believed only when no public URL is configured. A request without Origin and without
    Sec-Fetch-Site is no page's (programs): not foreign, and worthless to an attacker without a cookie's CSRF token.
    """
    origin = headers.get("Origin", "")
    if origin:
        return not _ours(origin, host, public_url, tuple(origins))
    return headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}


def _ours(origin: str, host: str, public_url: str, origins: tuple[str, ...]) -> bool:
    if not public_url:
        return urlsplit(origin).netloc == host or origin in origins
    if origin in allowed_origins(public_url, origins):
        return True
    asked, own = urlsplit(origin), urlsplit(public_url)
    return (
        own.hostname in _LOOPBACK
        and asked.hostname in _LOOPBACK
        and (asked.scheme, asked.port) == (own.scheme, own.port)
    )


@cache
def allowed_origins(public_url: str, origins: tuple[str, ...]) -> frozenset[str]:
    """The origins whose pages are ours."""
    parts = urlsplit(public_url)
    return frozenset({f"{parts.scheme}://{parts.netloc}", *origins})


def client_address(remote: str, forwarded_for: str, proxies: Sequence[str]) -> str:
    """The address that counts for limits: the last one of X-Forwarded-For that is not a trusted proxy."""
    chain = [part.strip() for part in forwarded_for.split(",") if part.strip()]
    address = remote
    while chain and _trusted(address, tuple(proxies)):
        address = chain.pop()
    return address


@cache
def _networks(proxies: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(proxy, strict=False) for proxy in proxies)


def _trusted(address: str, proxies: tuple[str, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in _networks(proxies))


def is_loopback(address: str) -> bool:
    """Tell whether `address` is this machine."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
