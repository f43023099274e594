"""Nodes as typed values: what each kind of type accepts, and what is said of the rest."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from config.leaves import BROKEN
from config.references import Expanded, Sources
from config.shape import Shape
from config.units import Duration, Size
from config.yaml_positions import parse
from connectors.contract import Secret


class Cat(msgspec.Struct, tag="cat", tag_field="kind", forbid_unknown_fields=True):
    lives: int = 9


class Dog(msgspec.Struct, tag="dog", tag_field="kind", forbid_unknown_fields=True):
    tricks: tuple[str, ...] = ()


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Box(msgspec.Struct, forbid_unknown_fields=True):
    size: int

    def __post_init__(self) -> None:
        if self.size == 13:
            raise ValueError("size: brings bad luck")
        if self.size == 14:
            raise ValueError("nobody wants this box")


class Renamed(msgspec.Struct):
    wait: str = msgspec.field(default="", name="for")


def read(kind: Any, text: str) -> tuple[Any, list[str]]:
    shape = Shape(Sources(environment={"NAME": "value"}, folder=Path("/nowhere")))
    node = parse(f"a: {text}\n".encode(), "f")
    value = shape.read(node, dict[str, kind])
    return (value if value is BROKEN else value["a"]), [str(problem) for problem in shape.problems]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (int, "3", 3),
        (float, "3", 3.0),
        (bool, "true", True),
        (str, "x", "x"),
        (str, "'3'", "3"),
        (Any, "[1, {b: c}]", [1, {"b": "c"}]),
        (list[int], "[1, 2]", [1, 2]),
        (set[str], "[x, x]", {"x"}),
        (frozenset[int], "[1]", frozenset({1})),
        (tuple[int, ...], "[]", ()),
        (tuple[int, str], "[1, x]", (1, "x")),
        (dict[int, str], "{1: x}", {1: "x"}),
        (dict[Literal["x"], int], "{x: 1}", {"x": 1}),
        (Literal[1, "one"], "one", "one"),
        (Colour, "blue", Colour.BLUE),
        (int | None, "null", None),
        (int | str, "x", "x"),
        (int | list[int], "[1]", [1]),
        (Box | None, "{size: 1}", Box(1)),
        (Cat | Dog, "{kind: dog, tricks: [sit]}", Dog(("sit",))),
        (Renamed, "{for: 5s}", Renamed("5s")),
        (Secret, "${NAME}", Secret("value")),
        (tuple[Secret, ...], "['${NAME}']", (Secret("value"),)),
        (Annotated[Secret | None, Meta(description="x")], "null", None),
        (Expanded, "a${NAME}b", "avalueb"),
        (Duration, "1m", 60.0),
        (Size, "1KB", 1024),
    ],
)
def test_what_fits(kind: Any, text: str, value: Any) -> None:
    assert read(kind, text) == (value, [])


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (int, "3.5", 'f:1:4: expected a whole number, got the number "3.5"'),
        (int, "true", "f:1:4: expected a whole number, got true"),
        (float, "x", 'f:1:4: expected a number, got the text "x"'),
        (bool, "off", 'f:1:4: expected true or false, got the text "off" (did you mean "false"?)'),
        (str, "", "f:1:3: expected a text, got nothing"),
        (str, "[x]", "f:1:4: expected a text, got a list"),
        (
            str,
            "3",
            "f:1:4: expected a text, got the number \"3\": put it into quotes ('3'), or give a time its unit (3s)",
        ),
        (
            float,
            "3 %",
            'f:1:4: expected a number, got the text "3 %": write a share as a part of 1 (did you mean "0.03"?)',
        ),
        (list[int], "3", 'f:1:4: expected a list, got the number "3"'),
        (list[int], "[1, x]", 'f:1:8: expected a whole number, got the text "x"'),
        (tuple[int, str], "[1]", "f:1:4: expected a list of 2 values, got 1"),
        (Annotated[list[int], Meta(max_length=1)], "[1, 2]", "f:1:4: must have at most 1 values, has 2"),
        (dict[int, str], "{x: y}", 'f:1:5: expected a whole number, got the text "x"'),
        (dict[str, int], "x", 'f:1:4: expected a mapping (key: value), got the text "x"'),
        (
            Literal["red", "blue"],
            "bleu",
            'f:1:4: expected one of blue, red, got "bleu" (did you mean "blue"?)',
        ),
        (Colour, "blu", 'f:1:4: expected one of red, blue, got "blu" (did you mean "blue"?)'),
        (Box, "{size: 13}", "f:1:11: brings bad luck"),
        (Box, "{size: 14}", "f:1:4: nobody wants this box"),
        (Box, "{}", 'f:1:4: the key "size" is missing'),
        (Box | None, "x", 'f:1:4: expected a mapping (key: value), got the text "x"'),
        (Cat | Dog, "{lives: 1}", 'f:1:4: the key "kind" is missing; one of cat, dog'),
        (Cat | Dog, "{kind: dogg}", 'f:1:11: unknown kind "dogg"; one of cat, dog (did you mean "dog"?)'),
        (Cat | Dog, "{kind: cat, live: 1}", 'f:1:16: unknown key "live" (did you mean "lives"?)'),
        (Annotated[int, Meta(gt=0, lt=5)], "0", "f:1:4: must be more than 0, is 0"),
        (Annotated[int, Meta(gt=0, lt=5)], "5", "f:1:4: must be less than 5, is 5"),
        (Annotated[str, Meta(min_length=2)], "x", "f:1:4: must have at least 2 characters, has 1"),
        (Annotated[Duration, Meta(ge=1.0)], "10ms", "f:1:4: must be at least 1, is 0.01"),
        (Secret, "5", "f:1:4: expected a secret: ${NAME} or file:PATH"),
        (Secret, "[x]", "f:1:4: expected a secret (${NAME} or file:PATH), got a list"),
        (Secret | None, "${GONE}", "f:1:4: the environment variable GONE is not set"),
    ],
)
def test_what_does_not(kind: Any, text: str, said: str) -> None:
    value, problems = read(kind, text)
    assert problems == [said]
    assert value is BROKEN or "unknown key" in said


def test_a_long_value_is_cut_in_the_sentence() -> None:
    assert read(int, "x" * 100)[1] == [f'f:1:4: expected a whole number, got the text "{"x" * 40}..."']


def test_secrets_are_collected_for_redaction() -> None:
    shape = Shape(Sources(environment={"NAME": "value"}, folder=Path("/nowhere")))
    shape.read(parse(b"a: ${NAME}\n", "f"), dict[str, Secret])
    assert [value for _, value in shape.secrets] == ["value"]
