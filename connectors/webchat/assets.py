"""The widget's own files, read once: what there is, under which version, and the two pages and scripts with the channel's settings in them."""

from __future__ import annotations

import hashlib
import html
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from connectors.webchat.settings import WebchatConfig, ink_on

WEB = Path(__file__).parent / "web"
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Assets:
    """File contents by path below `web/`; `build` changes whenever one of them does."""

    files: dict[str, bytes]
    build: str


@cache
def assets() -> Assets:
    """The files as they were when first asked for. Nothing outside this mapping is ever served."""
    found = sorted(path for path in WEB.rglob("*") if path.is_file() and path.suffix in TYPES)
    files = {path.relative_to(WEB).as_posix(): path.read_bytes() for path in found}
    sums = hashlib.sha256()
    for name, body in files.items():
        sums.update(f"{name}\0{len(body)}\0".encode() + body)
    return Assets(files=files, build=sums.hexdigest()[:12])


def content_type(name: str) -> str:
    """The media type of one of our files."""
    return TYPES[Path(name).suffix]


def loader(channel: str, config: WebchatConfig) -> str:
    """The one script of the embedding page: our function, called with the channel's settings."""
    settings = {
        "channel": channel,
        "name": config.name,
        "colour": config.colour,
        "ink": ink_on(config.colour),
        "theme": config.theme,
        "position": config.position,
    }
    return f"{_text('loader.js').rstrip().removesuffix(';')}({_json(settings)});\n"


def theme(config: WebchatConfig) -> str:
    """The channel's colours as custom properties."""
    return f":root {{ --accent: {config.colour}; --on-accent: {ink_on(config.colour)}; }}\n"


def frame(channel: str, config: WebchatConfig) -> str:
    """The page inside the widget's frame."""
    settings = {
        "channel": channel,
        "name": config.name,
        "subtitle": config.subtitle,
        "greeting": config.greeting,
        "hours": config.hours is not None,
        "away": config.out_of_hours,
        "theme": config.theme,
        "origins": config.origins,
        "ask_email": config.ask_email,
        "files": config.max_files > 0 and config.max_file_bytes > 0,
        "accept": config.file_types,
    }
    modules = "".join(
        f'<link rel="modulepreload" href="assets/{assets().build}/{name}">'
        for name in assets().files
        if name.endswith(".js") and name != "loader.js"
    )
    return _page(
        "frame.html",
        {"name": config.name, "theme": config.theme},
        {"settings": _json(settings), "modules": modules},
    )


def preview(config: WebchatConfig) -> str:
    """A customer's page with the widget on it."""
    return _page("page.html", {"name": config.name}, {})


def _page(file: str, texts: dict[str, str], markup: dict[str, str]) -> str:
    page = _text(file).replace("{{build}}", assets().build)
    for name, value in {**{name: html.escape(text) for name, text in texts.items()}, **markup}.items():
        page = page.replace("{{" + name + "}}", value)
    return page


def _text(name: str) -> str:
    return assets().files[name].decode()


def _json(value: Any) -> str:
    """JSON that may stand inside a script element: nothing in it can end the element or begin a comment."""
    text = msgspec.json.encode(value).decode()
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text
