"""Accounts in the database: users, sessions, one-time links, API tokens, settings, uploads. Typed access to `queries/accounts.sql`.

Secrets are 256 random bits, given out once and kept as SHA-256: they need no slow hash. What a request may do with them is `auth`'s matter.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from inbox.policy import RANK
from stream.ids import derived, new_token
from stream.store.ports import Store
from stream.store.program import Many, Program, Sql, execute, fetch

SESSIONS_PER_LOGIN = 50
TOKEN_PREFIX = "parley_"  # noqa: S105  # the visible mark of a secret, for scanners; not one itself
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


class Account(msgspec.Struct, frozen=True, array_like=True):
    """One user. `role` "" leaves it to the agent of the same login; `password` is an Argon2 hash, "" while there is none."""

    login: str
    name: str
    role: str
    password: str
    must_set: bool
    disabled_at: float
    created_at: float
    rights_at: float


class Session(msgspec.Struct, frozen=True):
    """A live session with its account's facts. `hash` is the digest of the cookie's secret."""

    hash: str
    login: str
    created_at: float
    seen_at: float
    expires_at: float
    name: str
    role: str
    has_password: bool
    must_set: bool
    rights_at: float


class SessionRow(msgspec.Struct, frozen=True):
    """A session as its owner or an admin may see it in a list."""

    hash: str
    created_at: float
    seen_at: float
    expires_at: float
    address: str
    browser: str


class Token(msgspec.Struct, frozen=True):
    """A live API token with its owner's facts. `role` is the most that it may do ("" = as its owner)."""

    hash: str
    id: str
    login: str
    role: str
    created_at: float
    expires_at: float
    used_at: float
    name: str
    account_role: str
    rights_at: float


class TokenRow(msgspec.Struct, frozen=True):
    """A token in a list: never its secret."""

    id: str
    login: str
    name: str
    role: str
    created_at: float
    expires_at: float
    used_at: float


class Credential(msgspec.Struct, frozen=True):
    """What a re-check of an open socket answers: the digest still holds, for this login with this role."""

    hash: str
    login: str
    role: str
    rights_at: float


class Upload(msgspec.Struct, frozen=True):
    """A file that waits to be sent with a message."""

    id: str
    login: str
    blob: str
    name: str
    content_type: str
    size: int


# --- secrets -------------------------------------------------------------------------------------------------------


def new_secret() -> str:
    """256 random bits as 43 characters that fit a URL."""
    return base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def normal_login(text: str) -> str:
    """A login in the form that it is kept in. Raises `ValueError` for what is none."""
    login = text.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise ValueError(f"{text!r} is not a login: 1 to 64 letters, digits and . _ @ + - in lower case")
    return login


# --- users ---------------------------------------------------------------------------------------------------------


def _accounts(rows: Sequence[tuple[Any, ...]]) -> list[Account]:
    return [msgspec.convert(row, Account, strict=False) for row in rows]


async def account(store: Store, login: str) -> Account | None:
    """One account, also a disabled one."""
    found = _accounts(await store.read(fetch("account", login)))
    return found[0] if found else None


async def accounts(store: Store, after: str = "", limit: int = 200) -> list[Account]:
    """A page of accounts by login."""
    return _accounts(await store.read(fetch("accounts", after, limit)))


async def add_account(
    store: Store,
    login: str,
    now: float,
    *,
    name: str = "",
    role: str = "",
    password: str = "",
    must_set: bool = True,
) -> bool:
    """Add an account; false when the login is taken. `password` is an Argon2 hash. Raises `ValueError` for a bad login or role."""
    if role and role not in RANK:
        raise ValueError(
            f"{role!r} is not a role: agent, supervisor, admin, or empty for what team.yaml says"
        )
    rows = await store.write(
        fetch("account_add", normal_login(login), name, role, password, int(must_set), now)
    )
    return bool(rows)


