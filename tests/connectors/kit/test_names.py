"""File names: whatever comes in, what comes out is short, visible, and means nothing to a file system."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.names import LONGEST, safe_name


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\photo.jpg", "photo.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        (".ht\u200baccess", "htaccess"),
        (".htaccess", "htaccess"),
        ("nul.txt", "_nul.txt"),
        ("COM1", "_COM1"),
        ("a\0b\r\nc.txt", "abc.txt"),
        ('a:b*c?"d<e>|f', "a_b_c__d_e__f"),
        ("", "file"),
        ("...", "file"),
        ("dir/", "file"),
        ("Größe 😀.png", "Größe 😀.png"),
    ],
)
def test_names(given_name: str, expected: str) -> None:
    assert safe_name(given_name) == expected


def test_a_long_name_keeps_its_extension() -> None:
    assert len(safe_name("x" * 5000 + ".pdf")) == LONGEST
    assert safe_name("x" * 5000 + ".pdf").endswith("x.pdf")
    assert len(safe_name("x." + "y" * 5000)) == LONGEST


@given(st.text())
def test_any_text_becomes_a_harmless_name(text: str) -> None:
    name = safe_name(text)
    assert 0 < len(name) <= LONGEST
    assert not set(name) & set('/\\<>:"|?*')
    assert name[0] not in ". "
    assert name[-1] not in ". "
    assert all(unicodedata.category(char)[0] != "C" for char in name)
    assert safe_name(name) == name
