"""Safe HTML: nothing runs, nothing loads by itself from a place of ours, nothing leaves its place, and cleaning twice changes nothing."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.kit.html import LONGEST, MAX_DEPTH, clean, html_to_text, text_to_html
from connectors.kit.styles import MAX_DECLARATIONS, is_colour, safe_style

# Our own wording of the known kinds of attack: markup that runs, hides in other markup, or is read differently the second time.
VECTORS = [
    "<script>go()</script>",
    "<scr<script>ipt>go()</scr</script>ipt>",
    "<SCRIPT SRC=//evil.example/x></SCRIPT>",
    "<img src=x onerror=go()>",
    '<img src="x" onerror="go()">',
    "<img/src=x/onerror=go()>",
    "<img src=`x`onerror=go()>",
    "<body onload=go()>",
    "<input autofocus onfocus=go()>",
    "<details open ontoggle=go()>x</details>",
    "<marquee onstart=go()>x</marquee>",
    "<video><source onerror=go()></video>",
    "<audio src=x onerror=go()>",
    "<iframe src=javascript:go()></iframe>",
    "<iframe srcdoc='<script>go()</script>'></iframe>",
    "<object data=javascript:go()></object>",
    "<embed src=javascript:go()>",
    "<a href=javascript:go()>x</a>",
    "<a href='JaVaScRiPt:go()'>x</a>",
    "<a href=' javascript:go()'>x</a>",
    "<a href='java\tscript:go()'>x</a>",
    "<a href='java\nscript:go()'>x</a>",
    "<a href='jav ascript:go()'>x</a>",
    "<a href='&#106;avascript:go()'>x</a>",
    "<a href='javascript&colon;go()'>x</a>",
    "<a href='\x01javascript:go()'>x</a>",
    "<a href='vbscript:go()'>x</a>",
    "<a href='data:text/html,<script>go()</script>'>x</a>",
    "<a href='data:image/svg+xml,<svg onload=go()>'>x</a>",
    "<a href='//evil.example/x'>x</a>",
    "<a href='\\\\evil.example/x'>x</a>",
    "<a href='/api/v1/session/logout'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='blob:https://x/y'>x</a>",
    "<img src='javascript:go()'>",
    "<img src='data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9Z28oKT4='>",
    "<img src='data:image/png;base64,PHNjcmlwdD4='>",
    "<img src='data:text/html;base64,PHNjcmlwdD4='>",
    "<img srcset='//evil.example/x 2x'>",
    "<img src='//evil.example/x'>",
    "<img src='/../../secret'>",
    "<svg onload=go()></svg>",
    "<svg><script>go()</script></svg>",
    "<svg><animate onbegin=go() attributeName=x></svg>",
    "<svg><a><animate attributeName=href values=javascript:go()></animate><text>x</text></a></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x>'></use></svg>",
    "<svg><style><img src=x onerror=go()></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=go()></style></mglyph></table></mtext></math>",
    "<math href=javascript:go()>x</math>",
    "<math><annotation-xml encoding=text/html><script>go()</script></annotation-xml></math>",
    "<form action=javascript:go()><button>x</button></form>",
    "<form><input name=password></form>",
    "<button formaction=javascript:go()>x</button>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<style>@import '//evil.example/x';</style>",
    "<style>body{background:url(//evil.example)}</style>",
    "<p style='background:url(//evil.example/x)'>x</p>",
    "<p style='background-color:url(//evil.example/x)'>x</p>",
    "<p style='color:expression(go())'>x</p>",
    "<p style='color:var(--x)'>x</p>",
    "<p style='color:\\75\\72\\6c(x)'>x</p>",
    "<p style='color:red/**/;position:fixed;top:0'>x</p>",
    "<p style='position:fixed !important;inset:0'>x</p>",
    "<p style='-moz-binding:url(x)'>x</p>",
    "<p style='behavior:url(x)'>x</p>",
    "<p style='margin-top:-500px'>x</p>",
    "<p style='font-family:\"x;background:url(//evil.example)\"'>x</p>",
    "<div style='width:9999999px'>x</div>",
    "<body background=//evil.example/x>x</body>",
    "<table background=//evil.example/x><td>x</table>",
    "<td bgcolor='url(//evil.example)'>x</td>",
    "<font color='expression(go())'>x</font>",
    "<noscript><p title='</noscript><img src=x onerror=go()>'></noscript>",
    "<textarea><img title='</textarea><img src=x onerror=go()>'></textarea>",
    "<xmp><p title='</xmp><img src=x onerror=go()>'></xmp>",
    "<title><a title='</title><img src=x onerror=go()>'></title>",
    "<noembed><img title='</noembed><img src=x onerror=go()>'></noembed>",
    "<template><script>go()</script></template>",
    "<select><template><img src=x onerror=go()></template></select>",
    "<plaintext><script>go()</script>",
    "<!--><img src=x onerror=go()>-->",
    "<!--x--!><img src=x onerror=go()>-->",
    "<![CDATA[<img src=x onerror=go()>]]>",
    "<?xml version='1.0'?><script>go()</script>",
    "<!DOCTYPE html [<!ENTITY x '<script>go()</script>'>]>&x;",
    "<<script>go()//<</script>",
    "<p id=csrf class=admin name=x data-x=y>x</p>",
    "<a href='https://e.example/' target=_self rel=opener onclick=go()>x</a>",
    "<a href='https://e.example/\u202e'>x</a>",
    "<details><summary onclick=go()>x</summary></details>",
    "<table><tr><td><form><table><script>go()</script></table></form></td></tr></table>",
    "<b><p><b><p><script>go()</script></b></p>",
    "<a><div><a><script>go()</script></a></div></a>",
    "<p title='\"><script>go()</script>'>x</p>",
    "<img alt='\"><img src=x onerror=go()>'>",
    "<span title='--><script>go()</script>'>x</span>",
    "<portal src=//evil.example></portal>",
    "<slot name=x>x</slot>",
    "<x-custom onclick=go()>x</x-custom>",
    "\x00<scr\x00ipt>go()</script>",
    "<img src=x:x onerror\n=go()>",
    "<a href=https://e.example/ onmouseover=go() //>x",
]
_TAG = re.compile(r"<(?P<name>/?[a-z0-9]+)(?P<rest>[^<>]*)>")
_ATTRIBUTE = re.compile(r'\s([a-z]+)="([^"]*)"')
_NEVER_TAGS = re.compile(
    r"</?(?:script|style|svg|math|iframe|object|embed|form|input|button|base|link|meta|template|noscript|textarea|select|video|audio|body|html|head|title|xmp|plaintext)\b"
)


@pytest.mark.parametrize("vector", VECTORS)
def test_known_attacks(vector: str) -> None:
    _check(clean(vector))


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize(
    "frame", ["<div><p>{}</p></div>", "<table><tr><td>{}</table>", "<blockquote>{}", "<ul><li>{}<li>x</ul>"]
)
def test_known_attacks_inside_other_markup(vector: str, frame: str) -> None:
    _check(clean(frame.format(vector)))


def _check(cleaned: str) -> None:
    assert clean(cleaned) == cleaned
    assert not _NEVER_TAGS.search(cleaned)
    for tag in _TAG.finditer(cleaned):
        for name, value in _ATTRIBUTE.findall(tag["rest"]):
            assert not name.startswith("on")
            assert name not in {
                "id",
                "class",
                "name",
                "srcset",
                "background",
                "srcdoc",
                "action",
                "formaction",
            }
            if name == "href":
                assert re.match(r"(?:https?://|mailto:|tel:)\S+$", value), value
            if name == "src":
                assert re.match(r"https?://|cid:|/[a-z]|data:image/(?:png|jpeg|gif|webp);base64,", value), (
                    value
                )
                assert "svg" not in value
            if name == "style":
                assert not re.search(r"url|expression|var\(|@|\\|/\*|position|behavior|binding|-\d", value), (
                    value
                )


_pieces = st.sampled_from(
    [*VECTORS, "<p>", "</p>", "<b>", "</b>", "<a href='https://e.example/'>", "</a>", "<table>", "<tr>", "<td>", "</table>", "<ul>", "<li>",
     "</ul>", "<div style='color:red'>", "</div>", "x", " ", "&lt;", "&amp;", "&", "<", ">", '"', "'", "<!--", "-->", "<h1>", "<font color=red>",
     "<pre>\n", "</pre>", "<i>", "</i>", "<br>", "<img src=cid:x>"]
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(_pieces, max_size=14).map("".join))
def test_cleaning_twice_changes_nothing(source: str) -> None:
    _check(clean(source))


@settings(max_examples=200)
@given(st.text(max_size=300))
def test_any_text_is_cleaned_without_failing(source: str) -> None:
    _check(clean(source))
    assert "<" not in html_to_text(text_to_html(source)).replace("<", "", source.count("<"))


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("<p>Hello <b>you</b></p>", "<p>Hello <b>you</b></p>"),
        (
            '<a href="https://e.example/?a=1&amp;b=2">x</a>',
            '<a href="https://e.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">x</a>',
        ),
        (
            '<a href="mailto:a@e.example">x</a>',
            '<a href="mailto:a@e.example" target="_blank" rel="noopener noreferrer">x</a>',
        ),
        ('<img src="cid:a@b" width="10" alt="x">', '<img src="cid:a@b" width="10" alt="x">'),
        ('<img src="https://e.example/x.png">', '<img src="https://e.example/x.png">'),
        ('<td colspan="2">', ""),
        (
            '<table border="1"><tbody><tr><td colspan="2" bgcolor="#eee">x</td></tr></tbody></table>',
            '<table border="1"><tbody><tr><td colspan="2" bgcolor="#eee">x</td></tr></tbody></table>',
        ),
        ('<p style="COLOR: red; margin:0 auto">x</p>', '<p style="color:red;margin:0 auto">x</p>'),
    ],
)
def test_ordinary_mail_stays(source: str, kept: str) -> None:
    assert clean(source) == kept


def test_inline_pictures_get_an_address_of_ours() -> None:
    found = clean(
        '<img src="cid:a@b"><img src="cid:c">',
        cid={"a@b": "/api/v1/attachments/att_1", "c": "//evil.example"}.__getitem__,
    )
    assert found == '<img src="/api/v1/attachments/att_1"><img>'
    assert clean(found) == found


def test_small_data_pictures_are_kept_when_they_are_pictures() -> None:
    picture = '<img src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==">'
    assert clean(picture) == picture
    assert clean('<img src="data:image/png;base64,' + "iVBO" * 100_001 + '">') == "<img>"
    assert clean('<img src="data:image/png;base64,iVB=RUZH">') == "<img>"


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 20_000,
        "<div></x>" * 20_000,
        "<div><table><tr><td></div>" * 5_000,
        "<b><p>" * 20_000,
        "<li><ul>" * 20_000,
        "<font>" * 100_000,
        '<p style="' + "color:red;" * 100_000 + '">x',
        "<" * 200_000,
        "<a " * 200_000,
        '<a x="' * 100_000,
        "<a" + " x" * 200_000 + "<",
        "&" * 500_000,
        "<!--" * 200_000,
    ],
)
def test_hostile_sizes_take_no_time(source: str) -> None:
    started = time.process_time()
    cleaned = clean(source)
    assert time.process_time() - started < 2.0
    assert _depth(cleaned) <= 5 * MAX_DEPTH + 10


def _depth(cleaned: str) -> int:
    depth = deepest = 0
    for tag in _TAG.finditer(cleaned):
        if tag["name"] not in {"br", "img", "hr", "wbr", "col"}:
            depth += -1 if tag["name"].startswith("/") else 1
            deepest = max(deepest, depth)
    return deepest


def test_depth_and_length_are_bounded() -> None:
    nested = "<div>" * (MAX_DEPTH + 50) + "deep" + "</div>" * (MAX_DEPTH + 50) + "<p>after</p>"
    cleaned = clean(nested)
    assert _depth(cleaned) == MAX_DEPTH
    assert "deep" in cleaned
    assert "<p>after</p>" in cleaned
    assert len(clean("x" * (LONGEST + 100))) == LONGEST


def test_styles() -> None:
    assert (
        safe_style("color: RED !important ; font-size:12.5px;unknown:x;color:blue")
        == "font-size:12.5px;color:blue"
    )
    assert (
        safe_style("font-family:'Helvetica Neue', Arial, sans-serif")
        == "font-family:'Helvetica Neue', Arial, sans-serif"
    )
    assert safe_style("border:1px solid #ccc;padding:1em 2%") == "border:1px solid #ccc;padding:1em 2%"
    assert safe_style(";" * MAX_DECLARATIONS + "color:red") == ""
    assert is_colour("#FFF")
    assert is_colour("rgb(1, 2, 3)")
    assert not is_colour("url(x)")
    assert not is_colour("a" * 60)


def test_to_text() -> None:
    source = "<p>Hi&nbsp;<b>you</b>,</p><ul><li>one<li>two</ul><table><tr><td>1</td><td>2</td></tr></table>a<br>b &lt;x&gt;<script>go()</script>"
    assert html_to_text(source) == "Hi you,\n\none\n\ntwo\n\n1\t2\n\na\nb <x>"


def test_from_text() -> None:
    assert text_to_html("Hello <you> & 'me'\nline\n\n\nnext https://e.example/") == (
        "<p>Hello &lt;you&gt; &amp; 'me'<br>line</p><p>next https://e.example/</p>"
    )
    assert text_to_html(" \n ") == ""
