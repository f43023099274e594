"""A small, tolerant, bounded reader of mail HTML: a tree of nodes to look at, never to show. Showing is `html.safe`'s work.

Linear: a tag ends at the next `>` (a few further ones are tried when quotes are open). Depth and number of nodes are capped; what is
deeper becomes a sibling, what is beyond the cap becomes text of the last node.
"""

from __future__ import annotations

import html as entities
import re
from collections import Counter
from collections.abc import Iterator

MAX_CHARS = 1 << 20
MAX_NODES = 60_000
MAX_DEPTH = 150
MAX_ATTRIBUTES = 8_192
MAX_VAIN_STEPS = 1_000_000

_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9:_-]{0,40})")
_ATTRIBUTE = re.compile(r"""([^\s=>"'/]{1,100})\s{0,10}=\s{0,10}(?:"([^"]*)"|'([^']*)'|([^\s>"']{1,4096}))""")
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "o:p",
        "basefont",
        "frame",
    ]
) - {"o:p"}
_RAW = frozenset(
    ("script", "style", "title", "textarea", "xml", "noscript", "template", "svg", "math", "object", "iframe")
)
_CLOSES = {
    "p": frozenset(("p",)), "li": frozenset(("li",)), "tr": frozenset(("tr", "td", "th")), "td": frozenset(("td", "th")),
    "th": frozenset(("td", "th")), "dt": frozenset(("dt", "dd")), "dd": frozenset(("dt", "dd")), "option": frozenset(("option",)),
}  # fmt: skip
_CELLS = frozenset(("td", "th", "table"))
_TABLE_ENDS = frozenset(("table", "tr", "tbody", "body", "html", "td", "th"))
_BLOCK_IN_P = frozenset(
    [
        "div",
        "table",
        "ul",
        "ol",
        "blockquote",
        "pre",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "form",
        "section",
        "article",
    ]
)


