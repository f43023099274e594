"""YAML text to a tree that remembers the line and column of every key and value. Nothing is constructed but plain values.

The reading is stricter than YAML 1.1: `yes`, `no`, `on`, `off` and `22:30` are texts, a key may stand only once, tags and merge
keys are refused, and size, depth and number of nodes are bounded (an alias counts as all that it repeats). What the
values mean is decided in `shape`, not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

import yaml
from yaml.reader import Reader, ReaderError

from config.errors import ConfigError, Mark, Problem

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 40
MAX_NODES = 400_000

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BREAKS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line for YAML, and so in its line numbers."""
_ESCAPES = {"'": re.compile("''"), '"': re.compile(r"\\(?:x..|u.{4}|U.{8}|.)")}
_KEY = re.compile(r"\s*[\w.\-]+")
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C loader is ten times as fast; the other one gives the same events where libyaml is missing."""


class Scalar(NamedTuple):
    """A leaf: the plain `value` and the `text` as written.

    `shift` is where the text begins after the mark: 1 behind a quote, -1 where columns of the text are not columns of the file. A text
    of several lines, or with escapes, has `parts`: where in the text each piece begins, and its line and column in the file.
    """

    mark: Mark
    value: bool | int | float | str | None
    text: str
    shift: int = 0
    parts: tuple[tuple[int, int, int], ...] = ()

    @property
    def begins_below(self) -> bool:
        """Whether its text begins in a line after its mark, as after `|`."""
        return bool(self.parts) and self.parts[0][1] > self.mark.line

    def at(self, offset: int) -> Mark:
        """The place of a character of the text, as far as it is known."""
        if self.shift >= 0:
            return self.mark._replace(column=self.mark.column + self.shift + offset)
        before = [part for part in self.parts if part[0] <= offset]
        if not before:
            return self.mark
        begin, line, column = before[-1]
        return self.mark._replace(line=line, column=column + offset - begin)


class Sequence(NamedTuple):
    """A list."""

    mark: Mark
    items: tuple[Node, ...]


class Entry(NamedTuple):
    """A key's place and its value."""

    key: Mark
    node: Node


class Mapping(NamedTuple):
    """A mapping; all keys are text."""

    mark: Mark
    entries: dict[str, Entry]


Node = Scalar | Sequence | Mapping


class Left(NamedTuple):
    """What was left out of trees because its key cannot stand there: the faults, and all texts in it."""

    problems: list[Problem]
    texts: set[str]


def parse(text: bytes, file: str, left: Left | None = None) -> Node:
    """The tree of one document. Raises `ConfigError` with every duplicate key (those go into `left`, if given), or with the first fault of syntax."""
    if len(text) > MAX_BYTES:
        raise ConfigError([Problem(Mark(file), f"the file is larger than {MAX_BYTES // 1024 // 1024} MB")])
    reader = _Reader(file)
    content = _decode(text, file)
    try:
        node = reader.document(content)
    except yaml.YAMLError as fault:
        raise ConfigError([*reader.left.problems, _syntax(fault, file, content)]) from None
    if left is not None:
        left.problems.extend(reader.left.problems)
        left.texts.update(reader.left.texts)
    elif reader.left.problems:
        raise ConfigError(reader.left.problems)
    return node


