"""The body of a mail: what the agent wrote as text and as HTML, the channel's layout and signature, history, pictures, files. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import msgspec

from connectors.contract import Outbound
from connectors.email import context, html
from connectors.email.settings import EmailConfig
from connectors.kit.names import safe_name

MAX_QUOTED = 20_000
_POLICY = SMTP.clone(cte_type="7bit")  # not every relay on the way takes 8-bit lines
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")
_PLACES = re.compile(r"\{(?:text|signature|history)\}")


class LoadedFile(msgspec.Struct, frozen=True):
    """A file to attach, with its bytes. A `content_id` makes it a picture within the text."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""


def body(message: Outbound, config: EmailConfig, files: Sequence[LoadedFile], tag: str) -> bytes:
    """The mail from its MIME headers on. `tag` makes the boundaries: the same in every attempt, and in no content."""
    made = _body(message, config, files)
    for number, part in enumerate(made.walk()):
        if part.is_multipart():
            part.set_boundary(f"={tag.replace('.', '_')}_{number}=")
    return made.as_bytes(policy=_POLICY)


def _body(message: Outbound, config: EmailConfig, files: Sequence[LoadedFile]) -> EmailMessage:
    history = _history(message) if config.quote_history and not message.automatic else None
    signature = "" if message.automatic else config.signature.strip()
    rich_text = _rich(message, signature, history, config.layout if not message.automatic else "")
    body = EmailMessage(policy=_POLICY)
    body.set_content(_plain(message, signature, history))
    body.add_alternative(rich_text, subtype="html")
    # A picture that the text does not show would be invisible in it: such a one is attached.
    inline = [
        one
        for one in files
        if one.content_id
        and one.content_type.startswith("image/")
        and f"cid:{context.ident(one.content_id)}" in rich_text
    ]
    rich = body.get_payload(1)
    assert isinstance(rich, EmailMessage)  # the alternative added above
    for one in inline:
        rich.add_related(
            one.content, *_kind(one), cid=f"<{context.ident(one.content_id)}>", filename=safe_name(one.name)
        )
    for one in files:
        if one not in inline:
            body.add_attachment(one.content, *_kind(one), filename=safe_name(one.name))
    return body


def _kind(file: LoadedFile) -> tuple[str, str]:
    kind = file.content_type.lower()
    if not _TYPE.fullmatch(kind) or kind.startswith(("multipart/", "message/")):
        return "application", "octet-stream"
    main, _, sub = kind.partition("/")
    return main, sub


def _plain(message: Outbound, signature: str, history: tuple[str, str] | None) -> str:
    parts = [message.text.strip()]
    if signature:
        parts.append(f"-- \n{signature}")
    if history:
        quoted = "\n".join(f"> {line}".rstrip() for line in history[1].split("\n"))
        parts.append(f"{history[0]}\n{quoted}")
    return "\n\n".join(parts) + "\n"


def _rich(message: Outbound, signature: str, history: tuple[str, str] | None, layout: str) -> str:
    text = html.safe(message.html) if message.html else html.from_text(message.text)
    below = f'<div class="signature">{html.from_text(signature)}</div>' if signature else ""
    quote = ""
    if history:
        line = html.from_text(history[0])[3:-4]
        quote = f'<div class="quote"><p>{line}</p><blockquote type="cite">{html.from_text(history[1])}</blockquote></div>'
    # Plain replacement, all at once: what a customer wrote is never looked through for places again.
    parts = {"{text}": text, "{signature}": below, "{history}": quote}
    filled = _PLACES.sub(lambda found: parts[found.group()], layout or "{text}{signature}{history}")
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>{filled}</body></html>\n'


def _history(message: Outbound) -> tuple[str, str] | None:
    """The line above the customer's last words, and the words."""
    last = context.last(message)
    said = str(last.get("text") or "").strip()[:MAX_QUOTED]
    if not said:
        return None
    author = next(
        iter(context.pairs([context.last_data(message).get("from")])), (message.to.value, message.to.display)
    )
    name = f"{context.clean(author[1])} <{author[0]}>" if author[1] else f"<{author[0]}>"
    at = last.get("at")
    when = format_datetime(datetime.fromtimestamp(float(at), UTC)).rsplit(":", 1)[0] if at else ""
    return (f"On {when} UTC, {name} wrote:" if when else f"{name} wrote:"), said
