"""Which web sites may carry the widget: patterns of origins, pure. Who asks and what is answered is decided in `routes`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

ANYWHERE = "*"
_PATTERN = re.compile(
    r"(?P<scheme>https?)://(?P<host>(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:(?P<port>\d{1,5}))?"
)
_PORTS = {"http": 80, "https": 443}


def normal(origin: str) -> str:
    """An origin as browsers write it: lower case, without the scheme's own port; `""` when it is none (`null`, a path, ...)."""
    found = _PATTERN.fullmatch(origin.strip().lower().removesuffix("/"))
    if found is None:
        return ""
    scheme, host, port = found["scheme"], found["host"], found["port"]
    if port is None or int(port) == _PORTS[scheme]:
        return f"{scheme}://{host}"
    return f"{scheme}://{host}:{int(port)}" if int(port) < 65536 else ""


def pattern(text: str) -> str:
    """A configured origin in normal form: `https://shop.example`, `https://*.shop.example` or `*`. Raises ValueError."""
    if text.strip() == ANYWHERE:
        return ANYWHERE
    written = normal(text)
    if not written:
        raise ValueError(
            f"{text!r} is no origin: write scheme and host only, like https://shop.example or https://*.shop.example"
        )
    return written


def matches(origin: str, patterns: Iterable[str]) -> bool:
    """Tell whether `origin` (as a browser sent it) fits one of these patterns; `*.` stands for one or more labels."""
    written = normal(origin)
    return bool(written) and "*" not in written and any(_fits(written, one) for one in patterns)


def _fits(origin: str, one: str) -> bool:
    if one == ANYWHERE:
        return True
    if "://*." not in one:
        return origin == one
    scheme, _, rest = one.partition("://*")
    return (
        origin.startswith(f"{scheme}://")
        and origin.endswith(rest)
        and len(origin) > len(scheme) + 3 + len(rest)
    )


def own(origin: str, public_url: str, host: str) -> bool:
    """Tell whether `origin` is Parley's own: that of its public address, or of the very `Host` that the request came to."""
    written = normal(origin)
    if not written or "*" in written:
        return False
    if public_url and written == normal(_origin_of(public_url)):
        return True
    return any(written == normal(f"{scheme}://{host}") for scheme in _PORTS)


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def frame_ancestors(patterns: Iterable[str]) -> str:
    """The value of the CSP directive: ourselves (the preview page) and the allowed origins."""
    listed = tuple(patterns)
    return "*" if ANYWHERE in listed else " ".join(("'self'", *listed))


def socket_sources(public_url: str, host: str) -> str:
    """The socket's addresses for `connect-src`: some browsers do not count them as 'self'."""
    hosts = {h for h in (urlsplit(public_url).netloc.lower(), host.lower()) if h and normal(f"http://{h}")}
    return " ".join(f"{scheme}://{one}" for one in sorted(hosts) for scheme in ("ws", "wss"))
