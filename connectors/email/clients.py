"""What mail programs' own HTML says: which elements hold quoted history, where history begins, and which are signatures.

Selectors by class, id and shape, each from the markup that the named program writes. Data and their matching; no conversion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.email import phrases, quotes
from connectors.email.markup import Node

_QUOTE_CLASSES = frozenset((
    "gmail_quote", "gmail_quote_container", "gmail_extra", "gmail_attr", "yahoo_quoted", "protonmail_quote", "tutanota_quote", "zmail_extra",
    "moz-cite-prefix", "freescout-quote", "front-blockquote", "missive_quote", "hey-quote", "airmail_on", "bloop_original_html", "mail_quote",
    "gmx_quote", "cite", "mori_quote", "edo-quote", "unibox-quote", "mailru-blockquote", "mail-quote", "nylas-quote", "hs_reply", "quoted-text",
    "ms-outlook-mobile-reference-message", "yandex-quote", "aol_quoted", "spark_quote", "skiff_quote", "gmail-quote", "ymail_android_quote",
    "mail_android_quote", "wmi-quote", "zimbra-quote", "k9mail-quote", "fairemail_quote", "mcntmcntquote", "outlook-quote", "sm_quote", "sh-quoted-content",
))  # fmt: skip
_QUOTE_IDS = frozenset((
    "isreplycontent", "yahoo_quoted", "olk_src_body_section", "mail-editor-reference-message-container", "divtagdefaultwrapper_reply",
    "reply-intro", "_rc_sig_reply", "quotedmessage", "origbody", "replysplit", "aolmsgpart_reply", "ms-outlook-mobile-body-reference",
))  # fmt: skip
_HISTORY_IDS = frozenset((
    "divrplyfwdmsg", "appendonsend", "stopspelling", "x_divrplyfwdmsg", "x_appendonsend", "mailcontaineroriginal", "hotmail_reply",
    "divtagreply", "outlookmessageheader", "zwchr",
))  # fmt: skip
_HISTORY_CLASSES = frozenset(
    ("outlookmessageheader", "reply-above-this-line", "gmail_replyseparator", "zd_reply_above")
)
_SIGNATURE_CLASSES = frozenset((
    "gmail_signature", "moz-signature", "protonmail_signature_block", "tutanota_signature", "x_gmail_signature", "yahoo-signature", "ydpsignature",
    "front-signature", "missive_signature", "applemailsignature", "signature", "mail-signature", "k9mail-signature", "fairemail_signature",
    "hs_signature", "spark_signature", "protonmail_signature_block-proton", "email-signature", "mailspring-signature", "nylas-signature",
    "bloop_sign",
))  # fmt: skip
_SIGNATURE_IDS = frozenset((
    "signature", "x_signature", "ms-outlook-mobile-signature", "x_ms-outlook-mobile-signature", "applemailsignature", "ymail_android_signature",
    "bloop_sign", "composer_signature", "outlooksignature", "applemailsignature-1", "linebreakatbeginningofsignature-block", "_rc_sig",
    "zm-_id_-sgn", "mail_signature", "gmail_signature", "ydp-signature", "lavamail_signature", "isforwardsignature",
))  # fmt: skip
_PREFIX = re.compile(r"^(?:x_|ydp[0-9a-f]{1,12}(?=yahoo|signature))")
"""Outlook and Yahoo rename what they quote or write."""
_BORDERED = re.compile(r"border(?:-top)?\s{0,5}:[^;]{0,60}(?:solid|1\.0pt)", re.IGNORECASE)
_QUOTE_STYLE = re.compile(r"border-left\s{0,5}:[^;]{0,60}(?:solid|\dpx|\dpt)", re.IGNORECASE)
_UNBORDERED = re.compile(r"margin[^;]{0,40}40px;\s{0,3}border\s{0,3}:\s{0,3}(?:none|0|medium)", re.IGNORECASE)


MAX_LOOKS = 2_000
"""Beyond so many quotes, what stands above one is not read any more."""


class Marks:
    """The elements found: `quotes` (their content is history), `history` (everything from them on is), `signatures`."""

    __slots__ = ("history", "quotes", "signatures")

    def __init__(self) -> None:
        self.quotes: set[Node] = set()
        self.history: set[Node] = set()
        self.signatures: set[Node] = set()

    def any(self) -> bool:
        """Whether anything was found."""
        return bool(self.quotes or self.history or self.signatures)

    def certain(self) -> bool:
        """Whether history was found."""
        return bool(self.quotes or self.history)


def find_marks(root: Node) -> Marks:
    """Looks at every element once."""
    marks = Marks()
    looks = MAX_LOOKS
    for node in root.walk():
        if not node.attributes and node.tag not in ("blockquote", "hr"):
            continue
        if _is_history(node):
            marks.history.add(node)
        elif _is_quote(node, look=looks > 0):
            looks -= 1
            if not _holds_forward(node) and not _only_wraps(node):
                marks.quotes.add(node)
        elif _is_signature(node):
            marks.signatures.add(node)
    return marks


def _only_wraps(node: Node) -> bool:
    """Gmail wraps mark, quotes and the answers between them into one element: then only its quotes are history."""
    if node.tag == "blockquote" or not any(name.startswith("gmail_") for name in _names(node.get("class"))):
        return False
    return any(child.tag == "blockquote" for child in _near(node))


def _near(node: Node) -> Iterator[Node]:
    for child in node.children:
        if isinstance(child, Node):
            yield child
            yield from (one for one in child.children if isinstance(one, Node))


def _names(value: str) -> Iterator[str]:
    return (_PREFIX.sub("", word.lower()) for word in value.split()[:20])


def _is_quote(node: Node, *, look: bool = True) -> bool:
    if node.tag == "blockquote":
        return _cites(node, look=look)
    if any(name in _QUOTE_CLASSES for name in _names(node.get("class"))) and node.tag != "body":
        return True
    if (
        node.get("id").lower().removeprefix("x_") in _QUOTE_IDS
        or node.get("data-marker") == "__QUOTED_TEXT__"
    ):
        return True
    if node.get("name").lower() in (
        "quote",
        "messagereplysection",
        "x_quote",
        "quoted-content",
        "messagereply",
    ):
        return True
    # GMX and web.de: a div with a line at its left, right below a mark.
    return (
        node.tag == "div"
        and _QUOTE_STYLE.search(node.get("style")) is not None
        and look
        and _below_mark(node)
    )


def _cites(node: Node, *, look: bool) -> bool:
    """A blockquote is history when its program says so, or when "X wrote:" stands above it; else it is formatting."""
    if _UNBORDERED.search(node.get("style")):
        return False  # Gmail indents with a blockquote, and calls it a quote
    # `cite` names the mail that is answered (`mid:`); a page on the web is what somebody cites.
    page = node.get("cite").lower().startswith(("http:", "https:"))
    if (
        node.get("type").lower() == "cite"
        or (node.get("cite") and not page)
        or node.get("data-type") == "quote"
    ):
        return True
    if any(
        name in _QUOTE_CLASSES or name.endswith(("quote", "cite", "quoted"))
        for name in _names(node.get("class"))
    ):
        return True
    return look and _below_mark(node)


def _below_mark(node: Node) -> bool:
    above = _text_above(node)
    return bool(above) and quotes.attribution_without_verb([quotes.plain_line(above)], 0) > 0


def _text_above(node: Node) -> str:
    """The nearest text before an element: of its elder siblings, or of its parent's."""
    here = node
    for _ in range(4):
        parent = here.parent
        if parent is None:
            return ""
        siblings = parent.children
        at = here.index
        text = ""
        for child in reversed(siblings[max(0, at - 12) : at]):
            piece = child if isinstance(child, str) else child.text(600)
            if isinstance(child, Node) and (child.tag == "br" or child.tag in ("p", "div")) and text.strip():
                break
            text = f"{piece} {text}"
        if text.strip():
            return " ".join(text.split())[-400:]
        here = parent
    return ""


