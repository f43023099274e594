"""The grammar of conditions: text to a small syntax tree with the place of every node. What names mean lives in `expressions`.

A number may carry a unit of time (`90s`, `2m`): then it is so many seconds.

either  = both { "||" both }              both    = test { "&&" test }
test    = "!" test | value [ op value ]   op      = == != < <= > >= in
value   = text | number | true | false | [ value, ... ] | name | name.has( text, ... ) | has( name ) | ( either )
"""

from __future__ import annotations

import re

import msgspec

from router.durations import seconds

MAX_LENGTH = 2_000
MAX_DEPTH = 24
MAX_NODES = 500
MAX_DIGITS = 15


class ExpressionError(ValueError):
    """The condition cannot be used; `offset` is the place in its text (0 is the first character)."""

    def __init__(self, message: str, offset: int, suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.suggestion = suggestion


class Node(msgspec.Struct, frozen=True):
    """Base: the node's text is `source[start:end]`."""

    start: int
    end: int


class Literal(Node, frozen=True):
    """A text, a number, true or false."""

    value: str | float | bool


class Listing(Node, frozen=True):
    """`[a, b]` of literals."""

    items: tuple[Literal, ...]


class Name(Node, frozen=True):
    """`contact.tier`."""

    name: str


class Has(Node, frozen=True):
    """`text.has("a", "b")` (any of them), or `has(name)` when there are no items: it is not empty."""

    name: str
    items: tuple[Literal, ...]


class Compare(Node, frozen=True):
    """`left op right`; `op_at` is the place of the operator."""

    op: str
    left: Node
    right: Node
    op_at: int


class Not(Node, frozen=True):
    """`!inner`."""

    inner: Node


class Chain(Node, frozen=True):
    """`a && b && c` or `a || b || c`."""

    op: str
    parts: tuple[Node, ...]


class _Token(msgspec.Struct, frozen=True):
    kind: str
    text: str
    start: int
    end: int


_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>\d+(?:\.\d+)?(?:ms|[smhdw])?)
    |(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|(?P<op>==|!=|<=|>=|&&|\|\||[<>!()\[\],])""",
    re.VERBOSE | re.ASCII,
)
_INSTEAD = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "AND": "&&",
    "OR": "||",
    "NOT": "!",
    "=": "==",
    "&": "&&",
    "|": "||",
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2018\u2019\u201a", "'"),
}
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in")


def parse(source: str) -> Node:
    """The tree of a condition. Raises `ExpressionError`."""
    if len(source) > MAX_LENGTH:
        raise ExpressionError(f"a condition has at most {MAX_LENGTH} characters", MAX_LENGTH)
    return _Parser(source).whole()


def _tokens(source: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:
            raise _strange(source, at)
        kind = str(found.lastgroup)
        if kind != "space":
            tokens.append(_Token(kind, found[0], at, found.end()))
        at = found.end()
    return [*tokens, _Token("end", "", at, at)]


def _strange(source: str, at: int) -> ExpressionError:
    if source[at] in "\"'":
        return ExpressionError("this text has no closing quote", at)
    return ExpressionError(f'"{source[at]}" is not part of the language', at, _INSTEAD.get(source[at], ""))


def _number(token: _Token) -> float:
    """Its value; with a unit, in seconds."""
    if len(token.text) > MAX_DIGITS:
        raise ExpressionError(f"a number has at most {MAX_DIGITS} characters", token.start)
    try:
        return seconds(token.text) if token.text[-1].isalpha() else float(token.text)
    except ValueError as fault:
        raise ExpressionError(str(fault), token.start) from None


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


class _Parser:
    def __init__(self, source: str) -> None:
        self.tokens = _tokens(source)
        self.at = 0
        self.depth = 0
        self.nodes = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def whole(self) -> Node:
        if self.token.kind == "end":
            raise ExpressionError("the condition is empty", 0)
        node = self.either()
        if self.token.kind != "end":
            raise self.unexpected("an operator (== != < <= > >= in && ||) or the end")
        return node

    def unexpected(self, wanted: str) -> ExpressionError:
        token = self.token
        if token.kind == "end":
            return ExpressionError(f"the condition ends where {wanted} should follow", token.start)
        return ExpressionError(
            f'{wanted} expected, not "{token.text}"', token.start, _INSTEAD.get(token.text, "")
        )

    def take(self, *texts: str) -> _Token | None:
        token = self.token
        if token.text in texts and token.kind in {"op", "name"}:
            self.at += 1
            return token
        return None

    def demand(self, text: str) -> _Token:
        token = self.take(text)
        if token is None:
            raise self.unexpected(f'"{text}"')
        return token

    def count(self, node: Node) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise ExpressionError(f"a condition has at most {MAX_NODES} parts", node.start)
        return node

    def either(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"brackets and negations nest at most {MAX_DEPTH} deep", self.token.start)
        node = self.chain("||")
        self.depth -= 1
        return node

    def chain(self, op: str) -> Node:
        part = self.test if op == "&&" else self.both
        parts = [part()]
        while self.take(op):
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        return self.count(Chain(parts[0].start, parts[-1].end, op, tuple(parts)))

    def both(self) -> Node:
        return self.chain("&&")

    def test(self) -> Node:
        sign = self.take("!")
        if sign is not None:
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise ExpressionError(f"brackets and negations nest at most {MAX_DEPTH} deep", sign.start)
            inner = self.test()
            self.depth -= 1
            return self.count(Not(sign.start, inner.end, inner))
        left = self.value()
        op = self.take(*_COMPARISONS)
        if op is None:
            return left
        right = self.value()
        return self.count(Compare(left.start, right.end, op.text, left, right, op.start))

    def value(self) -> Node:
        token = self.token
        if token.text == "(":
            self.at += 1
            node = self.either()
            self.demand(")")
            return node
        if token.text == "[":
            self.at += 1
            items, end = self.literals("]")
            return self.count(Listing(token.start, end, items))
        if token.kind == "name" and token.text not in {"true", "false"}:
            return self.count(self.name())
        return self.literal()

    def name(self) -> Node:
        token = self.token
        if token.text in _INSTEAD or token.text == "in":
            raise self.unexpected("a value")
        self.at += 1
        if not self.take("("):
            return Name(token.start, token.end, token.text)
        if token.text == "has":
            subject = self.token
            if subject.kind != "name":
                raise self.unexpected("a name")
            self.at += 1
            return Has(token.start, self.demand(")").end, subject.text, ())
        subject_name, dot, verb = token.text.rpartition(".")
        if not dot or verb != "has":
            raise ExpressionError(
                f'"{token.text}" cannot be called', token.start, "has" if not dot else f"{subject_name}.has"
            )
        items, end = self.literals(")")
        if not items:
            raise ExpressionError(f"{token.text}() needs at least one text", token.start)
        return Has(token.start, end, subject_name, items)

    def literals(self, closing: str) -> tuple[tuple[Literal, ...], int]:
        items: list[Literal] = []
        while True:
            last = self.take(closing)
            if last is not None:
                return tuple(items), last.end
            if items:
                self.demand(",")
            items.append(self.literal())

    def literal(self) -> Literal:
        token = self.token
        value: str | float | bool
        if token.kind == "text":
            value = _unquote(token.text)
        elif token.kind == "number":
            value = _number(token)
        elif token.text in {"true", "false"}:
            value = token.text == "true"
        else:
            raise self.unexpected("a value")
        self.at += 1
        node = Literal(token.start, token.end, value)
        self.count(node)
        return node
