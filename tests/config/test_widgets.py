"""Channels' own addresses below /widget, also after the channels have changed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from config.widgets import Mounts, pattern


async def hello(request: web.Request) -> web.Response:
    return web.json_response(dict(request.match_info))


async def test_routes_are_found_by_channel_path_and_method() -> None:
    lists: dict[str, Sequence[web.RouteDef]] = {
        "site": [web.get("/page", hello), web.get("/files/{id}", hello), web.post("/files/{id}", hello)]
    }
    mounts = Mounts(lambda: lists)
    app = web.Application()
    app.add_routes([mounts.route()])
    async with TestClient(TestServer(app)) as client:
        assert (await client.get("/widget/site/page")).status == 404
        mounts.refresh()
        assert (await client.get("/widget/site/page")).status == 200
        assert (await client.head("/widget/site/page")).status == 200
        assert (await (await client.get("/widget/site/files/7")).json())["id"] == "7"
        assert (await client.get("/widget/site/files/7/8")).status == 404
        assert (await client.get("/widget/other/page")).status == 404
        refused = await client.delete("/widget/site/files/7")
        assert (refused.status, refused.headers["Allow"]) == (405, "GET,POST")
        lists["other"] = lists.pop("site")
        mounts.refresh()
        assert (await client.get("/widget/other/page")).status == 200
        assert (await client.get("/widget/site/page")).status == 404


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("/a.b", "/a.b", {}),
        ("/a.b", "/axb", None),
        ("/x/{id}", "/x/1", {"id": "1"}),
        ("/x/{id}", "/x/1/2", None),
        ("/x/{build}/{name:.+}", "/x/1/2/3", {"build": "1", "name": "2/3"}),
    ],
)
def test_patterns(path: str, text: str, found: dict[str, str] | None) -> None:
    match = pattern(path).fullmatch(text)
    assert (match.groupdict() if match else None) == found
