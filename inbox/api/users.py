"""Users, their sessions, one-time links and API tokens: for admins."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from inbox import accounts
from inbox.call import Call, NoBody, NoQuery, Ok
from inbox.decode import Body
from inbox.errors import ApiError, malformed, not_found
from inbox.live.keeper import ACCOUNTS

RoleName = Literal["", "agent", "supervisor", "admin"]


class UserView(msgspec.Struct, frozen=True, kw_only=True):
    """A user. `role` "" leaves it to team.yaml; `disabled_at` 0 while they may sign in."""

    login: str
    name: str
    role: str
    has_password: bool
    disabled_at: float
    created_at: float


class Users(msgspec.Struct, frozen=True, kw_only=True):
    """A page by login."""

    items: list[UserView]
    next: str


class UsersQuery(Body, frozen=True, kw_only=True):
    """From where on."""

    cursor: Annotated[str, Meta(max_length=64)] = ""
    limit: Annotated[int, Meta(ge=1, le=200)] = 100


class UserBody(Body, frozen=True, kw_only=True):
    """A new user: they choose their password by the one-time link."""

    login: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Annotated[str, Meta(max_length=200)] = ""
    role: RoleName = ""


class UserChange(Body, frozen=True, kw_only=True):
    """What is to change; what is left out stays."""

    role: RoleName | None = None
    disabled: bool | None = None


class LinkView(msgspec.Struct, frozen=True, kw_only=True):
    """A one-time link, shown once: it holds half an hour."""

    url: str
    expires_at: float


class SessionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody is signed in. `id` is good for nothing but ending it."""

    id: str
    created_at: float
    seen_at: float
    expires_at: float
    address: str
    browser: str


class Sessions(msgspec.Struct, frozen=True, kw_only=True):
    """A user's sessions."""

    items: list[SessionInfo]


class TokenBody(Body, frozen=True, kw_only=True):
    """A token acts as `login` with at most `role`; `days` 0 never expires."""

    login: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    role: RoleName = ""
    days: Annotated[int, Meta(ge=0, le=3650)] = 0


class TokenView(msgspec.Struct, frozen=True, kw_only=True):
    """A token, without its secret."""

    id: str
    login: str
    name: str
    role: str
    created_at: float
    expires_at: float
    used_at: float


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A new token: its secret is shown this once."""

    id: str
    secret: str


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """All tokens."""

    items: list[TokenView]


async def read_list(call: Call[NoBody, UsersQuery]) -> Users:
    """Users."""
    found = await accounts.accounts(call.services.store, call.query.cursor, call.query.limit)
    return Users(
        items=[_view(one) for one in found], next=found[-1].login if len(found) == call.query.limit else ""
    )


async def create(call: Call[UserBody, NoQuery]) -> UserView:
    """Add a user."""
    services, body = call.services, call.body
    try:
        login = accounts.normal_login(body.login)
    except ValueError as error:
        raise malformed("login", f"login: {error}") from error
    if not await accounts.add_account(services.store, login, services.now(), name=body.name, role=body.role):
        raise ApiError(409, f"There is a user {login} already.")
    return _view(await _account(call, login))


async def change(call: Call[UserChange, NoQuery]) -> UserView:
    """Give a user another role, shut them out, or let them in again."""
    services, body, login = call.services, call.body, call.arg()
    await _account(call, login)
    if login == call.person.login and (body.disabled or body.role not in {None, "admin"}):
        raise ApiError(422, "You cannot shut yourself out; another admin can.")
    if body.role is not None:
        await accounts.set_role(services.store, login, body.role, services.now())
    if body.disabled is not None:
        await accounts.disable(services.store, login, services.now(), disabled=body.disabled)
    await _tell(call, login)
    return _view(await _account(call, login))


async def create_link(call: Call[NoBody, NoQuery]) -> LinkView:
    """A one-time sign-in link for a user."""
    services = call.services
    found = await _account(call, call.arg())
    if found.disabled_at:
        raise ApiError(422, "This user is shut out.")
    seconds = services.settings.link_seconds
    secret = await accounts.add_link(services.store, found.login, services.now(), seconds)
    return LinkView(
        url=accounts.link_url(services.settings.public_url, secret), expires_at=services.now() + seconds
    )


async def read_sessions(call: Call[NoBody, NoQuery]) -> Sessions:
    """Where a user is signed in."""
    found = await accounts.sessions_of(call.services.store, (await _account(call, call.arg())).login)
    return Sessions(
        items=[
            SessionInfo(
                id=one.hash[:16],
                created_at=one.created_at,
                seen_at=one.seen_at,
                expires_at=one.expires_at,
                address=one.address,
                browser=one.browser,
            )
            for one in found
        ]
    )


async def end_sessions(call: Call[NoBody, NoQuery]) -> Ok:
    """Sign a user out everywhere."""
    login = (await _account(call, call.arg())).login
    await accounts.drop_sessions(call.services.store, login)
    await _tell(call, login)
    return Ok()


async def read_tokens(call: Call[NoBody, NoQuery]) -> Tokens:
    """API tokens."""
    found = await accounts.tokens(call.services.store)
    return Tokens(items=[TokenView(**msgspec.structs.asdict(one)) for one in found])


async def create_token(call: Call[TokenBody, NoQuery]) -> NewToken:
    """Make an API token."""
    body = call.body
    await _account(call, body.login)
    ident, secret = await accounts.add_token(
        call.services.store,
        body.login,
        body.name,
        call.services.now(),
        role=body.role,
        seconds=body.days * 86400.0,
    )
    return NewToken(id=ident, secret=secret)


async def delete_token(call: Call[NoBody, NoQuery]) -> Ok:
    """End an API token."""
    login = await accounts.drop_token(call.services.store, call.arg())
    if not login:
        raise not_found("This token")
    await _tell(call, login)
    return Ok()


async def _account(call: Call[Any, Any], login: str) -> accounts.Account:
    found = await accounts.account(call.services.store, login)
    if found is None:
        raise not_found("This user")
    return found


async def _tell(call: Call[Any, Any], login: str) -> None:
    """Open sockets of theirs are judged at once, in every process."""
    call.parts.keeper.recheck_soon()
    await call.services.bus.publish(ACCOUNTS, login.encode())


def _view(one: accounts.Account) -> UserView:
    return UserView(
        login=one.login,
        name=one.name,
        role=one.role,
        has_password=bool(one.password),
        disabled_at=one.disabled_at,
        created_at=one.created_at,
    )
