"""From a parsed mail to what happened on the channel. Pure: who wrote, which thread, is it a person, is it about a mail of ours."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from connectors.contract import Address, AnyInbound, File, MessageReceived, ReceiptObserved, Unmapped
from connectors.email import auto
from connectors.email.ids import Ids
from connectors.email.mail import MailAddress, ParsedMail
from connectors.email.settings import EmailConfig

MAX_COPIED = 50
MAX_REFERENCES = 30
_CONTENT_HEADERS = re.compile(rb"(?im)^(?:from|date|subject|to|content-type):[^\n]*(?:\n[ \t][^\n]*)*")
_VERDICT = re.compile(r"\bdmarc\s?=\s?(\w{1,20})", re.IGNORECASE)


def source_key(mail: ParsedMail, raw: bytes) -> str:
    """Message-ID and a digest: mails with one id that differ are two; one mail in another folder, or delivered once more, is one."""
    return f"msg:{mail.message_id[:300]}:{digest(raw)}"


def digest(raw: bytes) -> str:
    """128 bits over what the writer wrote: a few headers and the body, not the trace that servers add on the way."""
    head, _, body = raw.replace(b"\r\n", b"\n").lstrip(b"\n").partition(b"\n\n")
    hashed = hashlib.blake2b(digest_size=16)
    for field in sorted(_CONTENT_HEADERS.findall(head[:262_144])):
        hashed.update(b" ".join(field.split()) + b"\n")
    hashed.update(b"\n" + body.rstrip(b"\n"))
    return hashed.hexdigest()


def happening(mail: ParsedMail, raw: bytes, config: EmailConfig, ids: Ids, note: str = "") -> AnyInbound:
    """What this mail means for the channel. `note` is a sentence about what was left out of it, for the reader."""
    key = source_key(mail, raw)
    sender = sender_of(mail, config)
    thread_key = mail.message_id or key
    at = mail.date.timestamp() if mail.date else 0.0
    if ids.is_ours(mail.message_id):
        return Unmapped(
            source_key=key,
            conversation_key=thread_key,
            sender=sender,
            at=at,
            reason="a mail of our own came back",
        )
    if mail.bounce is not None and ids.is_ours(mail.bounce.original_message_id):
        return _about_our_send(mail, key, sender, at)
    return MessageReceived(
        source_key=key,
        conversation_key=thread_key,
        sender=sender,
        at=at,
        text="\n\n".join(part for part in (note, mail.reply) if part),
        html=mail.html,
        subject=mail.subject,
        quoted=mail.quoted,
        files=_files(mail, raw),
        provider_id=mail.message_id,
        thread=thread_of(mail, config, ids),
        language=mail.language,
        automatic=is_automatic(mail, config),
        spam=mail.spam,
        data=_data(mail, config),
    )


def _about_our_send(mail: ParsedMail, key: str, sender: Address, at: float) -> AnyInbound:
    bounce = mail.bounce
    assert bounce is not None
    original = bounce.original_message_id
    if bounce.action != "failed":
        reason = f"delivery is delayed: {bounce.text}"[:200]
        return Unmapped(source_key=key, conversation_key=original, sender=sender, at=at, reason=reason)
    facts = [
        part
        for part in (bounce.status, "for good" if bounce.hard else "for now", bounce.recipient, bounce.text)
        if part
    ]
    return ReceiptObserved(
        source_key=key,
        conversation_key=original,
        sender=sender,
        at=at,
        provider_id=original,
        state="failed",
        error=": ".join(facts)[:500],
    )


def sender_of(mail: ParsedMail, config: EmailConfig) -> Address:
    """Who the customer is: the author; behind a machine's address (a contact form) the one person that answers go to."""
    author = mail.from_
    people = [one for one in mail.reply_to if not auto.is_no_reply(one.address)]
    if len(people) == 1 and (
        not author.address
        or auto.is_no_reply(author.address)
        or author.address.lower() in config.own_addresses
    ):
        author = MailAddress(
            people[0].address,
            people[0].name or ("" if author.address.lower() in config.own_addresses else author.name),
        )
    if not author.address:
        marker = hashlib.blake2b(
            f"{mail.message_id}\0{mail.subject}\0{mail.text[:500]}".encode("utf-8", "replace"), digest_size=6
        ).hexdigest()
        author = MailAddress(f"unknown-{marker}@sender.invalid", author.name or "Unknown sender")
    return Address(
        scheme="email",
        value=author.address,
        scope="global",
        display=author.name,
        verified="channel" if dmarc(mail, config) == "pass" else "claimed",
    )


