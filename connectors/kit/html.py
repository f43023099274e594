"""HTML from strangers, made safe to keep: an allow-list of tags, attributes, styles and addresses. Pure, linear, bounded.

The result is shown in a sandboxed frame all the same; whether remote pictures load is that frame's policy. Nobody edits the result as a
string afterwards. `clean` gives equal output for its own output. What it stands on: nh3 (ammonia) parses like a browser; it is slow for
deep nesting, filters styles by name only, and takes `jav ascript:` for a relative address, so depth, styles and addresses are ours.
"""

from __future__ import annotations

import base64
import binascii
import html as entities
import re
from collections import Counter
from collections.abc import Callable

import nh3

from connectors.kit.styles import is_colour, safe_style

LONGEST = 1_048_576
MAX_DEPTH = 100
MAX_REFERENCES = 50_000
LONGEST_URL = 2_048
LONGEST_PICTURE = 400_000
_PASSES = 4


def _set(words: str) -> set[str]:
    return set(words.split())


_TAGS = _set(
    "a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn div "
    "dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q rp rt ruby s "
    "samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
_WITH_CONTENT = _set(
    "script style title head svg math template noscript iframe object embed applet noembed noframes xmp plaintext textarea "
    "select frameset audio video canvas datalist"
)
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"style", "title", "dir", "lang", "align"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing", "width", "bgcolor"},
    "tr": {"bgcolor", "valign", "height"},
    "td": {"colspan", "rowspan", "width", "height", "valign", "bgcolor"},
    "th": {"colspan", "rowspan", "width", "height", "valign", "bgcolor", "scope"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
    "time": {"datetime"},
}
_SIZE = re.compile(r"\d{1,4}%?")
_COUNT = re.compile(r"-?\d{1,4}")
_WORD = re.compile(r"[A-Za-z-]{1,20}")
_VALUES: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(("width", "height", "border", "cellpadding", "cellspacing"), _SIZE),
    **dict.fromkeys(("colspan", "rowspan", "span", "start", "value"), _COUNT),
    **dict.fromkeys(("align", "valign", "dir", "scope"), _WORD),
    "lang": re.compile(r"[A-Za-z0-9-]{1,35}"),
    "type": re.compile(r"[A-Za-z1]{1,8}"),
    "size": re.compile(r"[+-]?\d"),
    "face": re.compile(r"[A-Za-z0-9 ,_'-]{1,100}"),
    "datetime": re.compile(r"[0-9TZ:.+ -]{1,40}"),
}
_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\x00-\x20\x7f]+", re.IGNORECASE)
_REMOTE = re.compile(r"https?://[^\x00-\x20\x7f]+", re.IGNORECASE)
_OWN = re.compile(r"/[A-Za-z0-9][A-Za-z0-9/_.~-]{0,300}")
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/=\s]+)", re.IGNORECASE)
_MAGIC = {"png": b"\x89PNG", "jpeg": b"\xff\xd8\xff", "gif": b"GIF8", "webp": b"RIFF"}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})[^<>]{0,65536}>?")
_UNCOUNTED = _set(
    "area base br col embed hr img input link meta param source track wbr p li td th tr dt dd option"
)


def clean(source: str, cid: Callable[[str], str] | None = None) -> str:
    """`source` without anything that runs, loads by itself from elsewhere, escapes its place or pretends.

    `cid` turns the content id of an inline picture into an address of ours (beginning with `/`); without it `cid:` stays as it is. Links
    get `target="_blank"` and `rel="noopener noreferrer"`. What never comes to rest in `_PASSES` passes becomes plain text.
    """
    text = _shallow(_bounded(source))
    for _pass in range(_PASSES):
        cleaned = _once(text, cid)
        if cleaned == text:
            return cleaned
        text = cleaned
    return text if _once(text, cid) == text else text_to_html(html_to_text(text))


def _bounded(source: str) -> str:
    """The beginning of `source` that is worth parsing: character references cost the parser several microseconds each."""
    text = source[:LONGEST].replace("\0", "")
    if text.count("&") <= MAX_REFERENCES:
        return text
    return "&".join(text.split("&", MAX_REFERENCES)[:MAX_REFERENCES])


