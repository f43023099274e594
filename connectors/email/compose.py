"""From what an agent wrote to the bytes of a mail: headers that thread everywhere, text and HTML, files. Pure; equal in every attempt.

Header lines are written here and not by the standard library: it encodes long ids in References into something that no
program threads by. Everything that goes into a header is stripped of control characters first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

import msgspec

from connectors.contract import Malformed, Outbound
from connectors.email import html, phrases
from connectors.email.ids import Ids
from connectors.email.mail import MailAddress
from connectors.email.settings import EmailConfig
from connectors.kit.names import safe_name

MAX_REFERENCES = 20
MAX_QUOTED = 20_000
MAX_COPIES = 50
_POLICY = SMTP.clone(cte_type="7bit")  # not every relay on the way takes 8-bit lines
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")


class LoadedFile(msgspec.Struct, frozen=True):
    """A file to attach, with its bytes. A `content_id` makes it a picture within the text."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""


class Letter(msgspec.Struct, frozen=True):
    """A mail ready to be handed in: envelope and bytes."""

    sender: str
    recipients: tuple[str, ...]
    message_id: str
    raw: bytes


def compose(
    message: Outbound, config: EmailConfig, ids: Ids, files: Sequence[LoadedFile], now: float
) -> Letter:
    """The mail for `message`. `now` (seconds since the epoch) dates it when the context does not. Raises `Malformed` on bad addresses."""
    to, copies = recipients(message, config)
    message_id = ids.message_id(message.id)
    lines = [*_addressing(message, config, ids, to, copies), *_threading(message, message_id)]
    at = message.context.get("at") or now
    lines.append(f"Date: {format_datetime(datetime.fromtimestamp(float(at), UTC))}")
    if message.automatic:
        answering = bool(message.context.get("last"))
        lines += [
            f"Auto-Submitted: {'auto-replied' if answering else 'auto-generated'}",
            "X-Auto-Response-Suppress: All",
        ]
    head = "\r\n".join(lines).encode("ascii") + b"\r\n"
    body = _body(message, config, files)
    _number_boundaries(body, ids.tag(message.id))
    return Letter(
        sender=_ascii_address(config.address),
        recipients=tuple(_ascii_address(one.address) for one in (to, *copies)),
        message_id=message_id,
        raw=head + body.as_bytes(policy=_POLICY),
    )


# --- headers -----------------------------------------------------------------------------------------------------


def recipients(message: Outbound, config: EmailConfig) -> tuple[MailAddress, tuple[MailAddress, ...]]:
    """Who gets it: the customer (where their mail wants answers), and everybody else who was in To and Cc of their mail."""
    data = _last_data(message)
    wanted = [
        MailAddress(*pair)
        for pair in _pairs(data.get("reply_to"))
        if pair[0].lower() not in config.own_addresses
    ]
    to = (
        wanted[0]
        if wanted and _is_about(message, data)
        else MailAddress(message.to.value, message.to.display)
    )
    if not config.copy_all:
        return to, ()
    seen = {to.address.lower(), message.to.value.lower(), *config.own_addresses}
    copies: list[MailAddress] = []
    for pair in (*_pairs(data.get("to")), *_pairs(data.get("cc"))):
        address = pair[0].lower()
        if address not in seen and not _is_tagged(address, config) and len(copies) < MAX_COPIES:
            seen.add(address)
            copies.append(MailAddress(*pair))
    return to, tuple(copies)


def _is_about(message: Outbound, data: dict[str, Any]) -> bool:
    """The last mail is the one of the person that this message goes to."""
    author = next(iter(_pairs([data.get("from")])), ("", ""))[0].lower()
    answers = {pair[0].lower() for pair in _pairs(data.get("reply_to"))}
    return message.to.value.lower() in {author, *answers}


def _is_tagged(address: str, config: EmailConfig) -> bool:
    local, _, domain = config.answers_to.lower().rpartition("@")
    return address.startswith(f"{local}+") and address.endswith(f"@{domain}")


def _pairs(value: object) -> list[tuple[str, str]]:
    pairs = value if isinstance(value, list | tuple) else []
    return [
        (str(one[0]), str(one[1]))
        for one in pairs
        if isinstance(one, list | tuple) and len(one) == 2 and "@" in str(one[0])
    ]


def _last(message: Outbound) -> dict[str, Any]:
    last = message.context.get("last")
    return last if isinstance(last, dict) else {}


def _last_data(message: Outbound) -> dict[str, Any]:
    data = _last(message).get("data")
    return data if isinstance(data, dict) else {}


def _addressing(
    message: Outbound, config: EmailConfig, ids: Ids, to: MailAddress, copies: Sequence[MailAddress]
) -> list[str]:
    agent = str(message.context.get("agent") or "") if config.agent_names and not message.automatic else ""
    name = f"{agent} ({config.name})" if agent and config.name else agent or config.name
    lines = [f"From: {_mailbox(MailAddress(config.address, name), 'From')}", f"To: {_mailbox(to, 'To')}"]
    if copies:
        lines.append("Cc: " + ",\r\n ".join(_mailbox(one, "Cc") for one in copies))
    if config.reply_tags:
        lines.append(
            f"Reply-To: {_mailbox(MailAddress(ids.reply_address(message.id, config.answers_to), config.name), 'Reply-To')}"
        )
    elif config.answers_to.lower() != config.address.lower():
        lines.append(f"Reply-To: {_mailbox(MailAddress(config.answers_to, config.name), 'Reply-To')}")
    lines.append(f"Subject: {_text(subject(message), 'Subject')}")
    return lines


