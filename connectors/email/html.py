"""HTML bodies: into plain text (with or without marks of history for `reply`), and into safe HTML by the shared sanitiser.

What the programs' own markup says about history and signatures is in `clients`.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable

from connectors.email import clients, markup, quotes
from connectors.email.markup import Node
from connectors.kit.html import clean

MAX_TEXT = 1 << 20

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "pre",
        "section",
        "table",
        "tbody",
        "thead",
        "tfoot",
        "tr",
        "ul",
        "caption",
    ]
)
_SPACED = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "blockquote", "pre"])
_UNSEEN = frozenset(
    [
        "head",
        "script",
        "style",
        "title",
        "template",
        "noscript",
        "svg",
        "math",
        "object",
        "iframe",
        "select",
        "textarea",
        "meta",
        "link",
        "base",
    ]
)
_HIDDEN = re.compile(
    r"display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}hidden|mso-hide\s{0,5}:\s{0,5}all", re.IGNORECASE
)
_MAY_HIDE = re.compile(r"none|hid", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_LINK = re.compile(r"https?://[^\s<>\"']{1,2000}[^\s<>\"'.,;:!?)\]}]")


def safe(source: str, cid: Callable[[str], str] | None = None) -> str:
    """`source` sanitised for display; `cid` turns the content id of an inline picture into its address."""
    return clean(source, cid=cid)


def from_text(text: str) -> str:
    """Plain text as HTML: escaped, paragraphs and line breaks kept, web addresses as links."""
    paragraphs = re.split(r"\n{2,}", text.strip("\n")[:MAX_TEXT])
    return "".join(f"<p>{_linked(paragraph)}</p>" for paragraph in paragraphs if paragraph.strip())


def _linked(text: str) -> str:
    out: list[str] = []
    position = 0
    for found in _LINK.finditer(text):
        out.append(entities.escape(text[position : found.start()]))
        address = entities.escape(found.group())
        out.append(f'<a href="{address}">{address}</a>')
        position = found.end()
    out.append(entities.escape(text[position:]))
    return "".join(out).replace("\n", "<br>")


class Converted:
    """Text of an HTML body: plain, and marked for `reply.split`."""

    __slots__ = ("capped", "certain", "marked", "text")

    def __init__(self, text: str, marked: str, *, certain: bool, capped: bool) -> None:
        self.text = text
        self.marked = marked
        self.certain = certain
        self.capped = capped


def to_text(source: str) -> Converted:
    """The text of an HTML body. `certain` says that a program's own markup marks history in it."""
    tree = markup.read_markup(source)
    marks = clients.find_marks(tree.root)
    text = _Writer(None).write(tree.root)
    marked = _Writer(marks).write(tree.root) if marks.any() else text
    return Converted(text, marked, certain=marks.certain(), capped=tree.capped)


class _Writer:
    """Walks the tree once and keeps the lines as a browser would break them."""

    def __init__(self, marks: clients.Marks | None) -> None:
        self.marks = marks
        self.lines: list[str] = []
        self.line: list[str] = []
        self.space = False
        self.depth = 0
        self.signature = 0
        self.preformatted = 0
        self.numbers: dict[Node, int] = {}
        self.size = 0

    def write(self, root: Node) -> str:
        stack: list[tuple[Node | str, bool]] = [(root, False)]
        while stack and self.size < MAX_TEXT:
            item, leaving = stack.pop()
            if isinstance(item, str):
                self._text(item)
            elif leaving:
                self._leave(item)
            elif self._enter(item):
                stack.append((item, True))
                stack.extend((child, False) for child in reversed(item.children))
        self._break()
        while self.lines and not self.lines[-1].strip(" >"):
            self.lines.pop()
        return "\n".join(self.lines).strip("\n")

    def _text(self, raw: str) -> None:
        if self.preformatted:
            first, *others = raw.replace("\r\n", "\n").split("\n")
            self._put(first)
            for other in others:
                self._break()
                self._put(other)
            return
        words = _BLANKS.sub(" ", raw)
        if words == " ":
            self.space = bool(self.line)
            return
        if (words[:1] == " " or self.space) and self.line:
            self._put(" ")
        self._put(words.strip(" "))
        self.space = words[-1:] == " "

    def _put(self, text: str) -> None:
        if text:
            self.line.append(text)
            self.size += len(text)

    def _enter(self, node: Node) -> bool:
        tag = node.tag
        if tag in _UNSEEN or (_MAY_HIDE.search(node.attributes) and _hidden(node)):
            return False
        if tag == "br":
            self._break(keep_empty=True)
            return False
        if self.marks and node in self.marks.history:
            self._mark()
        if tag in _BLOCKS or tag == "p":
            self._break()
            if tag in _SPACED:
                self._blank()
        elif tag in ("td", "th") and self.line:
            self.space = True
        if tag == "li":
            self._put(self._bullet(node))
        self._inside(node, 1)
        return True

    def _bullet(self, node: Node) -> str:
        """What stands before an item: its number in an ordered list, else a dash."""
        parent = node.parent
        if parent is None or parent.tag != "ol":
            return "- "
        start = parent.get("start")
        first = int(start) if re.fullmatch(r"[0-9]{1,6}", start) else 1
        self.numbers[parent] = self.numbers.get(parent, first - 1) + 1
        return f"{self.numbers[parent]}. "

    def _leave(self, node: Node) -> None:
        if node.tag in _BLOCKS or node.tag == "p":
            self._break()
        self._inside(node, -1)
        if node.tag in _SPACED:
            self._blank()

    def _inside(self, node: Node, step: int) -> None:
        if node.tag == "pre":
            self.preformatted += step
        if self.marks and node in self.marks.signatures:
            self._break()
            self.signature += step
        if self.marks and node in self.marks.quotes:
            self._break()
            self.depth += step

    def _mark(self) -> None:
        self._break()
        self.lines.append(quotes.HISTORY_MARK)

    def _break(self, *, keep_empty: bool = False) -> None:
        self.space = False
        if not self.line and not keep_empty:
            return
        text = "".join(self.line).rstrip()
        self.line = []
        self.lines.append(self._prefix() + text if text or self.depth else text)

    def _prefix(self) -> str:
        if self.depth:
            return ">" * min(self.depth, 20) + " "
        return quotes.SIGNATURE_MARK if self.signature else ""

    def _blank(self) -> None:
        if self.lines and self.lines[-1].strip(" >\ue001"):
            self.lines.append(self._prefix().rstrip() if self.depth else "")


def _hidden(node: Node) -> bool:
    return _HIDDEN.search(node.get("style")) is not None
