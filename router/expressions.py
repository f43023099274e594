"""Conditions: checked against the closed list of names, compiled once to a code object, and traced when somebody asks why.

The code object is made of whitelisted nodes only (comparison, membership, set intersection, and / or / not, constants, names) and
runs with empty builtins: no call, no attribute, cost bounded by the text's length. Names are keys of the facts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any, Literal

import msgspec

from router import grammar
from router.grammar import ExpressionError
from router.names import nearest
from router.words import pattern

Kind = Literal["text", "number", "flag", "set", "words"]
_KINDS = {
    "text": "a text",
    "number": "a number",
    "flag": "true or false",
    "set": "a list",
    "words": "a message",
    "list": "a list",
}
_GLOBALS: dict[str, Any] = {"__builtins__": {}}


class Fact(msgspec.Struct, frozen=True):
    """What may be asked of a name: its kind, and its possible values where the list is closed (`what` says of what).

    `form`: how its texts are written, as an example in which every digit stands for any.
    """

    kind: Kind
    values: frozenset[str] | None = None
    what: str = "value"
    form: str = ""


class Expression(msgspec.Struct, frozen=True):
    """A compiled condition. `names` are the facts that it reads; `words` facts are read as `<name>.flat` and `<name>.each`."""

    source: str
    tree: grammar.Node
    code: CodeType
    names: frozenset[str]

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether it is true of `facts` (every name of `names` must be there)."""
        return bool(eval(self.code, _GLOBALS, facts))  # noqa: S307  # only whitelisted nodes were compiled, builtins are empty


def compile_expression(
    source: str, known: Mapping[str, Fact]
) -> tuple[Expression | None, list[ExpressionError]]:
    """The condition, or None and everything that is wrong with it."""
    try:
        tree = grammar.parse(source)
    except ExpressionError as fault:
        return None, [fault]
    check = _Check(known)
    body = check.flag(tree)
    if check.faults:
        return None, sorted(check.faults, key=lambda fault: fault.offset)
    whole = ast.fix_missing_locations(ast.Expression(body))
    return Expression(source, tree, compile(whole, "<condition>", "eval"), frozenset(check.names)), []