async def set_password(store: Store, login: str, password: str, keep_session: str = "") -> bool:
    """Keep a new Argon2 hash; every other session and every open link of the login ends. False when there is no such account."""

    def program() -> Program[bool]:
        rows = yield Sql("account_password", (login, password))
        if rows:
            yield Sql("sessions_drop", (login, keep_session))
            yield Sql("links_drop", (login,))
        return bool(rows)

    return await store.write(program())


async def rehash(store: Store, login: str, old: str, new: str) -> None:
    """Replace a hash made with older parameters, unless it has changed meanwhile."""
    await store.write(fetch("account_rehash", login, new, old))


async def set_role(store: Store, login: str, role: str, now: float) -> bool:
    """Give an account another role ("" = as team.yaml says)."""
    if role and role not in RANK:
        raise ValueError(f"{role!r} is not a role")
    return bool(await store.write(fetch("account_role", login, role, now)))


async def disable(store: Store, login: str, now: float, *, disabled: bool = True) -> bool:
    """Shut an account out (its sessions, links and tokens are gone at once) or let it in again. False when there is none."""

    def program() -> Program[bool]:
        rows = yield Sql("account_disabled", (login, now if disabled else 0.0, now))
        if rows and disabled:
            yield Sql("sessions_drop", (login, ""))
            yield Sql("links_drop", (login,))
            yield Sql("tokens_drop", (login,))
        return bool(rows)

    return await store.write(program())


async def ensure_first_admin(store: Store, now: float, seconds: float = 1800.0) -> str | None:
    """The secret of a one-time link for the account `admin`, while nobody can sign in as an admin by password; else None."""
    rows = await store.read(fetch("account_admins"))
    if rows[0][0]:
        return None
    await add_account(store, "admin", now, name="Admin", role="admin")
    await store.write(fetch("links_drop", "admin"))
    return await add_link(store, "admin", now, seconds)


def link_url(public_url: str, secret: str) -> str:
    """The address of a one-time link. The secret is in the fragment, which no server or proxy ever sees or logs."""
    return f"{public_url.rstrip('/')}/sign-in#{secret}"


async def add_link(store: Store, login: str, now: float, seconds: float = 1800.0) -> str:
    """The secret of a new one-time link of `login`."""
    secret = new_secret()
    await store.write(fetch("link_add", digest(secret), login, now + seconds))
    return secret


async def use_link(store: Store, secret: str, now: float) -> Account | None:
    """The account of a link, exactly once; None when it is unknown, used, too old, or its account is shut."""
    rows = await store.write(fetch("link_use", digest(secret), now))
    found = await account(store, rows[0][0]) if rows else None
    return found if found and not found.disabled_at else None


# --- sessions ------------------------------------------------------------------------------------------------------


async def add_session(
    store: Store, login: str, now: float, seconds: float, *, address: str = "", browser: str = ""
) -> str:
    """The secret of a new session; the oldest beyond 50 of a login end."""
    secret = new_secret()
    await store.write(
        execute(
            Sql("session_add", (digest(secret), login, now, now + seconds, address[:64], browser[:200])),
            Sql("sessions_drop_oldest", (login, SESSIONS_PER_LOGIN)),
        )
    )
    return secret


async def session(store: Store, secret: str, now: float, idle: float) -> Session | None:
    """The live session of a cookie's secret; `idle` in seconds."""
    key = digest(secret)
    rows = await store.read(fetch("session_by_hash", key, now, now - idle))
    if not rows:
        return None
    login, created, seen, expires, name, role, has_password, must_set, rights_at = rows[0]
    return Session(
        key, login, created, seen, expires, name, role, bool(has_password), bool(must_set), rights_at
    )


async def touch_session(store: Store, key: str, now: float) -> None:
    """Keep that a session was used."""
    await store.write(fetch("session_seen", key, now))


async def touch_sessions(store: Store, keys: Sequence[str], now: float) -> None:
    """Keep that these sessions were used, in one step."""
    if keys:
        await store.write(execute(Many("session_seen", [(key, now) for key in keys])))


async def drop_session(store: Store, key: str) -> None:
    """End one session."""
    await store.write(fetch("session_drop", key))


