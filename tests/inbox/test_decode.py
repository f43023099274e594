"""Bodies and queries: what is refused, and with which field."""

from __future__ import annotations

import contextlib
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from inbox.decode import Body, decode_body, decode_fields, decode_query
from inbox.errors import ApiError
from inbox.verbs import WORK


class Inner(Body, frozen=True, kw_only=True):
    name: str = ""


class Outer(Body, frozen=True, kw_only=True):
    count: Annotated[int, Meta(ge=0)] = 0
    flag: bool = False
    inner: Inner = Inner()
    names: tuple[str, ...] = ()
    words: dict[str, str] = {}  # noqa: RUF012  # msgspec copies it
    must: str = "x"


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b'{"count":-1}', "count"),
        (b'{"count":"1"}', "count"),
        (b'{"inner":{"nam":"x"}}', "inner.nam"),
        (b'{"inner":{"name":1}}', "inner.name"),
        (b'{"names":["a",1]}', "names[1]"),
        (b'{"names":["a\\u0000"]}', "names"),
        (b'{"words":{"a\\u0000":"b"}}', "words"),
        (b'{"inner":{"name":"\\u0000"}}', "name"),
        (b'{"other":1}', "other"),
        (b"{", ""),
        (b"nonsense", ""),
        (b'"text"', ""),
    ],
)
def test_the_field_is_named(raw: bytes, field: str) -> None:
    with pytest.raises(ApiError) as refused:
        decode_body(raw, Outer)
    assert (refused.value.status, refused.value.body.field) == (400, field)
    assert refused.value.body.message


def test_an_empty_body_is_an_empty_object_and_queries_are_text() -> None:
    assert decode_body(b"", Outer) == Outer()
    assert decode_query({"count": "3", "flag": "true"}, Outer) == Outer(count=3, flag=True)
    assert decode_fields({"count": 3}, Outer) == Outer(count=3)
    with pytest.raises(ApiError) as refused:
        decode_query({"count": "three"}, Outer)
    assert refused.value.body.field == "count"
    with pytest.raises(ApiError):
        decode_fields({"count": "3"}, Outer)


@given(st.binary(max_size=200), st.sampled_from(sorted(WORK)))
def test_no_bytes_do_anything_else_than_decode_or_be_refused(raw: bytes, verb: str) -> None:
    with contextlib.suppress(ApiError):
        assert isinstance(decode_body(raw, WORK[verb].body), WORK[verb].body)
