"""What an operator may set for a web chat: the `config:` block of its channel. Values are checked here, used elsewhere."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from connectors.contract import Secret
from connectors.webchat.hours import Hours
from connectors.webchat.origins import pattern

DEFAULT_TYPES = (
    "image/*",
    "audio/*",
    "video/*",
    "text/plain",
    "text/csv",
    "application/pdf",
    "application/zip",
    "application/json",
    "application/rtf",
    "application/msword",
    "application/vnd.*",
)

Count = Annotated[int, Meta(ge=1)]


class WebchatConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One widget. Without `allowed_origins` only Parley's own preview page may carry it.

    `identity_secrets` sign logged-in customers (several while one is being replaced); with `require_identity` nobody else may
    write. `file_types` are media types, `*` at the end allowed; an empty list allows all. `messages_per_minute` counts per visitor,
    the `address_` limits per network address, so that making new visitors does not get around it.
    """

    name: Annotated[str, Meta(min_length=1, max_length=60)] = "Support"
    subtitle: Annotated[str, Meta(max_length=120)] = ""
    greeting: Annotated[str, Meta(max_length=1000)] = "Hello! How can we help you?"
    colour: Annotated[str, Meta(pattern="^#[0-9a-fA-F]{6}$")] = "#2f5d50"
    theme: Literal["auto", "light", "dark"] = "auto"
    position: Literal["right", "left"] = "right"
    allowed_origins: tuple[str, ...] = ()
    identity_secrets: tuple[Secret, ...] = ()
    require_identity: bool = False
    ask_email: bool = True
    out_of_hours: Annotated[str, Meta(max_length=500)] = ""
    hours: Hours | None = None
    max_text: Annotated[int, Meta(ge=100, le=10_000)] = 5_000
    max_file_bytes: Annotated[int, Meta(ge=0, le=104_857_600)] = 10_485_760
    max_files: Annotated[int, Meta(ge=0, le=20)] = 5
    file_types: tuple[str, ...] = DEFAULT_TYPES
    messages_per_minute: Count = 60
    address_messages_per_minute: Count = 300
    address_visitors_per_minute: Count = 60
    sockets_per_visitor: Count = 8
    max_sockets: Count = 5_000

    def __post_init__(self) -> None:
        """Check what types cannot say. Raises ValueError with the key."""
        for one in self.allowed_origins:
            try:
                pattern(one)
            except ValueError as error:
                raise ValueError(f"allowed_origins: {error}") from None
        for number, secret in enumerate(self.identity_secrets):
            if len(secret.reveal()) < 16:
                raise ValueError(
                    f"identity_secrets[{number}]: too short to protect anybody, use 16 characters or more"
                )
        if self.require_identity and not self.identity_secrets:
            raise ValueError("require_identity: nobody could write without identity_secrets")

    @property
    def origins(self) -> tuple[str, ...]:
        """The allowed origins in normal form."""
        return tuple(pattern(one) for one in self.allowed_origins)


def accepts(config: WebchatConfig, content_type: str) -> bool:
    """Tell whether a file that claims this media type may be sent."""
    kind = content_type.partition(";")[0].strip().lower()
    if not config.file_types:
        return True
    return any(_fits(kind, one.lower()) for one in config.file_types)


def _fits(kind: str, allowed: str) -> bool:
    return kind.startswith(allowed[:-1]) if allowed.endswith("*") else kind == allowed


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on `colour` (WCAG 2.2 contrast: at least 4.5 for any colour)."""
    light = _luminance(colour)
    return "#ffffff" if 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 else "#000000"


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
