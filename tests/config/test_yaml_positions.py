"""Places of keys and values, the strict reading of scalars, and the bounds."""

from __future__ import annotations

import pytest

from config import yaml_positions
from config.errors import ConfigError, Mark
from config.yaml_positions import MAX_BYTES, Mapping, Scalar, Sequence, lift, parse, plain


def test_keys_and_values_know_their_places() -> None:
    root = parse("ä:\n  - 'x'\n  - b: 1\n".encode(), "f")
    assert isinstance(root, Mapping)
    entry = root.entries["ä"]
    assert entry.key == Mark("f", 1, 1)
    assert isinstance(entry.node, Sequence)
    quoted, inner = entry.node.items
    assert isinstance(quoted, Scalar)
    assert isinstance(inner, Mapping)
    assert (quoted.mark, quoted.shift) == (Mark("f", 2, 5), 1)
    assert (inner.entries["b"].key, inner.entries["b"].node.mark) == (Mark("f", 3, 5), Mark("f", 3, 8))


def test_a_folded_text_has_no_columns_of_its_own() -> None:
    root = parse(b"a: >\n  one\n  two\nb: 'it''s'\n", "f")
    assert isinstance(root, Mapping)
    folded, doubled = (root.entries[key].node for key in "ab")
    assert isinstance(folded, Scalar)
    assert isinstance(doubled, Scalar)
    assert (folded.shift, doubled.shift) == (-1, -1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("22:30", "22:30"), ("2026-12-25", "2026-12-25"), ("0x10", "0x10"),
        ("010", "010"), (".inf", ".inf"), ("1_000", "1_000"), ("true", True), ("FALSE", False), ("~", None), ("", None),
        ("null", None), ("-12", -12), ("+3", 3), ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("'1'", "1"), ("!!str 1", "1"),
        ("1e400", "1e400"), ("9" * 30, float("9" * 30)),
    ],
)  # fmt: skip
def test_plain_scalars(text: str, value: object) -> None:
    found = plain(parse(f"a: {text}\n".encode(), "f"))["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", [b"", b"# nothing\n", b"---\n", b"~\n"])
def test_an_empty_file_is_an_empty_mapping(text: bytes) -> None:
    assert plain(parse(text, "f")) == {}


def fault(text: bytes) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text, "f")
    return str(caught.value)


def test_a_byte_order_mark_is_no_fault() -> None:
    assert plain(parse(b"\xef\xbb\xbfa: 1", "f")) == {"a": 1}


def test_not_utf8_names_the_place() -> None:
    assert fault("a: 1\nbü: ".encode() + b"\xff") == "f:2:5: not UTF-8 text"


def test_control_characters() -> None:
    assert fault(b"b: 1\na: \x01") == "f:2:4: not YAML: the character U+0001 cannot stand in a text file"


@pytest.mark.parametrize(
    ("text", "offset", "column"),
    [
        (b"""a: 'it''s x'""", 5, 11), (b"""a: 'it''s x'""", 2, 7), (rb"""a: "say \"x\" now y" """, 12, 19),
        (rb"""a: "\u00e4 y" """, 2, 12), (b"a: 'it'", 1, 6),
    ],
)  # fmt: skip
def test_a_quoted_text_with_escapes_has_the_columns_of_the_file(
    text: bytes, offset: int, column: int
) -> None:
    root = parse(text, "f")
    assert isinstance(root, Mapping)
    node = root.entries["a"].node
    assert isinstance(node, Scalar)
    assert node.at(offset) == Mark("f", 1, column)
    assert text.decode()[column - 1] == node.text[offset]


def test_too_large() -> None:
    assert fault(b"#" * (MAX_BYTES + 1)) == "f: the file is larger than 4 MB"


def test_a_thousand_brackets_do_not_reach_the_stack() -> None:
    assert "nested deeper than 40 levels" in fault(b"[" * 100_000)


def test_aliases_count_as_what_they_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_positions, "MAX_NODES", 10_000)
    bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    bomb += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    assert (
        fault("\n".join(bomb).encode())
        == "f:4:45: more than 10,000 values (aliases count as what they repeat)"
    )


def test_depth_counts_through_aliases() -> None:
    chain = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 60)]
    assert "nested deeper than 40 levels" in fault("\n".join(chain).encode())


def test_an_alias_within_its_own_anchor() -> None:
    assert fault(b"a: &x [*x]") == "f:1:8: no anchor &x stands before this alias"


def test_an_alias_gives_the_same_value() -> None:
    assert plain(parse(b"a: &x {k: 1}\nb: *x\n", "f")) == {"a": {"k": 1}, "b": {"k": 1}}


def test_many_duplicates_are_all_reported() -> None:
    assert len(fault(b"a: 1\n" * 30).splitlines()) == 29


def test_lift_is_the_inverse_of_plain() -> None:
    value = {"a": [1, None, {"b": "x"}], "c": True}
    node = lift(value, "bundle")
    assert plain(node) == value
    assert node.mark == Mark("bundle")