def _holds_forward(node: Node) -> bool:
    return phrases.FORWARD_START.match(node.text(200)) is not None


def _is_history(node: Node) -> bool:
    if node.get("id").lower() in _HISTORY_IDS and not _holds_forward(node):
        return node.get("id").lower() not in ("appendonsend", "x_appendonsend") or _has_more(node)
    if any(name in _HISTORY_CLASSES for name in _names(node.get("class"))):
        return True
    if node.get("data-marker") == "__HEADERS__" and not _holds_forward(node):
        return True
    style = node.get("style")
    if node.tag == "div" and style and _BORDERED.search(style):
        return _heads_history(node)
    return False


def _has_more(node: Node) -> bool:
    """Outlook on the web leaves an empty `appendonsend` at the end of new mails, too."""
    parent = node.parent
    if parent is None:
        return False
    return any(
        not isinstance(child, str) and child.tag in ("hr", "div") and child.text(20)
        for child in parent.children[node.index + 1 :][:20]
    )


def _heads_history(node: Node) -> bool:
    """Outlook's line above `From: Sent: To: Subject:`, in the reader's language."""
    text = node.text(1_000)
    kinds = set(phrases.flat_kinds(text[:600]))
    return "from" in kinds and len(kinds & {"date", "to", "subject"}) >= 2


def _is_signature(node: Node) -> bool:
    if any(name in _SIGNATURE_CLASSES or name.endswith("signature") for name in _names(node.get("class"))):
        return node.tag != "body"
    name = node.get("id").lower()
    if name in _SIGNATURE_IDS or name.endswith(("-signature", "_signature")) or name.startswith("tmjah_g_"):
        return node.tag != "body"
    if node.get("data-smartmail") == "gmail_signature":
        return True
    return node.get("name").lower() in ("messagesignaturesection", "signature")
