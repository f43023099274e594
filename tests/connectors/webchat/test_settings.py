"""A channel's settings: what is checked before anything starts, and the colours that stay readable."""

from typing import Any

import msgspec
import pytest

from connectors.contract import Secret, decode_secret
from connectors.webchat.settings import WebchatConfig, accepts, ink_on


def load(facts: dict[str, Any]) -> WebchatConfig:
    return msgspec.convert(facts, WebchatConfig, dec_hook=decode_secret)


def test_nothing_need_be_set() -> None:
    config = load({})
    assert config.origins == ()
    assert config.max_files == 5


def test_everything_can_be_set() -> None:
    config = load(
        {
            "name": "Shop", "colour": "#112233", "allowed_origins": ["HTTPS://Shop.example/", "https://*.shop.example"],
            "identity_secrets": ["0123456789abcdef"], "require_identity": True, "out_of_hours": "Later",
            "hours": {"timezone": "Europe/Berlin", "week": {"mon": ["09:00-17:00"]}}, "max_file_bytes": 0,
        }
    )  # fmt: skip
    assert config.origins == ("https://shop.example", "https://*.shop.example")
    assert "0123456789abcdef" not in repr(config)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"colour": "green"}, r"\$\.colour"),
        ({"theme": "pink"}, r"\$\.theme"),
        ({"allowed_origins": ["shop.example"]}, "allowed_origins: 'shop.example' is no origin"),
        ({"identity_secrets": ["short"]}, r"identity_secrets\[0\]: too short"),
        ({"require_identity": True}, "require_identity"),
        ({"hours": {"week": {"mon": ["9-5"]}}}, r"week\.mon"),
        ({"max_text": 20_000}, r"\$\.max_text"),
        ({"max_sockets": 0}, r"\$\.max_sockets"),
        ({"greting": "Hi"}, "greting"),
    ],
)
def test_what_cannot_be_right_is_named(facts: dict[str, Any], says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says):
        load(facts)


def test_a_short_secret_is_not_told() -> None:
    with pytest.raises(ValueError, match="too short") as error:
        WebchatConfig(identity_secrets=(Secret("hush-hush"),))
    assert "hush-hush" not in str(error.value)


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        ("image/png", True),
        ("IMAGE/PNG; charset=x", True),
        ("text/html", False),
        ("application/octet-stream", False),
        ("application/pdf", True),
    ],
)
def test_file_types(kind: str, taken: bool) -> None:
    assert accepts(WebchatConfig(), kind) is taken
    assert accepts(WebchatConfig(file_types=()), kind) is True


@pytest.mark.parametrize(
    ("colour", "ink"),
    [
        ("#000000", "#ffffff"),
        ("#ffffff", "#000000"),
        ("#2f5d50", "#ffffff"),
        ("#ffd400", "#000000"),
        ("#777777", "#000000"),
    ],
)
def test_words_on_the_accent_are_readable(colour: str, ink: str) -> None:
    assert ink_on(colour) == ink
