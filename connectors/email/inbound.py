"""From a parsed mail to what happened on the channel. Pure: who wrote, which thread, is it a person, is it about a mail of ours."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import msgspec

from connectors.contract import Address, AnyInbound, File, MessageReceived, ReceiptObserved, Unmapped
from connectors.email import auto, threads
from connectors.email.copies import reply_all
from connectors.email.ids import Ids
from connectors.email.mail import MailAddress, ParsedMail
from connectors.email.settings import EmailConfig
from connectors.email.threads import Threading, dmarc, threading_of

MAX_COPIED = 50
MAX_REFERENCES = 30
LEFT_OUT = frozenset(
    {"too-deep", "too-many-parts", "too-many-attachments", "mail-cut", "text-cut", "html-cut"}
)
PARTIAL = "Not all of this mail is shown: it is longer, or made of more parts, than what is read of one. The whole mail is attached as original.eml."
_CONTENT_HEADERS = re.compile(rb"(?im)^(?:from|date|subject|to|content-type):[^\n]*(?:\n[ \t][^\n]*)*")


class Place(msgspec.Struct, frozen=True):
    """Where a mail was found. `sent`: a folder that holds what people send; `labels` are the server's."""

    folder: str = ""
    labels: tuple[str, ...] = ()
    sent: bool = False


INBOX = Place()


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


def happening(
    mail: ParsedMail,
    raw: bytes,
    config: EmailConfig,
    ids: Ids,
    note: str = "",
    *,
    place: Place = INBOX,
    now: float = 0.0,
) -> AnyInbound | None:
    """What this mail means for the channel; None for nothing new. `note` is a sentence about what was left out of it, for the reader.

    `now` in seconds since the epoch: how old the mails of ours are that it answers.
    """
    key = source_key(mail, raw)
    at = mail.date.timestamp() if mail.date else 0.0
    if _is_own(mail, ids):
        if place.sent:
            return None  # the copy of what went out through here
        reason = "a mail of our own came back"
        sender = sender_of(mail, config)
        return Unmapped(source_key=key, conversation_key=mail.message_id, sender=sender, at=at, reason=reason)
    if place.sent:
        return _written_elsewhere(mail, raw, config, ids, place, now)
    original = failed_mail(mail, config, ids)
    if mail.bounce is not None and original:
        return _about_our_send(mail, key, sender_of(mail, config), at, original)
    return _message(mail, raw, config, ids, note, place, now)


def _message(
    mail: ParsedMail, raw: bytes, config: EmailConfig, ids: Ids, note: str, place: Place, now: float
) -> MessageReceived:
    key = source_key(mail, raw)
    threading = threading_of(mail, config, ids, now)
    forwarded = forwarded_by_colleague(mail, config)
    return MessageReceived(
        source_key=key,
        conversation_key=mail.message_id or key,
        sender=_claimed(mail.forwarded.sender) if forwarded and mail.forwarded else sender_of(mail, config),
        at=mail.date.timestamp() if mail.date else 0.0,
        text="\n\n".join(part for part in (note, mail.text if forwarded else mail.reply) if part),
        html=mail.html,
        subject=(mail.forwarded.subject if forwarded and mail.forwarded else "") or mail.subject,
        quoted="" if forwarded else mail.quoted,
        files=_files(mail, raw),
        provider_id=mail.message_id,
        thread=threading.ids,
        language=mail.language,
        automatic=is_automatic(mail, config),
        # Held: it claims a conversation that its sender's domain says it has nothing to do with. Out of the queues, in sight.
        spam=mail.spam or (bool(threading.held) and dmarc(mail, config) == "fail"),
        data=_data(mail, config, place, threading),
    )


def _is_own(mail: ParsedMail, ids: Ids) -> bool:
    """A mail that went out through this channel; some servers give it another Message-ID, so it carries its tag once more."""
    return ids.is_ours(mail.message_id) or bool(ids.from_tag(mail.headers.get("x-parley-loop", "")))


def _written_elsewhere(
    mail: ParsedMail, raw: bytes, config: EmailConfig, ids: Ids, place: Place, now: float
) -> MessageReceived | None:
    """What one of us wrote in another mail program, found in its folder of sent mail: ours, in the conversation with whom it went to."""
    if mail.from_address.lower() not in config.own_addresses:
        return None
    people = [one for one in (*mail.to, *mail.cc) if one.address.lower() not in config.own_addresses]
    if not people:
        return None
    key = source_key(mail, raw)
    threading = threading_of(mail, config, ids, now)
    return MessageReceived(
        source_key=key,
        conversation_key=mail.message_id or key,
        sender=_claimed(people[0]),
        at=mail.date.timestamp() if mail.date else 0.0,
        text=mail.reply,
        html=mail.html,
        subject=mail.subject,
        quoted=mail.quoted,
        files=_files(mail, raw),
        provider_id=mail.message_id,
        thread=threading.ids,
        direction="echo",
        automatic=is_automatic(mail, config) and mail.auto_reply is not None,
        data=_data(mail, config, place, threading),
    )