def subject(message: Outbound) -> str:
    """The customer's subject with one "Re: " in front; what the agent wrote when there is nothing to answer."""
    last = _last(message)
    said = _clean(str(last.get("subject") or message.subject or message.context.get("subject") or ""))
    if last and not phrases.REPLY_SUBJECT.match(said):
        return f"Re: {said}".strip()
    return said


def _threading(message: Outbound, message_id: str) -> list[str]:
    data, last = _last_data(message), _last(message)
    known = [str(one) for one in message.context.get("thread") or [] if one]
    newest = str(
        data.get("message_id")
        or next(iter(last.get("provider_ids") or []), "")
        or (known[-1] if known else "")
    )
    chain = [*map(str, data.get("references") or []), newest] if last else [*known]
    chain = [one for one in dict.fromkeys(map(_id, chain)) if one]
    if len(chain) > MAX_REFERENCES:
        chain = [chain[0], *chain[-(MAX_REFERENCES - 1) :]]
    lines = [f"Message-ID: <{message_id}>"]
    if _id(newest):
        lines.append(f"In-Reply-To: <{_id(newest)}>")
    if chain:
        lines.append("References: " + "\r\n ".join(f"<{one}>" for one in chain))
    return lines


def _id(text: str) -> str:
    """An id that may stand in a header line: printable ASCII, no blanks, not longer than a line may be."""
    text = text.strip().strip("<>")
    return text if text.isascii() and text.isprintable() and " " not in text and 0 < len(text) < 900 else ""


def _clean(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _text(text: str, name: str) -> str:
    text = _clean(text)[:1_000]
    long_word = any(len(word) > 900 for word in text.split())
    return Header(
        text, None if text.isascii() and not long_word else "utf-8", maxlinelen=76, header_name=name
    ).encode(linesep="\r\n")


def _mailbox(one: MailAddress, name: str) -> str:
    address = _ascii_address(one.address)
    display = _clean(one.name)[:200]
    if not display:
        return address
    if not display.isascii():
        return f"{Header(display, 'utf-8', maxlinelen=70, header_name=name).encode(linesep=chr(13) + chr(10))} <{address}>"
    quoted = display if _ATOMS.fullmatch(display) else '"' + re.sub(r'(["\\])', r"\\\1", display) + '"'
    return f"{quoted} <{address}>"


def _ascii_address(address: str) -> str:
    """The address as it may stand in an SMTP command: the domain in its ASCII form."""
    local, at, domain = _CONTROL.sub("", address).strip().rpartition("@")
    try:
        encoded = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    except UnicodeError:
        encoded = ""
    if (
        not at
        or not local
        or not encoded
        or not local.isascii()
        or re.search(r"[\s<>,;:\\\"()\[\]]", local + encoded)
        or len(address) > 320
    ):
        raise Malformed(f"{address[:100]!r} is no address that mail can be sent to.", "to")
    return f"{local}@{encoded}"


# --- body --------------------------------------------------------------------------------------------------------


def _body(message: Outbound, config: EmailConfig, files: Sequence[LoadedFile]) -> EmailMessage:
    history = _history(message) if config.quote_history and not message.automatic else None
    signature = "" if message.automatic else config.signature.strip()
    body = EmailMessage(policy=_POLICY)
    body.set_content(_plain(message, signature, history))
    body.add_alternative(_rich(message, signature, history), subtype="html")
    inline = [one for one in files if one.content_id and one.content_type.startswith("image/")]
    rich = body.get_payload(1)
    assert isinstance(rich, EmailMessage)  # the alternative added above
    for one in inline:
        rich.add_related(
            one.content, *_kind(one), cid=f"<{_id(one.content_id)}>", filename=safe_name(one.name)
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


def _rich(message: Outbound, signature: str, history: tuple[str, str] | None) -> str:
    parts = [html.safe(message.html) if message.html else html.from_text(message.text)]
    if signature:
        parts.append(f'<div class="signature">{html.from_text(signature)}</div>')
    if history:
        parts.append(
            f'<div class="quote"><p>{html.from_text(history[0])[3:-4]}</p><blockquote type="cite">{html.from_text(history[1])}</blockquote></div>'
        )
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>{"".join(parts)}</body></html>\n'


def _history(message: Outbound) -> tuple[str, str] | None:
    """The line above the customer's last words, and the words."""
    last = _last(message)
    said = str(last.get("text") or "").strip()[:MAX_QUOTED]
    if not said:
        return None
    author = next(iter(_pairs([_last_data(message).get("from")])), (message.to.value, message.to.display))
    name = f"{_clean(author[1])} <{author[0]}>" if author[1] else f"<{author[0]}>"
    at = last.get("at")
    when = format_datetime(datetime.fromtimestamp(float(at), UTC)).rsplit(":", 1)[0] if at else ""
    return (f"On {when} UTC, {name} wrote:" if when else f"{name} wrote:"), said


def _number_boundaries(body: EmailMessage, tag: str) -> None:
    """Boundaries from the tag: the same bytes in every attempt. The tag is not in any content, as nobody can guess it."""
    for number, part in enumerate(body.walk()):
        if part.is_multipart():
            part.set_boundary(f"={tag.replace('.', '_')}_{number}=")
