"""The one shape of an error answer, and which status each kind of refusal has. Pure apart from building responses."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

STATUS_OF_REFUSAL: dict[str, int] = {
    "not_found": 404,
    "version": 409,
    "offer_over": 409,
    "capacity": 422,
    "state": 422,
    "not_online": 422,
    "blocked": 422,
    "stopped": 422,
    "invalid": 422,
    "epoch": 409,
    "lease": 409,
}
CODE_OF_STATUS: dict[int, str] = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    411: "malformed",
    413: "too_large",
    415: "malformed",
    422: "refused",
    429: "too_many",
    500: "defect",
    503: "unavailable",
}


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong: `code` for programs, `message` for people, `field` where a body or query was malformed."""

    code: str
    message: str
    field: str = ""
    conversation: Any = None


class ErrorAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Every answer with a status of 400 and above."""

    error: ErrorBody


class ApiError(Exception):
    """Ends a request with `status` and the error shape."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "",
        field: str = "",
        conversation: Any = None,
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = ErrorBody(
            code=code or CODE_OF_STATUS.get(status, "error"),
            message=message,
            field=field,
            conversation=conversation,
        )
        self.retry_after = retry_after


def malformed(field: str, message: str) -> ApiError:
    """400 with the place."""
    return ApiError(400, message, field=field)


def not_found(what: str = "This") -> ApiError:
    """404: also for things that exist and that the caller may not see."""
    return ApiError(404, f"{what} does not exist, or you may not see it.")


def forbidden(message: str = "You may not do this.") -> ApiError:
    """403."""
    return ApiError(403, message)


def unauthenticated(message: str = "Sign in first.") -> ApiError:
    """401."""
    return ApiError(401, message)


def error_response(error: ApiError) -> web.Response:
    """The error as an answer."""
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if error.retry_after:
        headers["Retry-After"] = str(max(1, round(error.retry_after)))
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="parley"'
    return web.Response(
        status=error.status,
        body=msgspec.json.encode(ErrorAnswer(error=error.body)),
        headers=headers,
        content_type="application/json",
    )