def _claimed(one: MailAddress) -> Address:
    return Address(scheme="email", value=one.address, scope="global", display=one.name, verified="claimed")


def forwarded_by_colleague(mail: ParsedMail, config: EmailConfig) -> bool:
    """One of our own people passed on what a customer wrote to them; not believed when their domain disowns the mail."""
    return (
        mail.forwarded is not None
        and "@" in mail.forwarded.sender.address
        and config.is_colleague(mail.from_address)
        and not config.is_colleague(mail.forwarded.sender.address)
        and mail.auto_reply is None
        and dmarc(mail, config) != "fail"
    )


def failed_mail(mail: ParsedMail, config: EmailConfig, ids: Ids) -> str:
    """The Message-ID of ours that a bounce is about: by the tag in the address that it was sent to, else by what it says itself."""
    if mail.bounce is None:
        return ""
    carried = (*mail.delivered_to, *(one.address for one in mail.to))
    tagged = ids.answered(carried, config.bounce_address) if config.bounce_address else ""
    original = mail.bounce.original_message_id
    return tagged or (original if ids.is_ours(original) else "")


def _about_our_send(mail: ParsedMail, key: str, sender: Address, at: float, original: str) -> AnyInbound:
    bounce = mail.bounce
    assert bounce is not None
    status = f" ({bounce.status})" if bounce.status else ""
    whom = bounce.recipient or "the customer"
    if bounce.action != "failed":
        how = f"Not delivered to {whom} yet{status}; it is still tried"
    else:
        how = f"Came back {'for good' if bounce.hard else 'for now'}"
        how += (f" from {bounce.recipient}" if bounce.recipient else "") + status
    how += ", who was in copy; the others got it" if bounce.in_copy else ""
    return ReceiptObserved(
        source_key=key,
        conversation_key=original,
        sender=sender,
        at=at,
        provider_id=original,
        # Of a delay, and of a colleague's dead address, people read; the mail to the customer has not failed.
        state="failed" if bounce.action == "failed" and not bounce.in_copy else "sent",
        error=(f"{how}: {bounce.text}" if bounce.text else f"{how}.")[:500],
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


def is_automatic(mail: ParsedMail, config: EmailConfig) -> bool:
    """Mail that must never be answered automatically: machines', reports, lists, our own addresses."""
    own = config.is_own(mail.from_address) and not mail.reply_to
    return mail.auto_reply is not None or mail.bounce is not None or bool(mail.mailing_list) or own


def is_partial(mail: ParsedMail) -> bool:
    """Something of it was above a limit and is not shown: the whole mail goes along."""
    return not LEFT_OUT.isdisjoint(mail.defects)


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
    if "could-not-parse" in mail.defects or is_partial(mail):
        files.append(File(name="original.eml", content_type="message/rfc822", content=raw))
    return tuple(files)


def _data(mail: ParsedMail, config: EmailConfig, place: Place, threading: Threading) -> dict[str, Any]:
    """What `compose` needs to answer, and what an agent may want to know; only what is there."""
    forwarded = forwarded_by_colleague(mail, config)
    facts: dict[str, Any] = {
        "message_id": mail.message_id,
        "references": list(_ends(mail.references)),
        "from": _pair(mail.forwarded.sender if forwarded and mail.forwarded else mail.from_),
        "forwarded_by": _pair(mail.from_) if forwarded else [],
        "labels": list(place.labels),
        "folder": place.folder if place.folder.upper() != "INBOX" else "",
        "thread": [list(one) for one in zip(threading.ids, threading.why, strict=True)],
        "held": list(threading.held),
        "warning": threading.warning or (PARTIAL if is_partial(mail) else ""),
        "by_subject": threads.answers_by_subject(mail, threading, config) and not place.sent,
        "to": [_pair(one) for one in mail.to[:MAX_COPIED]],
        "cc": [_pair(one) for one in mail.cc[:MAX_COPIED]],
        "others": [_pair(one) for one in _others(mail, config)],
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


def _others(mail: ParsedMail, config: EmailConfig) -> tuple[MailAddress, ...]:
    """Who an answer to this mail also goes to."""
    customer = sender_of(mail, config).value
    people = (*mail.to[:MAX_COPIED], *mail.cc[:MAX_COPIED])
    return reply_all(customer, (mail.from_, *mail.reply_to), people, config)


def _ends(references: tuple[str, ...]) -> tuple[str, ...]:
    return (
        references
        if len(references) <= MAX_REFERENCES
        else (references[0], *references[-(MAX_REFERENCES - 1) :])
    )


def _pair(one: MailAddress) -> list[str]:
    return [one.address, one.name]