class _Check:
    """One walk that checks kinds and closed lists and builds the Python nodes."""

    def __init__(self, known: Mapping[str, Fact]) -> None:
        self.known = known
        self.faults: list[ExpressionError] = []
        self.names: set[str] = set()

    def fault(self, message: str, at: int, suggestion: str = "") -> ast.expr:
        self.faults.append(ExpressionError(message, at, suggestion))
        return ast.Constant(value=False)

    def fact(self, name: str, at: int) -> Fact | None:
        fact = self.known.get(name)
        if fact is None:
            self.fault(f'unknown name "{name}"', at, nearest(name, self.known))
            return None
        self.names.add(name)
        return fact

    def flag(self, node: grammar.Node) -> ast.expr:
        """A node that must be true or false."""
        build = _BUILDERS.get(type(node))
        if build is not None:
            return build(self, node)
        if isinstance(node, grammar.Literal) and isinstance(node.value, bool):
            return ast.Constant(value=node.value)
        if isinstance(node, grammar.Name):
            fact = self.fact(node.name, node.start)
            if fact is None or fact.kind == "flag":
                return ast.Name(id=node.name, ctx=ast.Load())
            return self.fault(
                f"{node.name} is {_KINDS[fact.kind]}: compare it, or write has({node.name})", node.start
            )
        return self.fault("a condition is true or false: compare this with something", node.start)

    def chain(self, node: grammar.Chain) -> ast.expr:
        op = ast.And() if node.op == "&&" else ast.Or()
        return ast.BoolOp(op=op, values=[self.flag(part) for part in node.parts])

    def negation(self, node: grammar.Not) -> ast.expr:
        return ast.UnaryOp(op=ast.Not(), operand=self.flag(node.inner))

    def has(self, node: grammar.Has) -> ast.expr:
        fact = self.fact(node.name, node.start + (0 if node.items else 4))
        if fact is None:
            return ast.Constant(value=False)
        if not node.items:
            name = f"{node.name}.each" if fact.kind == "words" else node.name
            return _truth(ast.Name(id=name, ctx=ast.Load()))
        if fact.kind == "set":
            items = [text for item in node.items if (text := self.one_of(item, fact)) is not None]
            return _any_of(node.name, items)
        if fact.kind != "words":
            return self.fault(
                f"{node.name} is {_KINDS[fact.kind]}: has() asks a message or a list", node.start
            )
        return self.spoken(node)

    def spoken(self, node: grammar.Has) -> ast.expr:
        """Whole words by one intersection of sets; phrases, prefixes and unspaced writing in the flat text."""
        whole: list[str] = []
        tests: list[ast.expr] = []
        for item in node.items:
            found = pattern(item.value) if isinstance(item.value, str) else None
            if found is None:
                self.fault("has() looks for texts with at least one letter or digit", item.start)
            elif found.word:
                whole.append(found.word)
            else:
                tests.append(_compare(ast.Constant(value=found.piece), ast.In(), f"{node.name}.flat"))
        if whole:
            tests.insert(0, _any_of(f"{node.name}.each", whole))
        return (
            tests[0]
            if len(tests) == 1
            else ast.BoolOp(op=ast.Or(), values=tests or [ast.Constant(value=False)])
        )

    def compare(self, node: grammar.Compare) -> ast.expr:
        if isinstance(node.right, grammar.Name) and self._unquoted(node.right.name):
            return self.fault(f'"{node.right.name}" is no name: a text stands in quotes', node.right.start)
        left, right = self.kind(node.left), self.kind(node.right)
        if left is None or right is None:
            return ast.Constant(value=False)
        if "words" in {left, right}:
            return self.fault("a message is searched with text.has(...), not compared", node.op_at)
        if node.op == "in":
            return self.membership(node, left, right)
        if left != right or left in {"set", "list"}:
            return self.fault(
                f"{_KINDS[left]} and {_KINDS[right]} cannot be compared by {node.op}", node.op_at
            )
        if left == "flag" and node.op not in {"==", "!="}:
            return self.fault(f"true and false have no order: {node.op} is not possible", node.op_at)
        self.closed(node.left, node.right)
        self.closed(node.right, node.left)
        return ast.Compare(left=_value(node.left), ops=[_OPS[node.op]()], comparators=[_value(node.right)])

    def _unquoted(self, name: str) -> bool:
        return name not in self.known and not nearest(name, self.known)

    def membership(self, node: grammar.Compare, left: str, right: str) -> ast.expr:
        if right not in {"set", "list"} or left in {"set", "list"}:
            return self.fault("`in` stands between a value and a list", node.op_at)
        if isinstance(node.right, grammar.Listing):
            wrong = [item for item in node.right.items if _literal_kind(item) != left]
            if wrong:
                return self.fault(f"this list must hold {_KINDS[left]} only", wrong[0].start)
            for item in node.right.items:
                self.closed(node.left, item)
        elif left != "text":
            return self.fault("this list holds texts", node.left.start)
        else:
            self.closed(node.right, node.left)
        return ast.Compare(left=_value(node.left), ops=[ast.In()], comparators=[_value(node.right)])

    def kind(self, node: grammar.Node) -> str | None:
        if isinstance(node, grammar.Name):
            fact = self.fact(node.name, node.start)
            return fact.kind if fact else None
        if isinstance(node, grammar.Literal):
            return _literal_kind(node)
        if isinstance(node, grammar.Listing):
            return "list"
        self.fault("compare names and values; join whole tests with && and ||", node.start)
        return None

    def closed(self, name: grammar.Node, value: grammar.Node) -> None:
        """A literal beside a name with a closed list must be one of its values, and be written as they are."""
        if isinstance(name, grammar.Name) and isinstance(value, grammar.Literal):
            fact = self.known[name.name]
            if fact.values is not None:
                self.one_of(value, fact)
            elif fact.form and re.sub(r"\d", "0", str(value.value)) != re.sub(r"\d", "0", fact.form):
                said = f'"{value.value}" is not a {fact.what}: write it as "{fact.form}"'
                self.fault(said, value.start)

    def one_of(self, item: grammar.Literal, fact: Fact) -> str | None:
        if not isinstance(item.value, str):
            self.fault("a text expected", item.start)
            return None
        if fact.values is not None and item.value not in fact.values:
            self.fault(f'unknown {fact.what} "{item.value}"', item.start, nearest(item.value, fact.values))
            return None
        return item.value


