"""The fake server's API: every verb makes the events that the real one would, in the simplest world where all goes well."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

from inbox import views
from stream import events as ev
from stream import model
from stream.ids import new_token
from tests.inbox.web.fake_server import FakeServer
from tests.inbox.web.fake_words import belongs, copies, refusal, told
from tests.inbox.web.fake_world import FakeWorld

PAGE = 50
Verb = Callable[[str, dict[str, Any]], Any]


def add(app: web.Application, server: FakeServer) -> None:
    """Put every route into `app`."""
    routes = Routes(server)
    for method, path, handler in (
        ("GET", "/session", routes.who),
        ("POST", "/session", routes.sign_in),
        ("POST", "/session/link", routes.link),
        ("POST", "/session/password", routes.password),
        ("DELETE", "/session", routes.sign_out),
        ("GET", "/conversations", routes.conversations),
        ("POST", "/conversations", routes.start),
        ("GET", "/conversations/{id}", routes.conversation),
        ("GET", "/conversations/{id}/messages", routes.messages),
        ("GET", "/conversations/{id}/messages/{message}/html", routes.html),
        ("GET", "/conversations/{id}/canned-replies", routes.canned),
        ("GET", "/canned-replies", routes.canned_for_letter),
        ("GET", "/conversations/{id}/explain", routes.explain),
        ("POST", "/conversations/{id}/{verb}", routes.verb),
        ("GET", "/contacts", routes.contacts),
        ("GET", "/contacts/{id}", routes.contact),
        ("PATCH", "/contacts/{id}", routes.rename),
        ("GET", "/contacts/{id}/timeline", routes.timeline),
        ("POST", "/contacts/{id}/merge", routes.merge),
        ("POST", "/contacts/{id}/unmerge", routes.unmerge),
        ("POST", "/contacts/{id}/erase", routes.erase),
        ("POST", "/identities/{id}/block", routes.block),
        ("GET", "/search", routes.search),
        ("POST", "/attachments", routes.upload),
        ("GET", "/attachments/{id}", routes.file),
        ("GET", "/agents", routes.agents),
        ("POST", "/agents/{id}/status", routes.status),
        ("GET", "/me/settings", routes.settings),
        ("PUT", "/me/settings", routes.keep_settings),
    ):
        app.router.add_route(method, f"/api/v1{path}", handler)


class Routes:
    """One method per route; the verbs on conversations are in `verb`."""

    def __init__(self, server: FakeServer) -> None:
        self.server = server
        self.me = model.Author(kind="agent", id=server.login)

    @property
    def world(self) -> FakeWorld:
        """The world of the test that runs now."""
        return self.server.world

    # --- the door --------------------------------------------------------------------------------------------------

    async def who(self, _: web.Request) -> web.Response:
        if not self.server.signed_in:
            return refusal(401, "signed_out", "Sign in.")
        return web.json_response(self.server.session())

    async def sign_in(self, request: web.Request) -> web.Response:
        body = told(request)
        if (body["login"], body["password"]) != (self.server.login, self.server.password):
            return refusal(401, "credentials", "Login and password do not fit.")
        self.server.signed_in = True
        return web.json_response(self.server.session())

    async def link(self, request: web.Request) -> web.Response:
        token = told(request)["token"]
        if token not in self.server.links:
            return refusal(401, "link", "This link is used up.")
        self.server.links.discard(token)
        self.server.signed_in = self.server.must_set_password = True
        return web.json_response(self.server.session())

    async def password(self, request: web.Request) -> web.Response:
        self.server.password, self.server.must_set_password = told(request)["new"], False
        return web.json_response(self.server.session())

    async def sign_out(self, _: web.Request) -> web.Response:
        self.server.signed_in = False
        return web.json_response({"ok": True})

    # --- reading ---------------------------------------------------------------------------------------------------

    async def conversations(self, request: web.Request) -> web.Response:
        query, rows = request.query, self.world.of("conversation")
        rows = [row for row in rows if belongs(query.get("view", "all"), row, self.server.login)]
        if query.get("queue"):
            rows = [row for row in rows if row.queue == query["queue"]]
        rows.sort(key=lambda row: -row.updated_at)
        at, limit = int(query.get("cursor") or 0), int(query.get("limit", PAGE))
        following = str(at + limit) if at + limit < len(rows) else ""
        items = [self.world.view(row.id) for row in rows[at : at + limit]]
        return web.json_response({"items": items, "next": following})

    async def conversation(self, request: web.Request) -> web.Response:
        ident = request.match_info["id"]
        if ("conversation", ident) not in self.world.rows:
            return refusal(404, "not_found", "There is no such conversation.")
        return web.json_response(self.world.view(ident))

    async def messages(self, request: web.Request) -> web.Response:
        before = int(request.query.get("before", 10**9))
        rows = [row for row in self.world.messages(request.match_info["id"]) if row.seq < before]
        limit = int(request.query.get("limit", PAGE))
        items = [self.world.message_view(row) for row in rows[-limit:]]
        return web.json_response({"items": items, "more": len(rows) > limit})

    async def html(self, request: web.Request) -> web.Response:
        row: model.Message = self.world.rows["message", request.match_info["message"]]
        content = self.world.contents[row.content]
        assert isinstance(content, model.MessageContent)
        policy = "sandbox allow-popups; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'"
        headers = {"Content-Security-Policy": policy}
        return web.Response(text=content.html, content_type="text/html", headers=headers)

    async def canned(self, request: web.Request) -> web.Response:
        return self._canned(self.world.view(request.match_info["id"])["contact"]["name"])

    async def canned_for_letter(self, request: web.Request) -> web.Response:
        return self._canned(request.query["name"])

    def _canned(self, name: str) -> web.Response:
        items = [{**one, "text": one["text"].replace("{name}", name)} for one in self.world.canned]
        return web.json_response({"items": items})

    async def explain(self, request: web.Request) -> web.Response:
        decisions = self.world.decisions.get(request.match_info["id"], [])
        return web.json_response({"decisions": decisions})

    async def search(self, request: web.Request) -> web.Response:
        wanted, items = request.query["q"].lower(), []
        for row in self.world.of("message"):
            content = self.world.contents.get(row.content)
            if isinstance(content, model.MessageContent) and wanted in content.text.lower():
                view = self.world.view(row.conversation)
                items.append({"conversation": view, "snippet": content.text[:120]})
        unique = {item["conversation"]["id"]: item for item in items}
        return web.json_response({"items": list(unique.values())[:30], "next": ""})

    async def agents(self, _: web.Request) -> web.Response:
        items = [self.world.agent_view(row.id) for row in self.world.of("agent")]
        return web.json_response({"items": items})

    async def settings(self, _: web.Request) -> web.Response:
        return web.json_response(self.server.settings)

    async def keep_settings(self, request: web.Request) -> web.Response:
        self.server.settings = told(request)
        return web.json_response(self.server.settings)

    # --- customers -------------------------------------------------------------------------------------------------

    async def contacts(self, request: web.Request) -> web.Response:
        wanted = request.query.get("q", "").lower()
        every = [self.world.contact_view(row.id) for row in self.world.of("contact") if not row.merged_into]
        found = [one for one in every if wanted in str(one).lower()]
        return web.json_response({"items": found[: int(request.query.get("limit", 20))]})

    async def contact(self, request: web.Request) -> web.Response:
        return web.json_response(self.world.contact_view(request.match_info["id"]))

    async def rename(self, request: web.Request) -> web.Response:
        ident = request.match_info["id"]
        profile = self.world.content(model.PersonContent(**told(request)))
        await self._emit(ev.ContactChanged(contact=ident, profile=profile))
        return web.json_response(self.world.contact_view(ident))

    async def timeline(self, request: web.Request) -> web.Response:
        ident = request.match_info["id"]
        mine = {row.id for row in self.world.of("identity") if row.contact == ident}
        rows = [row for row in self.world.of("conversation") if row.identity in mine]
        rows.sort(key=lambda row: -row.updated_at)
        items = [
            {
                "conversation": self.world.view(row.id),
                "messages": [self.world.message_view(one) for one in self.world.messages(row.id)[-3:]],
            }
            for row in rows
        ]
        return web.json_response({"items": items, "next": ""})

    async def merge(self, request: web.Request) -> web.Response:
        ident, other = request.match_info["id"], told(request)["contact"]
        moved = tuple(row.id for row in self.world.of("identity") if row.contact == other)
        self.world.merged.setdefault(ident, []).append(other)
        self.world.suggestions.pop(ident, None)
        await self._emit(ev.ContactsMerged(contact=ident, merged=other, identities=moved))
        return web.json_response(self.world.contact_view(ident))

    async def unmerge(self, request: web.Request) -> web.Response:
        ident, other = request.match_info["id"], told(request)["contact"]
        moved = tuple(row.id for row in self.world.of("identity") if row.home == other)
        self.world.merged[ident].remove(other)
        await self._emit(ev.ContactsUnmerged(contact=ident, merged=other, identities=moved))
        return web.json_response(self.world.contact_view(ident))

    async def erase(self, request: web.Request) -> web.Response:
        contact = self.world.rows["contact", request.match_info["id"]]
        self.world.contents[contact.profile] = model.Erased(at=self.world.now())
        await self._emit(ev.ContentErased(contents=(contact.profile,), by=self.server.login))
        return web.json_response({"contents": 1, "raw": 0, "letters": 0})

    async def block(self, request: web.Request) -> web.Response:
        ident = request.match_info["id"]
        await self._emit(ev.IdentityBlocked(identity=ident, blocked=told(request)["blocked"]))
        return web.json_response({"ok": True})

    # --- files, status ---------------------------------------------------------------------------------------------

    async def upload(self, request: web.Request) -> web.Response:
        content, ident = await request.read(), f"att_{new_token()}"
        name, kind = request.query["name"], request.content_type
        self.server.files[ident] = (name, kind, content)
        url = views.attachment_url(ident)
        answer = {"id": ident, "name": name, "content_type": kind, "size": len(content), "url": url}
        return web.json_response(answer, status=201)

    async def file(self, request: web.Request) -> web.Response:
        name, kind, content = self.server.files[request.match_info["id"].split("~")[-1]]
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(body=content, content_type=kind, headers=headers)

    async def status(self, request: web.Request) -> web.Response:
        ident, body = request.match_info["id"], told(request)
        await self._emit(
            ev.AgentStatusChanged(
                agent=ident, status=body["status"], reason=body.get("reason", ""), by=self.me
            )
        )
        return web.json_response(self.world.agent_view(ident))

    # --- verbs -----------------------------------------------------------------------------------------------------

    async def _emit(self, event: Any) -> None:
        await self.server.push(self.world.emit(event))

    async def start(self, request: web.Request) -> web.Response:
        body = told(request)
        if "@" not in body["to"]:
            return refusal(400, "invalid", "This is not an address.", field="to")
        _, (identity,) = self.world.person(body["name"] or body["to"], [("email", body["to"])])
        ident = self.world.start(body["channel"], identity, body["subject"])
        self.world.assign(ident, self.server.login, how="taken")
        self.world.reply(ident, self.server.login, body["text"], message=body["message"], data=copies(body))
        await self.server.push(*self.world.journal[-3:])
        return web.json_response(self.world.view(ident), status=201)

    async def verb(self, request: web.Request) -> web.Response:
        ident, verb, body = request.match_info["id"], request.match_info["verb"], told(request)
        row = self.world.conversation(ident)
        if body.get("version") not in {None, 0, row.version}:
            view = self.world.view(ident)
            return refusal(409, "version", "Somebody changed this meanwhile.", conversation=view)
        before = self.world.n
        answer = getattr(self, f"_{verb}")(row, body)
        if isinstance(answer, web.Response):
            return answer
        # The answer and the echo race in real life; here the echo comes second, so that its being dropped is tested.
        asyncio.get_running_loop().call_later(0.02, lambda: asyncio.ensure_future(self.server.tell(before)))
        return web.json_response(
            {"n": self.world.n, "conversation": self.world.view(ident), **(answer or {})},
            status=201 if verb in {"reply", "note"} else 200,
        )

    def _reply(self, row: model.Conversation, body: dict[str, Any]) -> dict[str, Any]:
        if ("message", body["message"]) not in self.world.rows:
            files = tuple(self._attachment(one) for one in body.get("attachments", ()))
            said = {"message": body["message"], "files": files, "data": copies(body)}
            self.world.reply(row.id, self.server.login, body["text"], **said)
        return {"message": self.world.message_view(self.world.rows["message", body["message"]])}

    def _attachment(self, ident: str) -> model.Attachment:
        name, kind, content = self.server.files[ident]
        return model.Attachment(id=ident, blob=ident, name=name, content_type=kind, size=len(content))

    def _note(self, row: model.Conversation, body: dict[str, Any]) -> dict[str, Any]:
        mentions = tuple(body.get("mentions", ()))
        self.world.note(row.id, self.server.login, body["text"], message=body["message"], mentions=mentions)
        return {"message": self.world.message_view(self.world.rows["message", body["message"]])}

    def _accept(self, row: model.Conversation, body: dict[str, Any]) -> web.Response | None:
        if row.offer is None or row.offer.id != body["offer"]:
            view = self.world.view(row.id)
            return refusal(409, "offer_over", "This offer is over.", conversation=view)
        self.world.assign(row.id, self.server.login, how="accepted")
        return None

    def _decline(self, row: model.Conversation, _: dict[str, Any]) -> None:
        assert row.offer is not None
        offer = row.offer
        self.world.emit(
            ev.OfferEnded(
                conversation=row.id,
                offer=offer.id,
                agent=offer.agent,
                how="declined",
                units=offer.units,
                connector=row.connector,
            )
        )

    def _take(self, row: model.Conversation, _: dict[str, Any]) -> None:
        self.world.assign(row.id, self.server.login, how="taken")

    def _assign(self, row: model.Conversation, body: dict[str, Any]) -> None:
        self.world.assign(row.id, body["agent"])

    def _transfer(self, row: model.Conversation, body: dict[str, Any]) -> None:
        self.world.enqueue(row.id, body.get("queue") or "orders")

    def _resolve(self, row: model.Conversation, _: dict[str, Any]) -> None:
        held = row.assignee if row.status == "open" else ""
        units = row.units if held else 0
        self.world.emit(
            ev.ConversationResolved(
                conversation=row.id, by=self.me, connector=row.connector, released=held, released_units=units
            )
        )

    def _reopen(self, row: model.Conversation, _: dict[str, Any]) -> None:
        self.world.emit(ev.ConversationReopened(conversation=row.id, reason="by hand"))

    def _snooze(self, row: model.Conversation, body: dict[str, Any]) -> None:
        held = row.assignee if row.status == "open" else ""
        self.world.emit(
            ev.ConversationSnoozed(
                conversation=row.id,
                until=body["until"],
                by=self.me,
                connector=row.connector,
                released=held,
                released_units=row.units if held else 0,
            )
        )

    def _wake(self, row: model.Conversation, _: dict[str, Any]) -> None:
        self.world.emit(
            ev.SnoozeEnded(
                conversation=row.id,
                reason="by hand",
                agent=row.assignee,
                units=row.units,
                connector=row.connector,
            )
        )

    def _tags(self, row: model.Conversation, body: dict[str, Any]) -> None:
        tags = tuple(sorted((set(row.tags) | set(body.get("add", ()))) - set(body.get("remove", ()))))
        self.world.emit(ev.TagsChanged(conversation=row.id, tags=tags, by=self.me))

    def _priority(self, row: model.Conversation, body: dict[str, Any]) -> None:
        self.world.emit(ev.PriorityChanged(conversation=row.id, priority=body["priority"], by=self.me))

    def _spam(self, row: model.Conversation, body: dict[str, Any]) -> None:
        self.world.emit(ev.SpamMarked(conversation=row.id, spam=body["spam"], by=self.me))

    def _read(self, row: model.Conversation, body: dict[str, Any]) -> None:
        self.world.emit(ev.ConversationRead(conversation=row.id, seq=body["seq"], agent=self.server.login))

    def _move(self, row: model.Conversation, body: dict[str, Any]) -> None:
        self.world.emit(ev.MessageDeleted(conversation=row.id, message=body["message"]))

    def _retry(self, row: model.Conversation, body: dict[str, Any]) -> None:
        if body.get("discard"):
            self.world.deliver(row.id, body["message"], "failed", "given up")
            self.world.emit(ev.MessageDeleted(conversation=row.id, message=body["message"]))
        else:
            self.world.deliver(row.id, body["message"], "queued")
