"""The page of a mail's HTML: the pictures that came with it stand in it, as the frame that shows it can fetch nothing of ours."""

from __future__ import annotations

import base64

import aiohttp
import pytest

from inbox.api import messages
from stream.model import Attachment
from tests.inbox.test_attachments import PNG, SVG
from tests.inbox.world import World


async def _file(world: World, ident: str, body: bytes) -> Attachment:
    stored = await world.services.blobs.put_bytes(body, 1_000)
    return Attachment(
        id=ident, blob=stored.key, name=ident, content_type="image/png", size=len(body), content_id=ident
    )


async def test_pictures_that_came_with_a_mail_stand_in_its_page(
    served: World, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MOST_INLINE", len(PNG))
    files = tuple(
        [await _file(served, name, said) for name, said in (("a&b@x", PNG), ("svg", SVG), ("late", PNG))]
    )
    text = "".join(f'<img alt="" src="cid:{name}">' for name in ("a&amp;b%40x", "svg", "late", "none"))
    conversation = await served.message("c1", "see", html=text, attachments=files)
    message = (await served.row(conversation)).last_message
    url = served.url(f"/api/v1/conversations/{conversation}/messages/{message}/html?theme=dark")
    async with http.get(url, headers=await served.bearer("ann")) as answer:
        page = await answer.text()
    shown = f'src="data:image/png;base64,{base64.b64encode(PNG).decode()}"'
    assert page.count(shown) == 1
    assert page.count('src=""') == 3, "no picture, beyond what fits, and not there"
    assert '<html data-theme="dark">' in page
    assert "color-scheme: light dark" in page


async def test_only_the_letters_stylesheet_is_for_a_frame_without_origin(
    served: World, http: aiohttp.ClientSession
) -> None:
    for name, policy in (("styles/mail.css", "cross-origin"), ("styles/app.css", "same-origin")):
        async with http.get(served.url(f"/ui/0/{name}")) as answer:
            assert (answer.status, answer.headers["Cross-Origin-Resource-Policy"]) == (200, policy)
