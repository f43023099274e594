"""The widget's addresses: what is served to everybody, what belongs to one visitor, and what is refused and how."""

import asyncio
from typing import Any

import aiohttp
import pytest
from yarl import URL

from connectors.contract import File, MessageReceived, Secret
from connectors.webchat import assets
from connectors.webchat.settings import WebchatConfig
from tests.connectors.webchat.site import Site, begin, next_of, served


async def get(site: Site, path: str, **headers: str) -> aiohttp.ClientResponse:
    response = await site.session.get(f"{site.base}/{path}", headers=headers, allow_redirects=False)
    await response.read()
    return response


async def visitor(site: Site) -> dict[str, Any]:
    async with site.line() as line:
        return await begin(line)


async def upload(
    site: Site, shown: str, body: bytes = b"hello", name: str = "a.txt", **more: str
) -> aiohttp.ClientResponse:
    headers = {
        "Origin": site.origin,
        "Authorization": f"Bearer {shown}",
        "Content-Type": "text/plain",
        **more,
    }
    response = await site.session.post(
        f"{site.base}/upload", params={"name": name}, data=body, headers=headers
    )
    await response.read()
    return response


async def test_the_loader_is_for_every_page_and_holds_no_secret() -> None:
    secret = Secret("a-secret-of-the-channel")
    async with served(WebchatConfig(name='</script>"\u2028', identity_secrets=(secret,))) as site:
        for path in ("loader.js", "frame", "page", "theme.css"):
            response = await get(site, path)
            text = await response.text()
            assert response.status == 200
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert secret.reveal() not in text
        text = await (await get(site, "loader.js")).text()
        assert "</script>" not in text
        assert "\u2028" not in text
        assert text.endswith(");\n")


async def test_the_frame_says_who_may_show_it_and_runs_only_our_files() -> None:
    async with served(WebchatConfig(allowed_origins=("https://shop.example",), name="<b>&")) as site:
        response = await get(site, "frame")
        policy = response.headers["Content-Security-Policy"]
        assert "frame-ancestors 'self' https://shop.example" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert f"ws://{site.origin.removeprefix('http://')}" in policy
        text = await response.text()
        assert '<h1 id="who">&lt;b&gt;&amp;</h1>' in text
        assert "{{" not in text
        assert "<b>" not in text


async def test_assets_are_kept_for_ever_under_their_version_only() -> None:
    build = assets.assets().build
    async with served() as site:
        for name in assets.assets().files:
            response = await get(site, f"assets/{build}/{name}")
            assert response.status == (404 if name.endswith(".html") else 200)
        kept = await get(site, f"assets/{build}/main.js")
        assert "immutable" in kept.headers["Cache-Control"]
        assert kept.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert (await get(site, "assets/older/main.js")).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "../socket.py",
        "..%2fsocket.py",
        "%2e%2e/%2e%2e/codec.py",
        "views/../../codec.py",
        "nothing.js",
        "%00",
        "main.js%00.css",
    ],
)
async def test_nothing_else_is_a_file(path: str) -> None:
    async with served() as site, aiohttp.ClientSession() as session:
        # The client itself would tidy the path up.
        url = URL(f"{site.base}/assets/{assets.assets().build}/{path}", encoded=True)
        async with session.get(url) as response:
            assert response.status in {400, 404}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_a_foreign_page_opens_no_socket_and_uploads_nothing(origin: str) -> None:
    async with served() as site:
        started = await visitor(site)
        headers = {"Origin": origin} if origin else {}
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await site.session.ws_connect(f"{site.base}/socket", headers=headers)
        assert refused.value.status == 403
        response = await site.session.post(
            f"{site.base}/upload",
            data=b"x",
            headers={**headers, "Authorization": f"Bearer {started['pass']}"},
        )
        assert response.status == 403
        assert (await response.json())["error"]["code"] == "origin"
        assert site.stream.blobs == {}


async def test_an_allowed_site_may_have_a_client_of_its_own() -> None:
    config = WebchatConfig(allowed_origins=("https://*.shop.example",))
    async with served(config) as site, site.line(origin="https://www.shop.example") as line:
        assert (await begin(line))["t"] == "started"


