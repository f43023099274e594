"""What is written to standard error: one record per line, JSON for machines and a readable line on a terminal, never a secret.

Records carry ids, names of channels and durations; no bodies and no addresses. What third-party libraries log goes the same way.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog

STARS = "****"
MIN_SECRET = 4
_NAMES = re.compile(
    r"pass(word|wd)?$|secret|token|authorization|cookie|api_?key|signature|master_key", re.IGNORECASE
)
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_QUIET = ("aiohttp.access", "asyncio", "imapclient", "aiosmtplib", "websockets", "PIL")

Record = MutableMapping[str, Any]


class Redactor:
    """A processor that replaces known secret values wherever they stand, and whatever is filed under a telling name."""

    def __init__(self) -> None:
        self._known: re.Pattern[str] | None = None
        self._values: set[str] = set()

    def learn(self, secrets: Iterable[str]) -> None:
        """Never let these through from now on. Earlier ones stay forbidden: they may still be valid somewhere."""
        self._values.update(value for value in secrets if len(value) >= MIN_SECRET)
        words = sorted(self._values, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, words))) if words else None

    def __call__(self, _logger: Any, _method: str, record: Record) -> Record:
        """Redact one record."""
        for key, value in record.items():
            record[key] = STARS if _NAMES.search(key) and value else self.clean(value)
        return record

    def clean(self, value: Any) -> Any:
        """`value` without secrets; what is no text, list or mapping becomes text first, as it would be printed."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, dict):
            return {key: STARS if _NAMES.search(str(key)) else self.clean(one) for key, one in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.clean(one) for one in value]
        text = value if isinstance(value, str) else str(value)
        return self._known.sub(STARS, text) if self._known else text


class Malformed(logging.Filter):
    """What a stranger sends wrong is one line without what it was, not an error with its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record where it tells of such a request. Every record passes that its new level lets pass."""
        from aiohttp.http_exceptions import HttpProcessingError

        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            record.msg, record.args = "request_malformed: %s", (type(error).__name__,)
            record.exc_info, record.exc_text = None, None
            record.levelno, record.levelname = logging.INFO, "INFO"
        return logging.getLogger().isEnabledFor(record.levelno)


MALFORMED = Malformed()
REDACTOR = Redactor()
"""The process's own: secrets are learnt as they are resolved."""


def set_up(level: str = "info", style: str = "auto") -> None:
    """Configure structlog and the standard library's logging, both to standard error."""
    pretty = style == "text" or (style == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    ending: list[Any] = [structlog.processors.format_exc_info, REDACTOR, _renderer(pretty=pretty)]
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    logging.basicConfig(level=_LEVELS[level], handlers=[handler], force=True)
    logging.getLogger("aiohttp.server").addFilter(MALFORMED)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _renderer(*, pretty: bool) -> Any:
    if pretty:
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer(ensure_ascii=False)
