"""The sitemap: every URL of the inbox on one page. What a route takes and gives is in its handler's annotations, who may in `policy`."""

from __future__ import annotations

from inbox.api import (
    agents,
    attachments,
    canned,
    contacts,
    conversations,
    house,
    messages,
    search,
    session,
    users,
)
from inbox.api.work import on
from inbox.call import Route

API = "/api/v1"

ROUTES: tuple[Route, ...] = (
    # who is asking
    Route("GET", "/session", session.read, "session.self"),
    Route("POST", "/session", session.create, ""),
    Route("POST", "/session/link", session.create_by_link, ""),
    Route("DELETE", "/session", session.delete, "session.self"),
    Route("POST", "/session/password", session.change_password, "session.self"),
    Route("GET", "/me/settings", agents.read_settings, "session.self"),
    Route("PUT", "/me/settings", agents.save_settings, "session.self"),
    # conversations
    Route("GET", "/conversations", conversations.read_list, "conversation.list"),
    Route("POST", "/conversations", conversations.start, "conversation.start", 201),
    Route("GET", "/conversations/{id}", conversations.read, "conversation.read"),
    Route("GET", "/conversations/{id}/messages", conversations.read_messages, "conversation.read"),
    Route("GET", "/conversations/{id}/messages/{message}/html", messages.read_html, "conversation.read"),
    Route("GET", "/conversations/{id}/canned-replies", canned.read_list, "conversation.read"),
    Route("GET", "/canned-replies", canned.read_for_letter, "conversation.start"),
    Route("GET", "/conversations/{id}/explain", conversations.explain, "conversation.read"),
    Route("POST", "/conversations/{id}/reply", on("reply"), "conversation.work", 201),
    Route("POST", "/conversations/{id}/note", on("note"), "conversation.work", 201),
    Route("POST", "/conversations/{id}/accept", on("accept"), "conversation.work"),
    Route("POST", "/conversations/{id}/decline", on("decline"), "conversation.work"),
    Route("POST", "/conversations/{id}/take", on("take"), "conversation.work"),
    Route("POST", "/conversations/{id}/assign", on("assign"), "conversation.assign"),
    Route("POST", "/conversations/{id}/transfer", on("transfer"), "conversation.work"),
    Route("POST", "/conversations/{id}/handover", on("handover"), "conversation.work"),
    Route("POST", "/conversations/{id}/resolve", on("resolve"), "conversation.work"),
    Route("POST", "/conversations/{id}/reopen", on("reopen"), "conversation.work"),
    Route("POST", "/conversations/{id}/wake", on("wake"), "conversation.work"),
    Route("POST", "/conversations/{id}/snooze", on("snooze"), "conversation.work"),
    Route("POST", "/conversations/{id}/tags", on("tags"), "conversation.work"),
    Route("POST", "/conversations/{id}/priority", on("priority"), "conversation.work"),
    Route("POST", "/conversations/{id}/spam", on("spam"), "conversation.work"),
    Route("POST", "/conversations/{id}/read", on("read"), "conversation.work"),
    Route("POST", "/conversations/{id}/retry", on("retry"), "conversation.work"),
    Route("POST", "/conversations/{id}/move", on("move"), "conversation.work"),
    # people
    Route("GET", "/contacts", contacts.find, "contact.list"),
    Route("GET", "/contacts/{id}", contacts.read, "contact.read"),
    Route("PATCH", "/contacts/{id}", contacts.change, "contact.change"),
    Route("GET", "/contacts/{id}/timeline", contacts.timeline, "contact.read"),
    Route("POST", "/contacts/{id}/merge", contacts.merge, "contact.merge"),
    Route("POST", "/contacts/{id}/unmerge", contacts.unmerge, "contact.merge"),
    Route("POST", "/contacts/{id}/erase", contacts.erase, "contact.erase"),
    Route("POST", "/identities/{id}/block", contacts.block, "contact.change"),
    Route("GET", "/search", search.find, "conversation.list"),
    Route("POST", "/attachments", attachments.create, "attachment.create", 201),
    Route("GET", "/attachments/{id}", attachments.read, "attachment.read"),
    # the house
    Route("GET", "/agents", agents.read_list, "agent.list"),
    Route("POST", "/agents/{id}/status", agents.set_status, "agent.status"),
    Route("GET", "/queues", house.read_queues, "house.read"),
    Route("GET", "/channels", house.read_channels, "house.read"),
    Route("GET", "/config", house.read_config, "house.read"),
    Route("POST", "/config/reload", house.reload, "house.reload"),
    Route("GET", "/automations", house.read_automations, "house.reload"),
    Route("GET", "/dead-letters", house.read_letters, "dead.read"),
    Route("GET", "/dead-letters/{id}", house.read_letter, "dead.read"),
    Route("POST", "/dead-letters/{id}/replay", house.replay_letter, "dead.replay"),
    # admins
    Route("GET", "/users", users.read_list, "user.manage"),
    Route("POST", "/users", users.create, "user.manage", 201),
    Route("PATCH", "/users/{id}", users.change, "user.manage"),
    Route("POST", "/users/{id}/link", users.create_link, "user.manage", 201),
    Route("GET", "/users/{id}/sessions", users.read_sessions, "user.manage"),
    Route("DELETE", "/users/{id}/sessions", users.end_sessions, "user.manage"),
    Route("GET", "/tokens", users.read_tokens, "token.manage"),
    Route("POST", "/tokens", users.create_token, "token.manage", 201),
    Route("DELETE", "/tokens/{id}", users.delete_token, "token.manage"),
)

OUTSIDE = (
    "/",
    "/sign-in",
    "/ui/{build}/{name}",
    "/ws",
    "/hooks/{channel}",
    "/healthz",
    "/readyz",
    "/metrics",
)
"""Everything that is not below /api/v1, beside it `/api/v1/openapi.json` and the widget's own routes (given by the composition root)."""


def path_of(route: Route) -> str:
    """The whole path of an API route."""
    return API + route.path