_BUILDERS: dict[type, Callable[[_Check, Any], ast.expr]] = {
    grammar.Chain: _Check.chain,
    grammar.Not: _Check.negation,
    grammar.Has: _Check.has,
    grammar.Compare: _Check.compare,
}
_OPS: dict[str, type[ast.cmpop]] = {
    "==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE,
}  # fmt: skip


def _literal_kind(node: grammar.Literal) -> str:
    if isinstance(node.value, bool):
        return "flag"
    return "text" if isinstance(node.value, str) else "number"


def _value(node: grammar.Node) -> ast.expr:
    if isinstance(node, grammar.Name):
        return ast.Name(id=node.name, ctx=ast.Load())
    if isinstance(node, grammar.Listing):
        return ast.Constant(value=frozenset(item.value for item in node.items))  # type: ignore[arg-type]  # compile() takes frozensets
    assert isinstance(node, grammar.Literal)
    return ast.Constant(value=node.value)


def _truth(node: ast.expr) -> ast.expr:
    return ast.UnaryOp(op=ast.Not(), operand=ast.UnaryOp(op=ast.Not(), operand=node))


def _any_of(name: str, items: list[str]) -> ast.expr:
    wanted = ast.Constant(value=frozenset(items))  # type: ignore[arg-type]  # compile() takes frozensets as constants
    return _truth(ast.BinOp(left=wanted, op=ast.BitAnd(), right=ast.Name(id=name, ctx=ast.Load())))


def _compare(left: ast.expr, op: ast.cmpop, name: str) -> ast.expr:
    return ast.Compare(left=left, ops=[op], comparators=[ast.Name(id=name, ctx=ast.Load())])


class Trace(msgspec.Struct, frozen=True, omit_defaults=True):
    """One node of an explained condition: its text, whether it held, and its parts (those that decided nothing are left out)."""

    text: str
    held: bool
    parts: tuple[Trace, ...] = ()


def trace(expression: Expression, facts: Mapping[str, Any]) -> Trace:
    """Why a condition held or not, node by node: the same code, compiled per node."""
    return _traced(expression.source, expression.tree, facts)


def _traced(source: str, node: grammar.Node, facts: Mapping[str, Any]) -> Trace:
    text = source[node.start : node.end]
    if isinstance(node, grammar.Not):
        inner = _traced(source, node.inner, facts)
        return Trace(text, not inner.held, (inner,))
    if isinstance(node, grammar.Chain):
        stops = node.op == "||"
        parts: list[Trace] = []
        for part in node.parts:
            parts.append(_traced(source, part, facts))
            if parts[-1].held == stops:
                break
        return Trace(text, parts[-1].held, tuple(parts))
    check = _Check(_Anything())
    code = compile(
        ast.fix_missing_locations(ast.Expression(_leaf(check, node, facts))), "<condition>", "eval"
    )
    return Trace(text, bool(eval(code, _GLOBALS, facts)))  # noqa: S307  # a part of a condition that was checked when it was compiled


def _leaf(check: _Check, node: grammar.Node, facts: Mapping[str, Any]) -> ast.expr:
    if isinstance(node, grammar.Compare):
        ops: dict[str, type[ast.cmpop]] = {**_OPS, "in": ast.In}
        return ast.Compare(left=_value(node.left), ops=[ops[node.op]()], comparators=[_value(node.right)])
    if isinstance(node, grammar.Has):
        spoken = f"{node.name}.flat" in facts
        check.known = {node.name: Fact("words" if spoken else "set")}
        return check.has(node)
    return _value(node)


class _Anything(dict[str, Fact]):
    """Traced names were checked when the condition was compiled."""
