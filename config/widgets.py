"""The addresses of channels with sockets of their own, below `/widget/{channel}`, as the active configuration has them.

aiohttp's table of routes is closed once the server runs; channels come and go with a reload. So one route takes them all and
finds the channel's own list here.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Row = tuple[str, re.Pattern[str], Handler]
_FIELD = re.compile(r"\{(\w+)(?::([^{}]+))?\}")


class Mounts:
    """`routes` answers the lists of this process's channels."""

    def __init__(self, routes: Callable[[], Mapping[str, Sequence[web.RouteDef]]]) -> None:
        self._routes = routes
        self._tables: dict[str, tuple[Row, ...]] = {}

    def refresh(self) -> None:
        """Take the lists anew: at the start and after every change of the channels."""
        self._tables = {
            channel: tuple((route.method, pattern(route.path), route.handler) for route in rows)
            for channel, rows in self._routes().items()
        }

    def route(self) -> web.AbstractRouteDef:
        """The one route that takes them all."""
        return web.route("*", "/widget/{channel}/{tail:.*}", self.handle)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Hand the request to the channel's own handler; 404 and 405 as usual."""
        path = "/" + request.match_info["tail"]
        allowed: list[str] = []
        for method, form, handler in self._tables.get(request.match_info["channel"], ()):
            found = form.fullmatch(path)
            if found is None:
                continue
            if method == request.method or (request.method == "HEAD" and method == "GET"):
                request.match_info.update(found.groupdict())
                return await handler(request)
            allowed.append(method)
        if allowed:
            raise web.HTTPMethodNotAllowed(request.method, allowed)
        raise web.HTTPNotFound


def pattern(path: str) -> re.Pattern[str]:
    """A route's `{name}` and `{name:expression}` as a regular expression."""
    text, at = "", 0
    for found in _FIELD.finditer(path):
        text += re.escape(path[at : found.start()]) + f"(?P<{found[1]}>{found[2] or '[^/]+'})"
        at = found.end()
    return re.compile(text + re.escape(path[at:]))
