"""From what an agent wrote to a mail: who gets it, and headers that thread everywhere. Pure; equal in every attempt. See `bodies` for the rest.

Header lines are written here and not by the standard library: it encodes long ids in References into something that no
program threads by. Everything that goes into a header is stripped of control characters first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime
from typing import Any

import msgspec

from connectors.contract import Malformed, Outbound
from connectors.email import auto, bodies, context, phrases
from connectors.email.bodies import LoadedFile
from connectors.email.copies import others, reply_all
from connectors.email.dkim import signed
from connectors.email.ids import Ids
from connectors.email.mail import MailAddress
from connectors.email.settings import EmailConfig

MAX_REFERENCES = 20
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")


class Letter(msgspec.Struct, frozen=True):
    """A mail ready to be handed in: envelope and bytes."""

    sender: str
    recipients: tuple[str, ...]
    message_id: str
    raw: bytes


def compose(
    message: Outbound,
    config: EmailConfig,
    ids: Ids,
    files: Sequence[LoadedFile],
    now: float,
    *,
    unsubscribe: str = "",
) -> Letter:
    """The mail for `message`. `now` (seconds since the epoch) dates it when the context does not. Raises `Malformed` on bad addresses.

    `unsubscribe` is the address (https) by which this customer can leave; only mails that nobody asked for name it.
    """
    at = queued_at(message, now)
    to, copies = recipients(message, config)
    message_id = ids.message_id(message.id, at)
    lines = [*_addressing(message, config, ids, to, copies, at), *_threading(message, message_id)]
    lines.append(f"Date: {format_datetime(datetime.fromtimestamp(at, UTC))}")
    lines.append(f"X-Parley-Loop: {ids.tag(message.id, at)}")
    lines += _marks(message, unsubscribe)
    head = "\r\n".join(lines).encode("ascii") + b"\r\n"
    raw = head + bodies.body(message, config, files, ids.tag(message.id, at))
    everybody = (to, *copies, *said_copies(message, "bcc", config))
    return Letter(
        sender=_ascii_address(
            ids.reply_address(message.id, at, config.bounce_address)
            if config.bounce_address
            else config.address
        ),
        recipients=tuple(dict.fromkeys(_ascii_address(one.address) for one in everybody)),
        message_id=message_id,
        raw=signed(raw, config.dkim, at) if config.dkim else raw,
    )


def _marks(message: Outbound, unsubscribe: str) -> list[str]:
    """How other programs know what kind of mail it is (RFC 3834, RFC 2369, RFC 8058)."""
    lines = []
    if message.automatic:
        kind = "auto-replied" if message.context.get("last") else "auto-generated"
        lines += [f"Auto-Submitted: {kind}", "X-Auto-Response-Suppress: All"]
    if unsubscribe and is_proactive(message):
        lines += [f"List-Unsubscribe: <{unsubscribe}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]
    return lines


def queued_at(message: Outbound, now: float) -> float:
    """When it was queued (seconds since the epoch): the same in every attempt."""
    return float(message.context.get("at") or now)


def tagged_addresses(config: EmailConfig, ids: Ids, now: float) -> tuple[str, ...]:
    """Addresses as mails would name them for answers and reports of failure, to ask the server whether such mail arrives."""
    answers = (config.answers_to,) if config.reply_tags else ()
    wanted = (*answers, *([config.bounce_address] if config.bounce_address else []))
    return tuple(ids.reply_address("probe", now, address) for address in wanted)


def answers_machine(message: Outbound) -> str:
    """Why an automatic answer must not be sent (RFC 3834 section 2): the sentence, or empty."""
    data = context.last_data(message)
    if data.get("auto_reply") or data.get("bounce"):
        return "Not sent: an automatic answer would go to an automatic mail."
    if data.get("list"):
        return "Not sent: an automatic answer would go to a mailing list."
    if auto.is_no_reply(message.to.value):
        return "Not sent: an automatic answer would go to an address that takes none."
    return ""


def is_proactive(message: Outbound) -> bool:
    """Nobody asked for it: automatic without a mail that it answers, or said so by whoever sends it. Personal mail is none."""
    return (message.automatic and not context.last(message)) or bool(
        context.said_data(message).get("proactive")
    )


# --- headers -----------------------------------------------------------------------------------------------------


def recipients(message: Outbound, config: EmailConfig) -> tuple[MailAddress, tuple[MailAddress, ...]]:
    """Who gets it: the customer (where their mail wants answers), and everybody else who was in To and Cc of their mail."""
    data = context.last_data(message)
    wanted = [
        MailAddress(*pair)
        for pair in context.pairs(data.get("reply_to"))
        if pair[0].lower() not in config.own_addresses
    ]
    to = (
        wanted[0]
        if wanted and _is_about(message, data)
        else MailAddress(message.to.value, message.to.display)
    )
    if "cc" in context.said_data(message):
        return to, said_copies(message, "cc", config)
    people = [MailAddress(*pair) for pair in (*context.pairs(data.get("to")), *context.pairs(data.get("cc")))]
    return to, reply_all(message.to.value, (to,), people, config)


def said_copies(message: Outbound, kind: str, config: EmailConfig) -> tuple[MailAddress, ...]:
    """Who else gets it because the agent said so (`cc`, `bcc`): addresses, or pairs of address and name; none of them ours."""
    given = context.said_data(message).get(kind)
    found = given if isinstance(given, list | tuple) else []
    pairs = [(one, "") if isinstance(one, str) else one for one in found]
    return others((MailAddress(*pair) for pair in context.pairs(pairs)), (), config)


def _is_about(message: Outbound, data: dict[str, Any]) -> bool:
    """The last mail is the one of the person that this message goes to."""
    author = next(iter(context.pairs([data.get("from")])), ("", ""))[0].lower()
    answers = {pair[0].lower() for pair in context.pairs(data.get("reply_to"))}
    return message.to.value.lower() in {author, *answers}


def _addressing(
    message: Outbound,
    config: EmailConfig,
    ids: Ids,
    to: MailAddress,
    copies: Sequence[MailAddress],
    at: float,
) -> list[str]:
    agent = str(message.context.get("agent") or "") if config.agent_names and not message.automatic else ""
    name = f"{agent} ({config.name})" if agent and config.name else agent or config.name
    lines = [f"From: {_mailbox(MailAddress(config.address, name), 'From')}", f"To: {_mailbox(to, 'To')}"]
    if copies:
        lines.append("Cc: " + ",\r\n ".join(_mailbox(one, "Cc") for one in copies))
    if config.reply_tags:
        lines.append(
            f"Reply-To: {_mailbox(MailAddress(ids.reply_address(message.id, at, config.answers_to), config.name), 'Reply-To')}"
        )
    elif config.answers_to.lower() != config.address.lower():
        lines.append(f"Reply-To: {_mailbox(MailAddress(config.answers_to, config.name), 'Reply-To')}")
    lines.append(f"Subject: {_text(subject(message), 'Subject')}")
    return lines


def subject(message: Outbound) -> str:
    """The customer's subject with one "Re: " in front; what the agent wrote when there is nothing to answer."""
    last = context.last(message)
    said = context.clean(str(last.get("subject") or message.subject or message.context.get("subject") or ""))
    if last and not phrases.REPLY_SUBJECT.match(said):
        return f"Re: {said}".strip()
    return said