def _once(source: str, cid: Callable[[str], str] | None) -> str:
    def keep(tag: str, name: str, value: str) -> str | None:
        return _attribute(tag, name, value, cid)

    return nh3.clean(
        source,
        tags=_TAGS,
        clean_content_tags=_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        strip_comments=True,
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        url_relative="pass_through",
    )


def _attribute(tag: str, name: str, value: str, cid: Callable[[str], str] | None) -> str | None:
    """What an allowed attribute keeps; None takes it away. Every address is judged here, whatever nh3 thinks of it."""
    if name == "style":
        return safe_style(value) or None
    if name in {"href", "src"}:
        return _link(value) if tag == "a" else _picture(value, cid)
    if name in {"color", "bgcolor"}:
        return value if is_colour(value) else None
    if name in {"target", "rel"}:
        return value
    if name in {"title", "alt"}:
        return value[:500]
    pattern = _VALUES.get(name)
    return value if pattern is not None and pattern.fullmatch(value) else None


def _link(value: str) -> str | None:
    value = value.strip()
    return value if len(value) <= LONGEST_URL and _LINK.fullmatch(value) else None


def _picture(value: str, cid: Callable[[str], str] | None) -> str | None:
    value = value.strip()
    if value[:4].lower() == "cid:":
        return value[:LONGEST_URL] if cid is None else _own(cid(value[4:]))
    if value[:5].lower() == "data:":
        return value if _is_picture(value) else None
    if len(value) > LONGEST_URL:
        return None
    return value if _REMOTE.fullmatch(value) or _own(value) else None


def _own(address: str) -> str | None:
    return address if _OWN.fullmatch(address) and ".." not in address else None


def _is_picture(value: str) -> bool:
    found = _PICTURE.fullmatch(value) if len(value) <= LONGEST_PICTURE else None
    if found is None:
        return False
    try:
        start = base64.b64decode("".join(found.group(2).split())[:16])
    except (binascii.Error, ValueError):
        return False
    return start.startswith(_MAGIC[found.group(1).lower()])


def _shallow(source: str) -> str:
    """`source` without the tags that open more than `MAX_DEPTH` levels, so that parsing it stays linear.

    An end tag only counts for an open one of its name, so that no invented end tags can hide the depth.
    """
    depth, deepest = 0, 0
    opened: Counter[str] = Counter()
    out: list[str] = []
    position = 0
    for found in _TAG.finditer(source):
        closing, name = found.group(1), found.group(2).lower()
        if name in _UNCOUNTED or (closing and not opened[name]):
            continue
        drop = depth > MAX_DEPTH if closing else depth >= MAX_DEPTH
        opened[name] += -1 if closing else 1
        depth += -1 if closing else 1
        deepest = max(deepest, depth)
        if drop:
            out.append(source[position : found.start()])
            position = found.end()
    return source if deepest <= MAX_DEPTH else "".join([*out, source[position:]])


# --- to and from text --------------------------------------------------------------------------------------------

_BREAK = re.compile(r"<br\s*/?>|<hr[^<>]*>", re.IGNORECASE)
_BLOCK = re.compile(
    r"</?(?:p|div|h[1-6]|ul|ol|dl|blockquote|pre|table|section|article|header|footer|figure|address|main|aside)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_ROW = re.compile(r"</?(?:tr|li|dt|dd|caption)(?:\s[^<>]*)?>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>")
_CELL = re.compile(r"</t[dh]>", re.IGNORECASE)


def html_to_text(source: str) -> str:
    """The text of HTML for people: blocks on their own, list items and rows on lines, addresses of links only where they are the text."""
    text = _once(_shallow(_bounded(source)), None)
    text = re.sub(r"[ \t\r\n\f]+", " ", text)
    text = _CELL.sub("\t", text)
    text = _BREAK.sub("\n", text)
    text = _ROW.sub("\n", text)
    text = _BLOCK.sub("\n\n", text)
    text = entities.unescape(_ANY_TAG.sub("", text)).replace("\xa0", " ")
    lines = [line.strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def text_to_html(text: str) -> str:
    """Plain text as HTML: escaped, a paragraph per blank line, line breaks kept. Addresses stay text."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\0", "").strip())
    shown = (
        entities.escape(paragraph, quote=False).replace("\n", "<br>") for paragraph in paragraphs if paragraph
    )
    return "".join(f"<p>{paragraph}</p>" for paragraph in shown)