def dmarc(mail: ParsedMail, config: EmailConfig) -> str:
    """The receiving server's DMARC verdict (RFC 8601), lower case; empty when there is none that we may believe."""
    results = mail.headers.get("authentication-results", "")
    server, _, verdicts = results.partition(";")
    if not config.trusted_server or server.strip().lower().split(" ")[0] != config.trusted_server.lower():
        return ""
    found = _VERDICT.search(verdicts)
    return found.group(1).lower() if found else ""


def thread_of(mail: ParsedMail, config: EmailConfig, ids: Ids) -> tuple[str, ...]:
    """Ids that this mail answers, best first: our own tag in an address, In-Reply-To, References from the newest on.

    Nothing when the sender's domain says that this is not its mail: a stranger must not get into somebody's thread.
    """
    if dmarc(mail, config) == "fail":
        return ()
    carried = (*mail.delivered_to, *(one.address for one in (*mail.to, *mail.cc)))
    candidates = (ids.answered(carried), mail.in_reply_to, *reversed(mail.references))
    return tuple(dict.fromkeys(one for one in candidates if one))[:MAX_REFERENCES]


def is_automatic(mail: ParsedMail, config: EmailConfig) -> bool:
    """Mail that must never be answered automatically: machines', reports, lists, our own addresses."""
    own = mail.from_address.lower() in config.own_addresses and not mail.reply_to
    return mail.auto_reply is not None or mail.bounce is not None or bool(mail.mailing_list) or own


def _files(mail: ParsedMail, raw: bytes) -> tuple[File, ...]:
    files = [
        File(
            name=one.filename,
            content_type=one.content_type,
            content=one.content,
            inline=one.inline,
            content_id=one.content_id,
        )
        for one in mail.attachments
    ]
    if "could-not-parse" in mail.defects:
        files.append(File(name="original.eml", content_type="message/rfc822", content=raw))
    return tuple(files)


def _data(mail: ParsedMail, config: EmailConfig) -> dict[str, Any]:
    """What `compose` needs to answer, and what an agent may want to know; only what is there."""
    facts: dict[str, Any] = {
        "message_id": mail.message_id,
        "references": list(_ends(mail.references)),
        "from": _pair(mail.from_),
        "to": [_pair(one) for one in mail.to[:MAX_COPIED]],
        "cc": [_pair(one) for one in mail.cc[:MAX_COPIED]],
        "reply_to": [_pair(one) for one in mail.reply_to[:5]],
        "delivered_to": list(mail.delivered_to[:10]),
        "defects": list(mail.defects),
        "auto_reply": mail.auto_reply or "",
        "list": mail.mailing_list,
        "security": mail.security,
        "dmarc": dmarc(mail, config),
    }
    if mail.bounce is not None:
        facts["bounce"] = {
            "status": mail.bounce.status,
            "hard": mail.bounce.hard,
            "recipient": mail.bounce.recipient,
            "text": mail.bounce.text,
        }
    if mail.forwarded is not None:
        facts["forwarded"] = {"from": _pair(mail.forwarded.sender), "subject": mail.forwarded.subject}
    return {key: value for key, value in facts.items() if value}


def _ends(references: tuple[str, ...]) -> tuple[str, ...]:
    return (
        references
        if len(references) <= MAX_REFERENCES
        else (references[0], *references[-(MAX_REFERENCES - 1) :])
    )


def _pair(one: MailAddress) -> list[str]:
    return [one.address, one.name]
