"""What is somebody else's and what does not exist are answered alike: by status, by words, and by what counts. Who may at all is `test_matrix`'s."""

from __future__ import annotations

from typing import Any

import aiohttp

from inbox.call import Route
from inbox.routes import API, ROUTES
from tests.inbox.test_attachments import PNG, upload
from tests.inbox.test_matrix import MATRIX, Thing, thing_of
from tests.inbox.world import World

MISSING = Thing(
    "money", "cnv_nowhere", "ctc_nobody", "ctc_nobody2", "idn_nowhere", "msg_never", "nobody", "tok_x"
)
HIDDEN = [
    route
    for route in ROUTES
    if (entry := MATRIX.get((route.method, route.path))) and entry.denied == 404 and "{id}" in route.path
]


async def answered(world: World, http: aiohttp.ClientSession, route: Route, thing: Thing) -> tuple[int, str]:
    """Status and body of tom's request."""
    entry = MATRIX[route.method, route.path]
    url = world.url(API + route.path.format(**entry.ids(thing)))
    headers = await world.bearer("tom")
    async with http.request(route.method, url, json=entry.body(thing), headers=headers) as answer:
        return answer.status, await answer.text()


async def test_another_teams_things_look_like_nothing(served: World, http: aiohttp.ClientSession) -> None:
    await served.configure_roomy()
    theirs = await thing_of(served, "money", 1)
    for route in HIDDEN:
        nothing = await answered(served, http, route, MISSING)
        assert nothing[0] == 404
        assert await answered(served, http, route, theirs) == nothing, f"{route.method} {route.path}"


async def test_a_file_of_another_teams_message_looks_like_nothing(
    served: World, http: aiohttp.ClientSession
) -> None:
    await served.configure_roomy()
    theirs = await thing_of(served, "money", 1)
    file = await upload(served, http, "ada", PNG, "image/png")
    asked: list[tuple[int, str]] = []
    for ident in (f"{theirs.message}~{file['id']}", f"msg_never~{file['id']}", str(file["id"]), "upl_never"):
        url = served.url(f"{API}/attachments/{ident}")
        async with http.get(url, headers=await served.bearer("tom")) as answer:
            asked.append((answer.status, await answer.text()))
    assert asked[1:] == asked[:-1]
    assert asked[0][0] == 404


async def test_lists_and_searches_say_nothing_of_what_is_not_theirs(
    served: World, http: aiohttp.ClientSession
) -> None:
    await served.configure_roomy()
    await thing_of(served, "money", 1)
    while await served.journal.writer.index(200) < served.journal.head:
        pass
    headers = await served.bearer("tom")

    async def got(path: str) -> dict[str, Any]:
        async with http.get(served.url(API + path), headers=headers) as answer:
            found: dict[str, Any] = await answer.json()
            return found

    lists = [f"/conversations?view={view}&limit=1" for view in ("mine", "unassigned", "all", "resolved")]
    for path in (*lists, "/search?q=hello&limit=1", "/search?q=money1&limit=1"):
        assert await got(path) == {"items": [], "next": ""}, path
    assert await got("/contacts?q=money1&limit=1") == {"items": []}


async def test_a_token_lowered_to_a_supervisors_rights_sees_their_team(
    served: World, http: aiohttp.ClientSession
) -> None:
    await served.configure_roomy()
    await served.user("sue", role="admin")
    theirs = await thing_of(served, "money", 1)
    headers = await served.bearer("sue", role="supervisor")
    async with http.get(served.url(f"{API}/conversations/{theirs.conversation}"), headers=headers) as answer:
        assert answer.status == 200
    async with http.get(served.url(f"{API}/users"), headers=headers) as answer:
        assert answer.status == 403
