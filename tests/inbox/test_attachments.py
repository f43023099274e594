"""Files: what is kept, what is shown in place, who gets it, and names that want to be paths."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox import accounts
from inbox.app import sweep
from inbox.sniff import disposition, image_type, safe_name, safe_type
from stream.ids import new_token
from tests.inbox.world import LIMITS, World

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 50
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


async def upload(
    world: World, http: aiohttp.ClientSession, login: str, body: bytes, kind: str, name: str = "a.png"
) -> dict[str, object]:
    headers = {**await world.bearer(login), "Content-Type": kind}
    async with http.post(
        world.url("/api/v1/attachments"), params={"name": name}, data=io.BytesIO(body), headers=headers
    ) as answer:
        assert answer.status == 201, await answer.text()
        found: dict[str, object] = await answer.json()
        return found


@pytest.mark.parametrize(
    ("body", "claimed", "kept", "inline"),
    [
        (PNG, "text/html", "image/png", True),
        (b"\xff\xd8\xff\xe0" + b"x" * 20, "image/jpeg", "image/jpeg", True),
        (b"GIF89a" + b"x" * 20, "image/gif", "image/gif", True),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp", "image/webp", True),
        (SVG, "image/svg+xml", "application/octet-stream", False),
        (b"<script>alert(1)</script>", "image/png", "application/octet-stream", False),
        (b"<script>alert(1)</script>", "text/html", "text/html", False),
        (b"%PDF-1.7", "application/pdf; x=y", "application/pdf", False),
        (b"", "text/plain", "text/plain", False),
    ],
)
async def test_only_sniffed_images_are_shown_in_place(
    served: World, http: aiohttp.ClientSession, body: bytes, claimed: str, kept: str, *, inline: bool
) -> None:
    view = await upload(served, http, "ada", body, claimed)
    assert (view["content_type"], view["size"]) == (kept, len(body))
    async with http.get(served.url(str(view["url"])), headers=await served.bearer("ada")) as answer:
        assert await answer.read() == body
        assert answer.headers["Content-Type"] == (kept if inline else "application/octet-stream")
        assert answer.headers["Content-Disposition"].startswith("inline" if inline else "attachment")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_file_goes_with_a_reply_to_who_may_see_it(served: World, http: aiohttp.ClientSession) -> None:
    view = await upload(served, http, "ada", PNG, "image/png", "../../etc/pass\u202ewd.png")
    conversation = await served.assigned("ada")
    body = {"message": f"msg_{new_token()}", "text": "", "attachments": [view["id"]]}
    url = served.url(f"/api/v1/conversations/{conversation}/reply")
    async with http.post(url, json=body, headers=await served.bearer("ada")) as answer:
        assert answer.status == 201
        message = (await answer.json())["message"]
    file = message["content"]["attachments"][0]
    assert (file["name"], file["content_type"], file["size"]) == ("passwd.png", "image/png", len(PNG))
    assert "blob" not in file
    for login, status in (("ada", 200), ("sue", 200), ("ann", 200), ("bob", 404), ("tom", 404)):
        async with http.get(served.url(file["url"]), headers=await served.bearer(login)) as answer:
            assert answer.status == status, login
    for ident in (f"{message['id']}~upl_other", "msg_other~" + file["id"].partition("~")[2], "~", "a~b~c"):
        async with http.get(
            served.url(f"/api/v1/attachments/{ident}"), headers=await served.bearer("ann")
        ) as answer:
            assert answer.status == 404


async def test_an_upload_is_its_owner_s_alone(served: World, http: aiohttp.ClientSession) -> None:
    view = await upload(served, http, "ada", PNG, "image/png")
    for login in ("bob", "ann"):
        async with http.get(served.url(str(view["url"])), headers=await served.bearer(login)) as answer:
            assert answer.status == 404
    conversation = await served.assigned("bob")
    body = {"message": f"msg_{new_token()}", "text": "x", "attachments": [view["id"]]}
    url = served.url(f"/api/v1/conversations/{conversation}/reply")
    async with http.post(url, json=body, headers=await served.bearer("bob")) as answer:
        assert answer.status == 400


async def test_files_are_bounded_in_size_and_number(served: World, http: aiohttp.ClientSession) -> None:
    headers = {**await served.bearer("ada"), "Content-Type": "text/plain"}
    url = served.url("/api/v1/attachments")
    large = b"x" * (LIMITS.upload + 1)

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 50_000):
            yield large[start : start + 50_000]

    assert (await http.post(url, data=io.BytesIO(large), headers=headers)).status == 413
    assert (await http.post(url, data=chunks(), headers=headers)).status == 413
    statuses = [
        (await http.post(url, data=b"x", headers=headers)).status for _ in range(LIMITS.uploads_per_hour)
    ]
    assert set(statuses) == {201, 429}


async def test_files_that_no_message_takes_are_forgotten_after_a_day(
    served: World, http: aiohttp.ClientSession
) -> None:
    used, unused, fresh = [await upload(served, http, "ada", PNG, "image/png") for _ in range(3)]
    store = served.services.store
    known = await accounts.uploads(store, [str(used["id"]), str(unused["id"])])
    await accounts.mark_uploads(store, [str(used["id"])], served.clock())
    served.clock.ahead = 90_000
    late = await upload(served, http, "ada", PNG, "image/png")
    await sweep(served.services)
    left = await accounts.uploads(store, [str(view["id"]) for view in (used, unused, fresh, late)])
    assert set(left) == {late["id"]}
    assert b"".join([chunk async for chunk in served.services.blobs.get(known[str(used["id"])].blob)]) == PNG
    async with http.get(served.url(str(unused["url"])), headers=await served.bearer("ada")) as answer:
        assert answer.status == 404


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        (".htaccess", "htaccess"),
        ("\u200b.htaccess", "htaccess"),
        ("a\0b\r\nc.txt", "abc.txt"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("", "file"),
        ("...", "file"),
        ("x" * 200 + ".pdf", "x" * 100 + ".pdf"),
        ("Rechnung Straße.pdf", "Rechnung Straße.pdf"),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=5000))
def test_no_name_is_a_path_or_breaks_a_header(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 120
    assert not set(safe) & set('/\\\0\r\n"')
    assert not safe.startswith(".")
    header = disposition(name, inline=False)
    assert header.isascii()
    assert header.isprintable()


@given(st.text(max_size=200))
def test_types_are_types(claimed: str) -> None:
    safe = safe_type(claimed)
    assert safe.count("/") == 1
    assert safe.isascii()
    assert " " not in safe


@given(st.binary(max_size=64))
def test_nothing_else_is_an_image(head: bytes) -> None:
    if image_type(head):
        assert head[:3] in {b"\x89PN", b"\xff\xd8\xff", b"GIF", b"RIF"}
    assert image_type(b"<svg" + head) == ""
