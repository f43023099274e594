"""/hooks/{channel}: a provider's request, read within the channel's limit, handed to the channel's host as it came.

The hot path: no middleware, no log line, no sign-in. The host verifies; here only size and number are bounded.
"""

from __future__ import annotations

from aiohttp import web

from inbox.errors import ApiError, error_response
from inbox.ports import HookRequest, Services
from stream.store.ports import StoreError


class Hooks:
    """Takes webhooks, at most a fixed number at once: beyond it providers are told to come again."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._limit = services.settings.limits.hooks_at_once
        self._at_once = 0

    async def take(self, request: web.Request) -> web.Response:
        """Answer what the channel's host answers; 404 unknown, 413 too large, 503 too many or no database."""
        if self._at_once >= self._limit:
            return error_response(ApiError(503, "Too many webhooks at once.", retry_after=1))
        self._at_once += 1
        try:
            return await self._take(request)
        except ApiError as error:
            return error_response(error)
        except StoreError as error:
            return error_response(ApiError(503, str(error), retry_after=2))
        finally:
            self._at_once -= 1

    async def _take(self, request: web.Request) -> web.Response:
        ident = request.match_info["channel"]
        channel = self._services.house().channel(ident)
        if channel is None:
            raise ApiError(404, f"There is no channel {ident}.")
        body = await _read(request, channel.max_body)
        answer = await self._services.hooks(
            HookRequest(
                channel=ident,
                method=request.method,
                path=request.path,
                query=dict(request.query),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=body,
                remote=request.remote or "",
            )
        )
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)


async def _read(request: web.Request, limit: int) -> bytes:
    length = request.content_length
    if (length or 0) > limit:
        raise ApiError(413, f"A webhook of this channel has at most {limit} bytes.")
    if length is not None:  # the parser reads no more than that
        return await request.content.read()
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise ApiError(413, f"A webhook of this channel has at most {limit} bytes.")
    return bytes(body)