async def test_a_file_goes_up_into_a_message_and_comes_back() -> None:
    async with served() as site, site.line() as line:
        started = await begin(line)
        response = await upload(site, started["pass"], b"hello", "../x/a\u202e.txt")
        assert response.status == 201
        stored = await response.json()
        assert (stored["name"], stored["type"], stored["size"]) == ("a .txt", "text/plain", 5)
        await line.send_json({"t": "send", "client": "abcdefgh", "files": [stored["file"]]})
        assert (await next_of(line, "ack"))["ok"] is True
        [item] = (await next_of(line, "items"))["items"]
        back = await get(site, item["files"][0]["url"])
        assert await back.read() == b"hello"
        assert back.headers["Content-Type"] == "application/octet-stream"
        assert back.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%20.txt"
        assert back.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "private" in back.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("kind", "inline"),
    [
        ("image/png", True),
        ("image/webp; x=y", True),
        ("image/svg+xml", False),
        ("text/html", False),
        ("application/pdf", False),
        ("x\r\nSet-Cookie: a=b", False),
    ],
)
async def test_only_pictures_are_shown_in_place(kind: str, inline: bool) -> None:
    async with served() as site:
        started = await visitor(site)
        site.stream.say(
            started["visitor"],
            "look",
            files=(File(name="a\r\nX: y.bin", content_type=kind, content=b"<script>"),),
        )
        async with site.line() as line:
            [item] = (await begin(line, token=started["token"]))["items"]
        response = await get(site, item["files"][0]["url"])
        assert response.status == 200
        assert response.headers["Content-Disposition"].startswith("inline" if inline else "attachment")
        assert response.headers["Content-Type"] == (
            kind.split(";", maxsplit=1)[0] if inline else "application/octet-stream"
        )
        assert "X" not in response.headers
        assert "Set-Cookie" not in response.headers


async def test_a_file_belongs_to_one_visitor() -> None:
    async with served() as site:
        one, two = await visitor(site), await visitor(site)
        site.stream.say(
            two["visitor"], "secret", files=(File(name="a", content_type="text/plain", content=b"secret"),)
        )
        [file] = site.stream.rows[two["visitor"]][0].files
        forged = site.connector._front.link(one["visitor"], file)
        assert (await get(site, forged)).status == 404
        genuine = site.connector._front.link(two["visitor"], file)
        assert (await get(site, genuine)).status == 200
        assert (await get(site, genuine.replace(file.id, "another"))).status == 403
        assert (await get(site, genuine[:-1] + ("A" if genuine[-1] != "A" else "B"))).status == 403
        assert (await get(site, f"files/{file.id}")).status == 403


async def test_an_uploaded_file_cannot_be_used_by_another_visitor() -> None:
    async with served() as site:
        owner = await visitor(site)
        stored = await (await upload(site, owner["pass"])).json()
        async with site.line() as line:
            await begin(line)
            for reference in (stored["file"], "made.up.reference", owner["pass"]):
                await line.send_json({"t": "send", "client": "abcdefgh", "text": "x", "files": [reference]})
                ack = await next_of(line, "ack")
                assert (ack["ok"], ack["field"]) == (False, "files")
        assert site.stream.of(MessageReceived) == []


async def test_too_many_files_are_refused() -> None:
    async with served(WebchatConfig(max_files=1)) as site, site.line() as line:
        started = await begin(line)
        files = [(await (await upload(site, started["pass"])).json())["file"] for _ in range(2)]
        await line.send_json({"t": "send", "client": "abcdefgh", "files": files})
        assert (await next_of(line, "ack"))["field"] == "files"


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"shown": ""}, 401, "pass"),
        ({"shown": "forged.1.x"}, 401, "pass"),
        ({"Content-Type": "text/html"}, 415, "type"),
        ({"body": b"x" * 2_000}, 413, "too_large"),
        ({"body": b""}, 400, "malformed"),
        ({"name": "refused.txt"}, 400, "malformed"),
    ],
)
async def test_an_upload_is_refused_with_its_reason(more: dict[str, Any], status: int, code: str) -> None:
    async with served(WebchatConfig(max_file_bytes=1_000)) as site:
        facts = {"shown": (await visitor(site))["pass"], **more}
        response = await upload(site, **facts)
        assert response.status == status
        assert (await response.json())["error"]["code"] == code
        assert site.stream.blobs == {}


async def test_an_upload_without_a_length_is_cut_off_at_the_limit() -> None:
    async def endless() -> Any:
        for _ in range(10):
            yield b"x" * 500

    async with served(WebchatConfig(max_file_bytes=1_000)) as site:
        response = await upload(site, (await visitor(site))["pass"], endless())
        assert response.status == 413


async def test_uploads_are_counted_and_bounded() -> None:
    async with served() as site:
        shown = (await visitor(site))["pass"]
        responses = await asyncio.gather(*(upload(site, shown) for _ in range(30)))
        answered = {response.status for response in responses}
        assert answered <= {201, 429, 503}
        assert sum(response.status == 201 for response in responses) <= 20
        assert all("Retry-After" in response.headers for response in responses if response.status != 201)
        site.stream.taken.clear()
        for _ in range(16):
            await site.connector._front.uploads.acquire()
        assert (await upload(site, shown)).status == 503


async def test_no_files_means_no_files() -> None:
    async with served(WebchatConfig(max_files=0)) as site:
        assert (await upload(site, (await visitor(site))["pass"])).status == 415


async def test_a_store_that_is_away_takes_no_file() -> None:
    async with served() as site:
        shown = (await visitor(site))["pass"]
        site.stream.away = True
        response = await upload(site, shown)
        assert (response.status, response.headers["Retry-After"]) == (503, "5")
