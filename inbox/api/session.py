"""Signing in and out, and the password."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from inbox import accounts
from inbox.auth import Asker, address_of, begin_session, csrf_of, drop_cookie, person_by_login, set_cookie
from inbox.call import Call, NoBody, NoQuery, Ok, json_response
from inbox.decode import Body
from inbox.errors import ApiError, forbidden, malformed
from inbox.live.catch_up import outsider
from inbox.live.keeper import ACCOUNTS
from inbox.passwords import weakness
from inbox.ports import Services
from inbox.views import AgentView, agent_view
from stream import reads


class SignInBody(Body, frozen=True, kw_only=True):
    """Login and password."""

    login: Annotated[str, Meta(max_length=128)]
    password: Annotated[str, Meta(max_length=1024)]


class LinkBody(Body, frozen=True, kw_only=True):
    """The secret of a one-time link."""

    token: Annotated[str, Meta(min_length=1, max_length=128)]


class PasswordBody(Body, frozen=True, kw_only=True):
    """The old password ("" while there is none) and the new one."""

    old: Annotated[str, Meta(max_length=1024)] = ""
    new: Annotated[str, Meta(max_length=1024)]


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in. `csrf` goes into the X-CSRF-Token header of every request that changes something."""

    me: AgentView
    csrf: str
    login: str
    role: str
    must_set_password: bool


async def read(call: Call[NoBody, NoQuery]) -> SessionView:
    """Who is signed in."""
    if call.asker is None:
        raise ApiError(401, "Sign in first.")
    return await _view(call.services, call.asker)


async def create(call: Call[SignInBody, NoQuery]) -> SessionView:
    """Sign in by password."""
    address = address_of(call.request, call.services.settings)
    account = await call.parts.sign_in.by_password(call.body.login, call.body.password, address)
    return await _begin(call, account)


async def create_by_link(call: Call[LinkBody, NoQuery]) -> SessionView:
    """Sign in by a one-time link."""
    address = address_of(call.request, call.services.settings)
    return await _begin(call, await call.parts.sign_in.by_link(call.body.token, address))


async def delete(call: Call[NoBody, NoQuery]) -> Ok:
    """Sign out."""
    if call.asker is not None and call.asker.session is not None:
        await accounts.drop_session(call.services.store, call.asker.key)
        call.parts.keeper.recheck_soon()
    response = json_response(Ok())
    drop_cookie(response, call.services.settings)
    return response  # type: ignore[return-value]  # the body is an Ok


async def change_password(call: Call[PasswordBody, NoQuery]) -> SessionView:
    """Choose another password; every other session ends."""
    asker, services = call.asker, call.services
    if asker is None or asker.session is None:
        raise forbidden("A password is changed by its owner, signed in by the browser.")
    await call.parts.sign_in.limit(address_of(call.request, services.settings), asker.person.login)
    account = await accounts.account(services.store, asker.person.login)
    if account is None or (
        account.password and not await call.parts.passwords.verify(account.password, call.body.old)
    ):
        raise ApiError(403, "The old password is wrong.", code="wrong_password", field="old")
    weak = weakness(call.body.new, asker.person.login)
    if weak:
        raise malformed("new", weak)
    fresh = await call.parts.passwords.hash(call.body.new)
    await accounts.set_password(services.store, asker.person.login, fresh, keep_session=asker.key)
    await services.bus.publish(ACCOUNTS, asker.person.login.encode())
    return await _view(services, _with_password(asker))


def _with_password(asker: Asker) -> Asker:
    """The asker, now with a password."""
    session = asker.session
    changed = msgspec.structs.replace(session, must_set=False, has_password=True) if session else None
    return Asker(asker.person, asker.key, asker.name, asker.role, asker.ceiling, asker.rights_at, changed)


async def _begin(
    call: Call[SignInBody, NoQuery] | Call[LinkBody, NoQuery], account: accounts.Account
) -> SessionView:
    services = call.services
    secret = await begin_session(call.request, services, account.login)
    person = await person_by_login(services, account.login, account.role)
    key = accounts.digest(secret)
    session = await accounts.session(services.store, secret, services.now(), services.settings.session_idle)
    view = await _view(services, Asker(person, key, account.name, account.role, "", 0.0, session))
    response = json_response(view)
    set_cookie(response, services.settings, secret)
    return response  # type: ignore[return-value]  # the body is a SessionView


async def _view(services: Services, asker: Asker) -> SessionView:
    agent = await reads.agent(services.store, asker.person.login)
    me = agent_view(agent, connected=False) if agent else outsider(asker.person, asker.name)
    session = asker.session
    return SessionView(
        me=me,
        csrf=csrf_of(services.settings, asker.key) if session else "",
        login=asker.person.login,
        role=asker.person.role,
        must_set_password=bool(session and session.must_set and not session.has_password),
    )
