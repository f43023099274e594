"""The widget's files: found, versioned, readable in both themes, and safe with any settings inside."""

import json
import re

import pytest

from connectors.webchat import assets
from connectors.webchat.settings import WebchatConfig, ink_on

NASTY = "</script><!--<b>\"'{{name}}\u2028&"


def tokens(theme: str) -> dict[str, str]:
    """The colours of one theme, as the sheet resolves them."""
    sheet = assets.assets().files["styles/tokens.css"].decode()
    blocks = dict(
        re.findall(
            r"(:root(?:\[[^\]]*\])?) \{(.*?)\}",
            sheet.replace(":root {\n  --canvas", ":root[names] {\n  --canvas"),
            re.DOTALL,
        )
    )
    found: dict[str, str] = {}
    for block in (":root", *([':root[data-theme="dark"]'] if theme == "dark" else []), ":root[names]"):
        found |= dict(re.findall(r"--([\w-]+): ([^;]+);", blocks[block]))
    while any(value.startswith("var(") for value in found.values()):
        found = {
            name: found[value[6:-1]] if value.startswith("var(") else value for name, value in found.items()
        }
    return found


def contrast(one: str, two: str) -> float:
    """The contrast ratio of WCAG 2.2 between two colours."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        weights = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * weights[0] + 0.7152 * weights[1] + 0.0722 * weights[2]

    low, high = sorted((light(one), light(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "paper", "least"),
    [
        ("text", "canvas", 4.5), ("text", "sunken", 4.5), ("text-soft", "canvas", 4.5), ("text-soft", "raised", 4.5), ("text-soft", "sunken", 4.5),
        ("text-faint", "canvas", 4.5), ("text-faint", "raised", 4.5), ("problem", "canvas", 4.5), ("problem", "problem-back", 4.5),
        ("edge", "canvas", 3.0), ("green", "canvas", 3.0), ("on-accent", "accent", 4.5),
    ],
)  # fmt: skip
def test_words_and_edges_can_be_seen(theme: str, ink: str, paper: str, least: float) -> None:
    found = tokens(theme)
    assert contrast(found[ink], found[paper]) >= least


@pytest.mark.parametrize(
    "colour", ["#000000", "#777777", "#808080", "#2f5d50", "#ff0000", "#00ff00", "#0000ff", "#ffffff"]
)
def test_words_on_any_accent_can_be_read(colour: str) -> None:
    assert contrast(ink_on(colour), colour) >= 4.5


def test_settings_end_no_script_and_begin_no_comment() -> None:
    config = WebchatConfig(name=NASTY[:60], greeting=NASTY, subtitle=NASTY, out_of_hours=NASTY)
    page = assets.frame("site", config)
    block = re.search(r'<script type="application/json" id="settings">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    assert not set(block[1]) & set("<>&\u2028")
    assert json.loads(block[1])["greeting"] == NASTY
    assert page.count("<script") == 2
    assert "<b>" not in page
    assert "</script" not in assets.loader("site", config)


def test_every_module_is_preloaded_and_every_import_leads_somewhere() -> None:
    files = assets.assets().files
    page = assets.frame("site", WebchatConfig())
    for name, body in files.items():
        if not name.endswith(".js") or name == "loader.js":
            continue
        assert f'/{name}">' in page
        for target in re.findall(r'from "([^"]+)"', body.decode()):
            folder = name.rpartition("/")[0]
            path = re.sub(
                r"[^/]+/\.\./", "", f"{folder}/{target}".replace("/./", "/").lstrip("/").removeprefix("./")
            )
            assert path in files, f"{name} imports {target}"


def test_no_sheet_or_script_reaches_out() -> None:
    for name, body in assets.assets().files.items():
        if name.endswith((".js", ".css")):
            assert not re.search(r"https?://(?!www\.w3\.org/)[a-z]", body.decode()), name


def test_no_script_makes_markup_of_text() -> None:
    for name, body in assets.assets().files.items():
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function",
            body.decode(),
        ), name
