"""The development corpus: mails of many programs, languages and styles in `corpus/`, with what must be found in each beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.email.codec import parse
from connectors.email.mail import ParsedMail

CORPUS = Path(__file__).parent / "corpus"
MAILS = sorted(CORPUS.glob("*.eml"))
AT_LEAST = 350


@pytest.mark.parametrize("path", MAILS, ids=lambda path: str(path.stem))
def test_a_mail_of_the_corpus_is_understood(path: Path) -> None:
    expected: dict[str, Any] = json.loads(path.with_suffix(".json").read_text("utf-8"))
    mail = parse(path.read_bytes())
    assert {key: found(mail, key, value) for key, value in expected.items()} == expected


def found(mail: ParsedMail, key: str, expected: Any) -> Any:
    """What the mail has under `key`, in the form of the expectation; of structs only what is expected is looked at."""
    value = getattr(mail, key)
    if isinstance(expected, dict) and isinstance(value, msgspec.Struct):
        return {name: getattr(value, name) for name in expected}
    if key == "forwarded":
        return value and value.sender.address
    if key == "attachments" and len(value) == len(expected):
        return [
            {name: getattr(one, name) for name in wanted} for one, wanted in zip(value, expected, strict=True)
        ]
    return list(value) if isinstance(value, tuple) else value


def test_every_mail_has_its_expectation_and_none_is_left_over() -> None:
    assert {path.stem for path in MAILS} == {path.stem for path in CORPUS.glob("*.json")}
    assert len(MAILS) >= AT_LEAST