def plain(node: Node) -> Any:
    """The tree as dicts, lists and plain values, as written (secrets are still references)."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(entry.node) for key, entry in node.entries.items()}


def lift(value: Any, file: str) -> Node:
    """The tree of plain values that never were a file: every place is the whole of `file`."""
    mark = Mark(file)
    if isinstance(value, dict):
        return Mapping(mark, {str(key): Entry(mark, lift(item, file)) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return Sequence(mark, tuple(lift(item, file) for item in value))
    return Scalar(mark, value, str(value))


def texts(node: Node) -> Iterator[str]:
    """Every key and every value of a tree, as written."""
    if isinstance(node, Scalar):
        yield node.text
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from texts(item)
    else:
        for name, entry in node.entries.items():
            yield name
            yield from texts(entry.node)


def _decode(text: bytes, file: str) -> str:
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        mark = _end(file, text[: fault.start].decode("utf-8", "replace"))
        raise ConfigError([Problem(mark, "not UTF-8 text")]) from None


def _end(file: str, before: str) -> Mark:
    """The place of what follows a piece of the file."""
    lines = _BREAKS.split(before)
    return Mark(file, len(lines), len(lines[-1]) + 1)


def _syntax(fault: yaml.YAMLError, file: str, content: str) -> Problem:
    strange = Reader.NON_PRINTABLE.search(content) if isinstance(fault, ReaderError) else None
    if strange is not None:
        said = f"the character U+{ord(strange[0]):04X} cannot stand in a text file"
        return Problem(_end(file, content[: strange.start()]), f"not YAML: {said}")
    begun = getattr(fault, "context_mark", None)
    where = getattr(fault, "problem_mark", None) or begun
    if begun and "end of stream" in str(getattr(fault, "problem", "")):
        where = begun  # what was never closed begins there
    mark = Mark(file, where.line + 1, where.column + 1) if where else Mark(file)
    said = getattr(fault, "problem", None) or getattr(fault, "reason", None) or str(fault)
    if "cannot start any token" in str(said):
        said = "this character cannot start a value (tabs do not indent; quote the text)"
    context = getattr(fault, "context", None)
    hint = next((hint for part, hint in _HINTS.items() if part in f"{said} {context}"), "")
    if (
        where
        and "mapping values" in said
        and _KEY.fullmatch(_BREAKS.split(content)[where.line][: where.column])
    ):
        hint = ": the line before may lack its colon, or a blank after it (key: value); keys of one mapping begin in the same column"
    return Problem(mark, f"not YAML: {said}{f' ({context})' if context else ''}{hint}")


_HINTS = {
    "mapping values are not allowed": ": put a text with a colon and a blank into quotes",
    "scanning an anchor": ": put a text with & into quotes",
    "scanning an alias": ": put a text that begins with * into quotes",
}


class _Reader:
    """One pass over the parser's events; keeps the count of nodes and the anchors."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.left = Left([], set())
        self._nodes = 0
        self._anchors: dict[str, tuple[Node, int, int]] = {}
        self._events: Iterator[yaml.Event] = iter(())
        self._lines: list[str] = []

    def document(self, text: str) -> Node:
        self._lines = _BREAKS.split(text)
        self._events = yaml.parse(text, Loader=Loader)
        next(self._events)  # the stream's start
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return Mapping(Mark(self.file, 1, 1), {})
        node = self._node(next(self._events), 0)
        next(self._events)  # the document's end
        more = next(self._events)
        if not isinstance(more, yaml.StreamEndEvent):
            self._stop(self._mark(more), "a second document (`---`) begins here; one file is one document")
        return Mapping(node.mark, {}) if isinstance(node, Scalar) and node.value is None else node

    def _mark(self, event: Any) -> Mark:
        return Mark(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _stop(self, mark: Mark, message: str) -> NoReturn:
        raise ConfigError([*self.left.problems, Problem(mark, message)])

    def _count(self, mark: Mark, nodes: int = 1) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            self._stop(mark, f"more than {MAX_NODES:,} values (aliases count as what they repeat)")

    def _node(self, event: Any, depth: int) -> Node:
        mark = self._mark(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), mark, depth)
        self._count(mark)
        if depth > MAX_DEPTH:
            self._stop(mark, f"nested deeper than {MAX_DEPTH} levels")
        if getattr(event, "tag", None) not in {None, "!", "tag:yaml.org,2002:str"}:
            quotes = ": put a text that begins with ! into quotes" if event.tag.startswith("!") else ""
            self._stop(mark, f"tags like {event.tag} are not supported{quotes}")
        before = self._nodes
        if isinstance(event, yaml.ScalarEvent):
            node: Node = self._scalar(event, mark)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(mark, depth)
        else:
            node = self._mapping(mark, depth)
        if event.anchor:
            self._anchors[event.anchor] = (node, self._nodes - before + 1, _height(node))
        return node

    def _alias(self, name: str, mark: Mark, depth: int) -> Node:
        if name not in self._anchors:
            self._stop(mark, f"no anchor &{name} stands before this alias")
        node, size, height = self._anchors[name]
        self._count(mark, size)
        if depth + height > MAX_DEPTH:
            self._stop(mark, f"nested deeper than {MAX_DEPTH} levels")
        return node

    def _scalar(self, event: Any, mark: Mark) -> Scalar:
        text: str = event.value
        quoted = event.style in {"'", '"'}
        one_line = event.start_mark.line == event.end_mark.line
        width = event.end_mark.column - event.start_mark.column - (2 if quoted else 0)
        shift = (1 if quoted else 0) if one_line and width == len(text) else -1
        implicit = event.implicit[0] and event.tag is None
        value = _resolve(text) if implicit else text
        if not one_line:
            return Scalar(mark, value, text, shift, self._parts(event, text))
        return Scalar(mark, value, text, shift, self._escaped(event) if quoted and shift < 0 else ())

    def _escaped(self, event: Any) -> tuple[tuple[int, int, int], ...]:
        """Where the pieces of a quoted text stand that are written as they are, one after each escape."""
        start, row, gone = event.start_mark.column + 1, event.start_mark.line, 0
        found = [(0, row + 1, start + 1)]
        for escape in _ESCAPES[event.style].finditer(self._lines[row][start : event.end_mark.column - 1]):
            gone += len(escape[0]) - 1
            found.append((escape.end() - gone, row + 1, start + escape.end() + 1))
        return tuple(found)

    def _parts(self, event: Any, text: str) -> tuple[tuple[int, int, int], ...]:
        """Where the lines of the file stand in a text that they make together."""
        first, last, reached = event.start_mark.line, event.end_mark.line, 0
        found: list[tuple[int, int, int]] = []
        for number in range(first + (event.style in {"|", ">"}), min(last + 1, len(self._lines))):
            line = self._lines[number]
            line = line[: event.end_mark.column] if number == last else line
            begin = event.start_mark.column if number == first else 0
            said = line[begin:].strip().strip("'\"")
            begin = text.find(said, reached) if said else -1
            if begin >= 0:
                found.append((begin, number + 1, line.index(said) + 1))
                reached = begin + len(said)
        return tuple(found)

    def _sequence(self, mark: Mark, depth: int) -> Sequence:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Sequence(mark, tuple(items))

    def _mapping(self, mark: Mark, depth: int) -> Mapping:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            place = self._mark(event)
            key = self._node(event, depth + 1)
            node = self._node(next(self._events), depth + 1)
            if not isinstance(key, Scalar) or not key.text:
                self._leave(place, node, "a key must be a text")
            elif key.text == "<<":
                self._leave(place, node, "merge keys (<<) are not supported")
            elif key.text in entries:
                first = entries[key.text].key
                said = f'"{key.text}" stands here a second time (first in line {first.line})'
                self._leave(place, node, said)
            else:
                entries[key.text] = Entry(place, node)
        return Mapping(mark, entries)

    def _leave(self, mark: Mark, node: Node, said: str) -> None:
        self.left.problems.append(Problem(mark, said))
        self.left.texts.update(texts(node))


def _height(node: Node) -> int:
    if isinstance(node, Scalar):
        return 0
    below = node.items if isinstance(node, Sequence) else [entry.node for entry in node.entries.values()]
    return 1 + max(map(_height, below), default=0)


def _resolve(text: str) -> bool | int | float | str | None:
    """The YAML 1.2 core schema without octal, hexadecimal, infinity and NaN."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= 18 and _INT.fullmatch(text):
        return int(text)
    if len(text) <= 40 and _FLOAT.fullmatch(text):
        number = float(text)
        return number if abs(number) < 1e300 else text
    return text
