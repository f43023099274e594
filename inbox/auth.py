"""Who is asking: cookies and bearer tokens into a `Person`, signing in and out, and the checks that stop other sites' pages.

What a person may do is `policy`'s matter; how secrets are kept is `accounts`'.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from aiohttp import web

from inbox import accounts
from inbox.errors import ApiError, forbidden, unauthenticated
from inbox.origin import client_address, foreign
from inbox.passwords import Passwords
from inbox.policy import Person, person_of
from inbox.ports import Services, Settings
from stream import reads

TOUCH_SECONDS = 60.0
SAFE = {"GET", "HEAD", "OPTIONS"}
WRONG = "The login or the password is wrong."


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks and by what: `key` is the digest of the session or token, `session` None for a token.

    `role` is the account's, `ceiling` the token's. `rights_at` is when the account's rights last changed, if that was while this session
    or token held already; else 0.
    """

    person: Person
    key: str
    name: str
    role: str
    ceiling: str
    rights_at: float
    session: accounts.Session | None


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds the cookie to this host and to https."""
    return "__Host-parley" if settings.secure_cookie else "parley"


def csrf_of(settings: Settings, key: str) -> str:
    """The session's CSRF token: a digest under the server's key, so that nothing is kept and nothing can be forged."""
    return hmac.new(settings.key, b"csrf:" + key.encode(), hashlib.sha256).hexdigest()


def address_of(request: web.Request, settings: Settings) -> str:
    """The client's address, behind trusted proxies."""
    return client_address(request.remote or "", request.headers.get("X-Forwarded-For", ""), settings.proxies)


def require_own_page(request: web.Request, settings: Settings) -> None:
    """Refuse what another site's page sends. Raises `ApiError` 403."""
    if foreign(request.headers, request.host, public_url=settings.public_url, origins=settings.origins):
        raise forbidden("This request comes from a page of another site.")


# --- asking --------------------------------------------------------------------------------------------------------


async def ask(request: web.Request, services: Services) -> Asker:
    """Who sends this request; for requests that change something also that their own page does. Raises `ApiError` 401 or 403."""
    header = request.headers.get("Authorization", "")
    if header:
        return await _by_token(header, services)
    secret = request.cookies.get(cookie_name(services.settings), "")
    if not secret:
        raise unauthenticated()
    asker = await _by_session(secret, services)
    if request.method not in SAFE:
        require_own_page(request, services.settings)
        given = request.headers.get("X-CSRF-Token", "")
        if not hmac.compare_digest(given.encode(), csrf_of(services.settings, asker.key).encode()):
            raise forbidden("The X-CSRF-Token header is missing or wrong; reload the page.")
    return asker


async def _by_token(header: str, services: Services) -> Asker:
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret.startswith(accounts.TOKEN_PREFIX):
        raise unauthenticated("The Authorization header has no token of Parley's.")
    now = services.now()
    found = await accounts.token(services.store, secret.strip(), now)
    if found is None:
        raise unauthenticated("This token is unknown or no longer holds.")
    if now - found.used_at > TOUCH_SECONDS:
        await accounts.touch_token(services.store, found.id, now)
    person = await person_by_login(services, found.login, found.account_role, ceiling=found.role)
    changed = found.rights_at if found.rights_at > found.created_at else 0.0
    return Asker(person, found.hash, found.name, found.account_role, found.role, changed, None)


async def _by_session(secret: str, services: Services) -> Asker:
    now = services.now()
    found = await accounts.session(services.store, secret, now, services.settings.session_idle)
    if found is None:
        raise unauthenticated("Your session is over; sign in again.")
    if now - found.seen_at > TOUCH_SECONDS:
        await accounts.touch_session(services.store, found.hash, now)
    person = await person_by_login(services, found.login, found.role)
    changed = found.rights_at if found.rights_at > found.created_at else 0.0
    return Asker(person, found.hash, found.name, found.role, "", changed, found)


async def person_by_login(services: Services, login: str, account_role: str, ceiling: str = "") -> Person:
    """The rights of a login at this moment."""
    agent = await reads.agent(services.store, login)
    agents = {login: agent} if agent else {}
    if agent and "supervisor" in (agent.role, account_role, ceiling):
        agents = {row.id: row for row in await reads.agents(services.store, agent.workspace)}
    everything = services.house().visibility == "all"
    return person_of(login, account_role, agents, everything=everything, ceiling=ceiling)


# --- signing in ------------------------------------------------------------------------------------------------------


class SignIn:
    """Sign-in by password: limited by account and address, equal in body and time whether the account exists or not."""

    def __init__(self, services: Services, passwords: Passwords) -> None:
        self._services = services
        self._passwords = passwords

    async def limit(self, address: str, login: str = "") -> None:
        """Count a try. Raises `ApiError` 429 with the time to wait."""
        bus = self._services.bus
        waits = [await bus.take(f"signin:address:{address}", 30, 300.0)]
        if login:
            waits.append(await bus.take(f"signin:pair:{address}:{accounts.digest(login)}", 10, 300.0))
            waits.append(await bus.take(f"signin:login:{accounts.digest(login)}", 100, 3600.0))
        if max(waits) > 0:
            raise ApiError(429, "Too many tries; wait a moment.", retry_after=max(waits))

    async def by_password(self, login: str, password: str, address: str) -> accounts.Account:
        """The account, if the password is right. Raises `ApiError` 401 (one sentence for every reason) or 429."""
        await self.limit(address, login.strip().lower())
        found = await self._account(login)
        stored = found.password if found and not found.disabled_at else ""
        right = await self._passwords.verify(stored, password)
        if not right or found is None:
            raise ApiError(401, WRONG, code="wrong_password")
        if self._passwords.dated(stored):
            await accounts.rehash(
                self._services.store, found.login, stored, await self._passwords.hash(password)
            )
        return found

    async def _account(self, login: str) -> accounts.Account | None:
        try:
            return await accounts.account(self._services.store, accounts.normal_login(login))
        except ValueError:
            return await accounts.account(self._services.store, "")

    async def by_link(self, secret: str, address: str) -> accounts.Account:
        """The account of a one-time link. Raises `ApiError` 401 or 429."""
        await self.limit(address)
        found = await accounts.use_link(self._services.store, secret, self._services.now())
        if found is None:
            raise ApiError(401, "This link has been used or is too old.", code="link_over")
        return found


async def begin_session(request: web.Request, services: Services, login: str) -> str:
    """A new session for `login`, never one that the browser brought along. Answers the cookie's secret."""
    old = request.cookies.get(cookie_name(services.settings), "")
    if old:
        await accounts.drop_session(services.store, accounts.digest(old))
    return await accounts.add_session(
        services.store,
        login,
        services.now(),
        services.settings.session_absolute,
        address=address_of(request, services.settings),
        browser=request.headers.get("User-Agent", ""),
    )


def set_cookie(response: web.StreamResponse, settings: Settings, secret: str) -> None:
    """Give the browser its session: unreadable for scripts, not sent along from other sites' pages."""
    response.set_cookie(
        cookie_name(settings),
        secret,
        max_age=int(settings.session_absolute),
        path="/",
        httponly=True,
        secure=settings.secure_cookie,
        samesite="Lax",
    )


def drop_cookie(response: web.StreamResponse, settings: Settings) -> None:
    """Take it back."""
    response.del_cookie(
        cookie_name(settings), path="/", httponly=True, secure=settings.secure_cookie, samesite="Lax"
    )
