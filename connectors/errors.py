"""The errors that a connector may raise; anything else is a defect and counted as one.

ConnectorError
 ├── TryLater        an outage: back off
 ├── NeedsOperator   nothing will change until a person acts
 ├── Malformed       the input is not what the provider documents
 ├── Unsupported     the channel cannot do what was asked
 └── SentUnknown     only out of the HTTP client: the request went out, no answer came
"""

from __future__ import annotations

import re


class ConnectorError(Exception):
    """Base: `str(error)` is a sentence for the operator, without secrets."""


class TryLater(ConnectorError):
    """An outage: the host backs off with jitter. `after` in seconds if the provider said so. Nothing was sent."""

    def __init__(self, sentence: str, after: float | None = None) -> None:
        super().__init__(sentence)
        self.after = after


class NeedsOperator(ConnectorError):
    """Credentials refused, mailbox missing: nothing will change until a person acts."""


class Malformed(ConnectorError):
    """The input is not what the provider documents. `field` names the place. The host answers 400."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field

    @classmethod
    def of(cls, error: Exception) -> Malformed:
        """From what a msgspec decoder raised: its last words name the place (``- at `$.from.id` ``)."""
        sentence, _, place = str(error).partition(" - at `")
        missing = re.search(r"missing required field `([^`]+)`", sentence)
        path = place.rstrip("`").removeprefix("$").lstrip(".")
        if missing:
            path = f"{path}.{missing.group(1)}" if path else missing.group(1)
        return cls(f"{sentence}.", path)


class Unsupported(ConnectorError):
    """The channel cannot do what was asked."""


class SentUnknown(ConnectorError):
    """The request left us and no answer came back: the connector turns this into `Unknown` for sends."""
