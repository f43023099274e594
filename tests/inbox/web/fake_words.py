"""What the fake server's routes say and are told: bodies, refusals, which list a conversation belongs to."""

from typing import Any

from aiohttp import web

from stream import model
from tests.inbox.web.fake_server import BODY


def refusal(status: int, code: str, message: str, **more: Any) -> web.Response:
    """An error as the API answers it."""
    return web.json_response({"error": {"code": code, "message": message, **more}}, status=status)


def told(request: web.Request) -> dict[str, Any]:
    """What a writing request carries."""
    body = request[BODY]
    assert isinstance(body, dict | None)
    return body or {}


def belongs(view: str, row: model.Conversation, login: str) -> bool:
    """The lists, as the protocol names them."""
    if view == "spam" or row.spam:
        return view == "spam" and row.spam
    if view in {"snoozed", "resolved"}:
        return row.status == view
    if view == "mentions":
        return login in row.participants and row.status != "resolved"
    return row.status == "open" and {
        "mine": row.assignee == login,
        "unassigned": not row.assignee,
        "all": True,
    }.get(view, False)


def copies(body: dict[str, Any]) -> dict[str, Any]:
    """Who else gets a message, as it is kept with it."""
    kinds = {kind: body[kind] for kind in ("cc", "bcc") if kind in body}
    return {kind: [[one["address"], one["name"]] for one in list_] for kind, list_ in kinds.items()}