def _threading(message: Outbound, message_id: str) -> list[str]:
    data, last = context.last_data(message), context.last(message)
    known = [str(one) for one in message.context.get("thread") or [] if one]
    newest = str(
        data.get("message_id")
        or next(iter(last.get("provider_ids") or []), "")
        or (known[-1] if known else "")
    )
    chain = [*map(str, data.get("references") or []), newest] if last else [*known]
    chain = [one for one in dict.fromkeys(map(context.ident, chain)) if one]
    if len(chain) > MAX_REFERENCES:
        chain = [chain[0], *chain[-(MAX_REFERENCES - 1) :]]
    lines = [f"Message-ID: <{message_id}>"]
    if context.ident(newest):
        lines.append(f"In-Reply-To: <{context.ident(newest)}>")
    if chain:
        lines.append("References: " + "\r\n ".join(f"<{one}>" for one in chain))
    return lines


def _text(text: str, name: str) -> str:
    text = context.clean(text)[:1_000]
    long_word = any(len(word) > 900 for word in text.split())
    return Header(
        text, None if text.isascii() and not long_word else "utf-8", maxlinelen=76, header_name=name
    ).encode(linesep="\r\n")


def _mailbox(one: MailAddress, name: str) -> str:
    address = _ascii_address(one.address)
    display = context.clean(one.name)[:200]
    if not display:
        return address
    if not display.isascii():
        return f"{Header(display, 'utf-8', maxlinelen=70, header_name=name).encode(linesep=chr(13) + chr(10))} <{address}>"
    quoted = display if _ATOMS.fullmatch(display) else '"' + re.sub(r'(["\\])', r"\\\1", display) + '"'
    return f"{quoted} <{address}>"


def _ascii_address(address: str) -> str:
    """The address as it may stand in an SMTP command: the domain in its ASCII form."""
    local, at, domain = context.uncontrolled(address).strip().rpartition("@")
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