class Node:
    """An element. `children` holds nodes and strings; `attributes` is the raw text between the name and `>`."""

    __slots__ = ("_parsed", "attributes", "children", "index", "parent", "tag")

    def __init__(self, tag: str, attributes: str, parent: Node | None) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.index = len(parent.children) if parent else 0
        self.children: list[Node | str] = []
        self._parsed: dict[str, str] | None = None

    def get(self, name: str) -> str:
        """An attribute's value, decoded; empty when it is not there."""
        if self._parsed is None:
            self._parsed = {}
            for found in _ATTRIBUTE.finditer(self.attributes[:MAX_ATTRIBUTES]):
                value = found.group(2) or found.group(3) or found.group(4) or ""
                self._parsed.setdefault(found.group(1).lower(), entities.unescape(value))
        return self._parsed.get(name, "")

    def walk(self) -> Iterator[Node]:
        """This node and all nodes in it, in document order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(child for child in reversed(node.children) if isinstance(child, Node))

    def text(self, limit: int = 400) -> str:
        """The first `limit` characters of text in it, blanks squeezed."""
        parts: list[str] = []
        size = steps = 0
        stack: list[Node | str] = [self]
        while stack and size < limit and steps < limit * 4:
            steps += 1
            item = stack.pop()
            if isinstance(item, str):
                parts.append(item)
                size += len(item.strip())
            else:
                if item.tag in ("br", "p", "div", "tr"):
                    parts.append(" ")
                stack.extend(reversed(item.children))
        return " ".join("".join(parts).split())[:limit]


class Tree:
    """What `read_markup` returns: the root, and whether a cap was met."""

    __slots__ = ("capped", "root")

    def __init__(self, root: Node, *, capped: bool) -> None:
        self.root = root
        self.capped = capped


def read_markup(source: str) -> Tree:
    """The tree of an HTML text. Never raises; at most `MAX_CHARS` characters are read."""
    return _Reader(source[:MAX_CHARS], capped=len(source) > MAX_CHARS).run()


class _Reader:
    def __init__(self, source: str, *, capped: bool) -> None:
        self.source = source
        self.root = Node("#root", "", None)
        self.current = self.root
        self.depth = 0
        self.nodes = 0
        self.capped = capped
        self.no_more: set[str] = set()
        self.opened: Counter[str] = Counter()
        self.vain = MAX_VAIN_STEPS

    def run(self) -> Tree:
        source, position = self.source, 0
        while position < len(source):
            at = source.find("<", position)
            if at < 0:
                self._text(source[position:])
                break
            if at > position:
                self._text(source[position:at])
            position = self._markup(at)
        return Tree(self.root, capped=self.capped)

    def _text(self, raw: str) -> None:
        self.current.children.append(entities.unescape(raw) if "&" in raw else raw)

    def _find(self, text: str, start: int) -> int:
        """`find` that remembers a failure, so that a thousand open comments cost one search."""
        if text in self.no_more:
            return -1
        at = self.source.find(text, start)
        if at < 0:
            self.no_more.add(text)
        return at

    def _markup(self, at: int) -> int:
        """Handles what begins with `<` at `at`; returns where to go on."""
        source = self.source
        if source.startswith("<!--", at):
            end = self._find("-->", at + 4)
            return end + 3 if end >= 0 else self._skip_tag(at)
        if source[at + 1 : at + 2] in ("!", "?"):
            return self._skip_tag(at)
        name = _NAME.match(source, at + 1)
        if name is None:
            self._text("<")
            return at + 1
        end = self._tag_end(at)
        if end < 0:
            self._text(source[at:])
            return len(source)
        tag = name.group(1).lower()
        if source[at + 1] == "/":
            self._close(tag)
            return end + 1
        return self._open(tag, source[name.end() : end], end + 1)

    def _skip_tag(self, at: int) -> int:
        end = self._find(">", at)
        return end + 1 if end >= 0 else len(self.source)

    def _tag_end(self, at: int) -> int:
        """The `>` that ends the tag at `at`: the first before which quotes are closed, among a few; else the first of all."""
        first = end = self._find(">", at)
        double = single = 0
        start = at
        for _ in range(16):
            if end < 0 or end - at > 65_536:
                return first
            double += self.source.count('"', start, end)
            single += self.source.count("'", start, end)
            if double % 2 == 0 and (single % 2 == 0 or double):
                return end
            start, end = end, self._find(">", end + 1)
        return first

    def _open(self, tag: str, attributes: str, after: int) -> int:
        if self.nodes >= MAX_NODES:
            self.capped = True
            return after
        if tag in _RAW:
            return self._raw(tag, attributes, after)
        self._close_implied(tag)
        node = Node(tag, attributes, self.current)
        self.nodes += 1
        self.current.children.append(node)
        if tag in _VOID or (attributes.endswith("/") and tag in ("p", "span", "a", "o:p")):
            return after
        if self.depth < MAX_DEPTH:
            self.current = node
            self.depth += 1
            self.opened[tag] += 1
        else:
            self.capped = True
        return after

    def _raw(self, tag: str, attributes: str, after: int) -> int:
        """Elements whose content is no text of the mail: skipped as a whole, unless they are never closed."""
        if attributes.endswith("/"):
            return after
        end = self._find_closing(tag, after)
        return end if end >= 0 else after

    def _find_closing(self, tag: str, start: int) -> int:
        for form in (f"</{tag}", f"</{tag.upper()}"):
            at = self._find(form, start)
            if at >= 0:
                return self._skip_tag(at)
        return -1

    def _close_implied(self, tag: str) -> None:
        closing = _CLOSES.get(tag)
        if closing and self.current.tag in closing:
            self._up(self.current)
            if tag == "tr" and self.current.tag == "tr":
                self._up(self.current)
        elif tag in _BLOCK_IN_P and self.current.tag == "p":
            self._up(self.current)

    def _up(self, node: Node) -> None:
        self.current = node.parent or self.root
        self.depth -= 1
        self.opened[node.tag] -= 1

    def _close(self, tag: str) -> None:
        steps = self._steps_to(tag) if self.opened[tag] > 0 and self.vain > 0 else 0
        for _ in range(steps):
            self._up(self.current)
        if not steps and tag == "p" and self.nodes < MAX_NODES:
            self.nodes += 1
            self.current.children.append(Node("br", "", self.current))

    def _steps_to(self, tag: str) -> int:
        """How many elements an end tag closes; a stray one in a cell closes nothing outside it. Looking in vain is bounded."""
        node = self.current
        for steps in range(1, MAX_DEPTH + 1):
            if node.parent is None or (node.tag in _CELLS and node.tag != tag and tag not in _TABLE_ENDS):
                self.vain -= steps
                return 0
            if node.tag == tag:
                return steps
            node = node.parent
        return 0
