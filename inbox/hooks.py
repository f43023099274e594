"""/hooks/{channel}: a provider's request, read within the channel's limit, handed to the channel's host as it came.

The hot path: no middleware, no log line, no sign-in. The host verifies; here only size and number are bounded. Most requests come by
`front`, which has read them already; the others by aiohttp.
"""

from __future__ import annotations

from aiohttp import web

from inbox.errors import ApiError, error_response
from inbox.ports import HookAnswer, HookRequest, Services
from stream.store.ports import StoreError

TOO_MANY = ApiError(503, "Too many webhooks at once.", retry_after=1)
PACKED = ApiError(415, "A webhook's body is taken as it is: send it without Content-Encoding.")


class Hooks:
    """Takes webhooks, at most a fixed number at once: beyond it providers are told to come again."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._limit = services.settings.limits.hooks_at_once
        self._at_once = 0

    def fits(self, channel: str) -> int:
        """The largest body that the channel takes; 0 for an unknown one."""
        found = self._services.house().channel(channel)
        return found.max_body if found is not None else 0

    async def answer(self, request: HookRequest | web.Request) -> HookAnswer:
        """Answer what the channel's host answers; 503 for too many or no database.

        Of an aiohttp request only the head has been read: 404 for an unknown channel, 413 for too large a body.
        """
        if self._at_once >= self._limit:
            return _plain(TOO_MANY)
        self._at_once += 1
        try:
            given = request if isinstance(request, HookRequest) else await self._read(request)
            return await self._services.hooks(given)
        except ApiError as error:
            return _plain(error)
        except StoreError as error:
            return _plain(ApiError(503, str(error), retry_after=2))
        finally:
            self._at_once -= 1

    async def take(self, request: web.Request) -> web.Response:
        """The same over aiohttp."""
        answer = await self.answer(request)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    async def _read(self, request: web.Request) -> HookRequest:
        ident = request.match_info["channel"]
        if any(name.lower() != "identity" for name in request.headers.getall("Content-Encoding", ())):
            raise PACKED  # a megabyte unpacks to a gigabyte, before anybody has said who they are
        return HookRequest(
            channel=ident,
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await _read(request, self._limit_of(ident)),
        )

    def _limit_of(self, ident: str) -> int:
        channel = self._services.house().channel(ident)
        if channel is None:
            raise ApiError(404, f"There is no channel {ident}.")
        return channel.max_body


def _plain(error: ApiError) -> HookAnswer:
    response = error_response(error)
    assert isinstance(response.body, bytes)
    return HookAnswer(status=response.status, headers=dict(response.headers), body=response.body)


async def _read(request: web.Request, limit: int) -> bytes:
    if (request.content_length or 0) > limit:
        raise ApiError(413, f"A webhook of this channel has at most {limit} bytes.")
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise ApiError(413, f"A webhook of this channel has at most {limit} bytes.")
    return bytes(body)
