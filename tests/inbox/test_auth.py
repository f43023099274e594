"""Signing in and out, sessions, links, tokens, CSRF, limits, and what an attacker cannot tell."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiohttp
import pytest
from argon2 import PasswordHasher

from inbox import accounts
from inbox.auth import csrf_of
from tests.inbox.world import World, open_world, serve, sign_in

PASSWORD = "four words in a row"


async def post(
    world: World, http: aiohttp.ClientSession, path: str, body: object, **headers: str
) -> aiohttp.ClientResponse:
    answer = await http.post(
        world.url(f"/api/v1{path}"), json=body, headers={"Origin": world.origin, **headers}
    )
    await answer.read()
    return answer


async def test_a_password_signs_in_and_out(served: World, http: aiohttp.ClientSession) -> None:
    await served.user("ada", password=PASSWORD)
    answer = await post(served, http, "/session", {"login": " Ada ", "password": PASSWORD})
    assert answer.status == 200
    view = await answer.json()
    assert (view["login"], view["me"]["id"], view["must_set_password"]) == ("ada", "ada", False)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    again = await http.get(served.url("/api/v1/session"))
    assert (await again.json())["csrf"] == view["csrf"]
    gone = await http.delete(
        served.url("/api/v1/session"), headers={"Origin": served.origin, "X-CSRF-Token": view["csrf"]}
    )
    assert gone.status == 200
    assert (await http.get(served.url("/api/v1/session"))).status == 401


async def test_https_binds_the_cookie_to_the_host(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    settings = {"public_url": "https://desk.example", "secure_cookie": True}
    async with open_world(tmp_path, settings=settings) as world, serve(world):
        await world.user("ada", password=PASSWORD)
        answer = await post(
            world, http, "/session", {"login": "ada", "password": PASSWORD}, Origin="https://desk.example"
        )
        assert answer.headers["Set-Cookie"].startswith("__Host-parley=")
        assert "Secure" in answer.headers["Set-Cookie"]
        assert "Domain" not in answer.headers["Set-Cookie"]


async def test_the_secret_is_kept_as_a_digest_only(served: World, http: aiohttp.ClientSession) -> None:
    await sign_in(served, http, "ada")
    secret = next(cookie.value for cookie in http.cookie_jar)
    rows = await accounts.sessions_of(served.services.store, "ada")
    assert [row.hash for row in rows] == [accounts.digest(secret)]
    assert secret not in repr(rows)


async def test_signing_in_never_keeps_a_session_that_the_browser_brought(
    served: World, http: aiohttp.ClientSession
) -> None:
    await sign_in(served, http, "ada")
    first = next(cookie.value for cookie in http.cookie_jar)
    await sign_in(served, http, "ada")
    second = next(cookie.value for cookie in http.cookie_jar)
    assert first != second
    assert len(await accounts.sessions_of(served.services.store, "ada")) == 1


@pytest.mark.parametrize("ahead", [12 * 3600 + 1, 14 * 86400 + 1])
async def test_sessions_end_when_idle_and_in_any_case(
    served: World, http: aiohttp.ClientSession, ahead: float
) -> None:
    await sign_in(served, http, "ada")
    served.clock.ahead = ahead
    assert (await http.get(served.url("/api/v1/session"))).status == 401


async def test_use_keeps_a_session_from_going_idle_but_not_from_ending(
    served: World, http: aiohttp.ClientSession
) -> None:
    await sign_in(served, http, "ada")
    for hours in range(0, 14 * 24, 10):
        served.clock.ahead = hours * 3600.0
        assert (await http.get(served.url("/api/v1/session"))).status == 200
    served.clock.ahead = 14 * 86400.0 + 60
    assert (await http.get(served.url("/api/v1/session"))).status == 401


async def test_a_link_signs_in_once_and_for_half_an_hour(served: World, http: aiohttp.ClientSession) -> None:
    await served.user("ada")
    secret = await accounts.add_link(served.services.store, "ada", served.clock())
    tries = await asyncio.gather(*(post(served, http, "/session/link", {"token": secret}) for _ in range(8)))
    assert sorted(answer.status for answer in tries) == [200] + [401] * 7
    late = await accounts.add_link(served.services.store, "ada", served.clock())
    served.clock.ahead = 1801
    assert (await post(served, http, "/session/link", {"token": late})).status == 401


async def test_the_first_admin_gets_a_link_until_somebody_can_sign_in(world: World) -> None:
    store = world.services.store
    first = await accounts.ensure_first_admin(store, world.clock())
    second = await accounts.ensure_first_admin(store, world.clock())
    assert first
    assert second
    assert await accounts.use_link(store, first, world.clock()) is None
    admin = await accounts.use_link(store, second, world.clock())
    assert admin is not None
    assert (admin.login, admin.role, admin.password) == ("admin", "admin", "")
    await accounts.set_password(store, "admin", "hash")
    assert await accounts.ensure_first_admin(store, world.clock()) is None
    assert accounts.link_url("http://desk.example/", "s") == "http://desk.example/sign-in#s"


async def test_a_link_user_chooses_a_password_and_other_sessions_end(
    served: World, http: aiohttp.ClientSession
) -> None:
    await accounts.add_account(served.services.store, "ada", served.clock())
    csrf = await sign_in(served, http, "ada")
    other = await accounts.add_session(served.services.store, "ada", served.clock(), 1000.0)
    weak = await post(
        served, http, "/session/password", {"old": "", "new": "short"}, **{"X-CSRF-Token": csrf}
    )
    assert (weak.status, (await weak.json())["error"]["field"]) == (400, "new")
    done = await post(
        served, http, "/session/password", {"old": "", "new": PASSWORD}, **{"X-CSRF-Token": csrf}
    )
    assert done.status == 200
    assert (await done.json())["must_set_password"] is False
    assert await accounts.session(served.services.store, other, served.clock(), 1000.0) is None
    assert (await http.get(served.url("/api/v1/session"))).status == 200
    wrong = await post(
        served, http, "/session/password", {"old": "no", "new": PASSWORD}, **{"X-CSRF-Token": csrf}
    )
    assert wrong.status == 403


# --- other sites ---------------------------------------------------------------------------------------------------


async def test_changes_need_the_csrf_token_and_our_own_page(
    served: World, http: aiohttp.ClientSession
) -> None:
    csrf = await sign_in(served, http, "ada")
    body = {"signature": "A."}

    async def put(**headers: str) -> int:
        answer = await http.put(served.url("/api/v1/me/settings"), json=body, headers=headers)
        return answer.status

    assert await put(**{"X-CSRF-Token": csrf, "Origin": served.origin}) == 200
    assert await put(**{"X-CSRF-Token": csrf}) == 200
    assert await put(Origin=served.origin) == 403
    assert await put(**{"X-CSRF-Token": "0" * 64}) == 403
    assert await put(**{"X-CSRF-Token": csrf, "Origin": "https://evil.example"}) == 403
    assert await put(**{"X-CSRF-Token": csrf, "Origin": "null"}) == 403
    for site in ("cross-site", "same-site"):
        assert await put(**{"X-CSRF-Token": csrf, "Sec-Fetch-Site": site}) == 403


async def test_another_session_s_csrf_token_is_worth_nothing(
    served: World, http: aiohttp.ClientSession
) -> None:
    await sign_in(served, http, "ada")
    stranger = csrf_of(served.services.settings, accounts.digest("another session"))
    headers = {"X-CSRF-Token": stranger, "Origin": served.origin}
    assert (await http.put(served.url("/api/v1/me/settings"), json={}, headers=headers)).status == 403


async def test_other_sites_cannot_sign_anybody_in(served: World, http: aiohttp.ClientSession) -> None:
    await served.user("ada", password=PASSWORD)
    body = {"login": "ada", "password": PASSWORD}
    assert (await post(served, http, "/session", body, Origin="https://evil.example")).status == 403


async def test_links_and_hosts_come_from_the_configuration_only(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    async with open_world(tmp_path, settings={"public_url": "https://desk.example"}) as world, serve(world):
        await world.user("ann", role="admin")
        await world.user("ada")
        headers = {**await world.bearer("ann"), "Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        answer = await http.post(world.url("/api/v1/users/ada/link"), headers=headers)
        assert (await answer.json())["url"].startswith("https://desk.example/sign-in#")


# --- tokens --------------------------------------------------------------------------------------------------------


async def test_tokens_need_no_csrf_and_end(served: World, http: aiohttp.ClientSession) -> None:
    headers = await served.bearer("ada")
    assert (await http.put(served.url("/api/v1/me/settings"), json={}, headers=headers)).status == 200
    rows = await accounts.tokens(served.services.store)
    await accounts.drop_token(served.services.store, rows[0].id)
    assert (await http.get(served.url("/api/v1/session"), headers=headers)).status == 401


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic YTpi", "Bearer parley_unknown", "Bearer"])
async def test_a_bad_token_is_refused_even_beside_a_good_cookie(
    served: World, http: aiohttp.ClientSession, header: str
) -> None:
    await sign_in(served, http, "ada")
    answer = await http.get(served.url("/api/v1/session"), headers={"Authorization": header})
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_token_expires_and_can_hold_less_than_its_owner(
    served: World, http: aiohttp.ClientSession
) -> None:
    await served.user("ann")
    _ident, secret = await accounts.add_token(
        served.services.store, "ann", "t", served.clock(), role="agent", seconds=100.0
    )
    headers = {"Authorization": f"Bearer {secret}"}
    assert (await http.get(served.url("/api/v1/users"), headers=headers)).status == 403
    assert (await http.get(served.url("/api/v1/users"), headers=await served.bearer("ann"))).status == 200
    served.clock.ahead = 101
    assert (await http.get(served.url("/api/v1/session"), headers=headers)).status == 401


# --- guessing ------------------------------------------------------------------------------------------------------


async def test_whether_an_account_exists_shows_neither_in_the_answer_nor_in_the_time(
    served: World, http: aiohttp.ClientSession
) -> None:
    await served.user("ada", password=PASSWORD)
    await served.user("shut", password=PASSWORD)
    await accounts.disable(served.services.store, "shut", served.clock())
    took: dict[str, list[float]] = {"ada": [], "nobody": [], "shut": [], "!": []}
    bodies = set()
    await post(served, http, "/session", {"login": "warm-up", "password": "x"})
    for _ in range(6):
        for login, times in took.items():
            start = time.perf_counter()
            answer = await post(served, http, "/session", {"login": login, "password": "wrong password"})
            times.append(time.perf_counter() - start)
            bodies.add((answer.status, await answer.text()))
    assert len(bodies) == 1
    assert next(iter(bodies))[0] == 401
    fastest = [min(times) for times in took.values()]
    assert min(fastest) > 0.25 * max(fastest), "an answer without a password check is many times faster"


async def test_tries_are_limited_by_account_and_address_also_in_parallel(
    served: World, http: aiohttp.ClientSession
) -> None:
    await served.user("ada", password=PASSWORD)
    tries = [
        post(served, http, "/session", {"login": "ada", "password": "wrong password"}) for _ in range(40)
    ]
    answers = await asyncio.gather(*tries)
    statuses = [answer.status for answer in answers]
    assert statuses.count(401) == 10
    assert statuses.count(429) == 30
    limited = next(answer for answer in answers if answer.status == 429)
    assert int(limited.headers["Retry-After"]) >= 1
    right = await post(served, http, "/session", {"login": "ada", "password": PASSWORD})
    assert right.status == 429


async def test_many_accounts_from_one_address_are_limited_too(
    served: World, http: aiohttp.ClientSession
) -> None:
    statuses = [
        (await post(served, http, "/session/link", {"token": f"guess-{n}"})).status for n in range(35)
    ]
    assert statuses.count(429) == 5


async def test_logins_and_roles_are_checked(world: World) -> None:
    store = world.services.store
    for login in ("", "a b", "-a", "x" * 65, "a\x00"):
        with pytest.raises(ValueError, match="is not a login"):
            await accounts.add_account(store, login, 0.0)
    with pytest.raises(ValueError, match="is not a role"):
        await accounts.add_account(store, "ada", 0.0, role="owner")
    assert await accounts.add_account(store, " Ada ", 0.0)
    assert not await accounts.add_account(store, "ada", 0.0)
    with pytest.raises(ValueError, match="is not a role"):
        await accounts.set_role(store, "ada", "owner", 0.0)
    assert not await accounts.set_role(store, "nobody", "admin", 0.0)
    assert not await accounts.disable(store, "nobody", 0.0)
    assert not await accounts.set_password(store, "nobody", "hash")


async def test_a_dated_hash_is_renewed_at_the_next_sign_in(
    served: World, http: aiohttp.ClientSession
) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
    await accounts.add_account(served.services.store, "ada", 0.0, password=old)
    assert (await post(served, http, "/session", {"login": "ada", "password": PASSWORD})).status == 200
    found = await accounts.account(served.services.store, "ada")
    assert found is not None
    assert found.password != old
    assert (await post(served, http, "/session", {"login": "ada", "password": PASSWORD})).status == 200


async def test_only_so_many_sessions_are_kept_of_one_login(world: World) -> None:
    store = world.services.store
    await world.user("ada")
    for number in range(accounts.SESSIONS_PER_LOGIN + 3):
        await accounts.add_session(store, "ada", float(number), 1e9)
    rows = await accounts.sessions_of(store, "ada", 1000)
    assert [row.created_at for row in rows] == [float(n) for n in range(3, accounts.SESSIONS_PER_LOGIN + 3)]


async def test_a_disabled_account_is_out_at_once(served: World, http: aiohttp.ClientSession) -> None:
    headers = await served.bearer("ada")
    await sign_in(served, http, "ada")
    secret = await accounts.add_link(served.services.store, "ada", served.clock())
    await accounts.disable(served.services.store, "ada", served.clock())
    assert (await http.get(served.url("/api/v1/session"))).status == 401
    assert (await http.get(served.url("/api/v1/session"), headers=headers)).status == 401
    assert (await post(served, http, "/session/link", {"token": secret})).status == 401
    await accounts.disable(served.services.store, "ada", served.clock(), disabled=False)
    assert (await http.get(served.url("/api/v1/session"))).status == 401