async def sessions_of(store: Store, login: str, limit: int = SESSIONS_PER_LOGIN) -> list[SessionRow]:
    """A login's sessions, oldest first."""
    return [SessionRow(*row) for row in await store.read(fetch("sessions_of", login, limit))]


async def drop_sessions(store: Store, login: str, keep: str = "") -> None:
    """End all sessions of a login but `keep`."""
    await store.write(fetch("sessions_drop", login, keep))


async def expire(store: Store, now: float, idle: float) -> None:
    """Forget sessions and links that no longer hold."""
    await store.write(execute(Sql("sessions_expire", (now, now - idle)), Sql("links_expire", (now,))))


async def still_hold(
    store: Store, sessions: Sequence[str], tokens: Sequence[str], now: float, idle: float
) -> dict[str, Credential]:
    """Of these digests, those that still let somebody in, by digest."""

    def program() -> Program[list[tuple[Any, ...]]]:
        found: list[tuple[Any, ...]] = []
        if sessions:
            found += yield Sql("sessions_live", (list(sessions), now, now - idle))
        if tokens:
            found += yield Sql("tokens_live", (list(tokens), now))
        return found

    return {row[0]: Credential(*row) for row in await store.read(program())}


# --- tokens --------------------------------------------------------------------------------------------------------


async def add_token(
    store: Store, login: str, name: str, now: float, *, role: str = "", seconds: float = 0.0
) -> tuple[str, str]:
    """(id, secret) of a new API token; it never expires when `seconds` is 0."""
    ident, secret = derived("tok", new_token()), TOKEN_PREFIX + new_secret()
    expires = now + seconds if seconds else 0.0
    await store.write(fetch("token_add", ident, digest(secret), login, name, role, now, expires))
    return ident, secret


async def token(store: Store, secret: str, now: float) -> Token | None:
    """The live token of a secret."""
    key = digest(secret)
    rows = await store.read(fetch("token_by_hash", key, now))
    return Token(key, *rows[0]) if rows else None


async def touch_token(store: Store, ident: str, now: float) -> None:
    """Keep that a token was used."""
    await store.write(fetch("token_used", ident, now))


async def tokens(store: Store, limit: int = 500) -> list[TokenRow]:
    """All tokens, without secrets."""
    return [TokenRow(*row) for row in await store.read(fetch("tokens", limit))]


async def drop_token(store: Store, ident: str) -> str:
    """End a token; its login, or "" when there was none."""
    rows = await store.write(fetch("token_drop", ident))
    return rows[0][0] if rows else ""


# --- settings and uploads --------------------------------------------------------------------------------------------


async def setting(store: Store, login: str) -> bytes:
    """What a login has chosen, as JSON (`{}` at first)."""
    rows = await store.read(fetch("setting", login))
    return rows[0][0].encode() if rows else b"{}"


async def save_setting(store: Store, login: str, body: bytes) -> None:
    """Replace what a login has chosen."""
    await store.write(fetch("setting_save", login, body.decode()))


async def add_upload(store: Store, upload: Upload, now: float) -> None:
    """Keep a file's facts until a message takes it."""
    await store.write(fetch("upload_add", *msgspec.structs.astuple(upload), now))


async def uploads(store: Store, idents: Sequence[str]) -> dict[str, Upload]:
    """Uploads by id."""
    rows = await store.read(fetch("uploads", list(idents))) if idents else []
    return {row[0]: Upload(*row) for row in rows}


async def mark_uploads(store: Store, idents: Sequence[str], at: float) -> None:
    """A message has these files now (`at` 0: it was refused, they wait again). Marked before the message is kept: never lost, at worst left."""
    if idents:
        await store.write(fetch("uploads_used", list(idents), at))


async def stale_uploads(store: Store, before: float, limit: int = 200) -> list[tuple[str, str, bool]]:
    """(id, blob, used) of uploads from before a time."""
    return [(row[0], row[1], bool(row[2])) for row in await store.read(fetch("uploads_stale", before, limit))]


async def drop_uploads(store: Store, idents: Sequence[str]) -> None:
    """Forget uploads' rows."""
    if idents:
        await store.write(fetch("uploads_drop", list(idents)))
