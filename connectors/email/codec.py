"""The codec of email: `parse` turns the bytes of any mail into a `ParsedMail`. Pure, bounded, and it never raises on bytes.

The parts: `structure` cuts the mail, `headers`, `addresses`, `words` and `charsets` read its fields, `parts` finds what is to be read
and what is attached, `reply` finds what is new, `auto` and `bounces` say who wrote it. Mails to be sent are made in `compose`.
"""

from __future__ import annotations

import re

import msgspec

from connectors.email import (
    addresses,
    auto,
    blocks,
    bounces,
    charsets,
    disguises,
    headers,
    html,
    language,
    parts,
    phrases,
    quotes,
    reply,
    structure,
    tnef,
    words,
)
from connectors.email.mail import Attachment, Forwarded, MailAddress, ParsedMail
from connectors.email.structure import Entity

MAX_BYTES = 64 << 20
MAX_HTML = 1 << 20
MAX_SHOWN = 20_000

_STUB = re.compile(
    r"(?:html[- ](?:version|format|e-?mail|enabled|fähig|compatible)|(?:does|do|kann|can) ?n[o']t (?:support|display|view|show) html|view (?:this|it) (?:e-?mail|message) in (?:a|your) browser|"
    r"this (?:e-?mail|message) (?:is|was|contains|requires)[^\n]{0,40}html|html-?(?:darstellung|ansicht|anzeige|mail)|format html|formato html|in html)",
    re.IGNORECASE,
)
_NAMED = {
    "from": re.compile(rb"(?mi)^from:[ \t]*([^\r\n]{1,1000})"),
    "subject": re.compile(rb"(?mi)^subject:[ \t]*([^\r\n]{1,1000})"),
    "id": re.compile(rb"(?mi)^message-id:[ \t]*([^\r\n]{1,1000})"),
}
_CARRIED = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-forwarded-to",
    "x-delivered-to",
    "x-rcpt-to",
    "original-recipient",
)
_KEPT_HEADERS = (
    "auto-submitted", "precedence", "list-id", "list-unsubscribe", "x-auto-response-suppress", "authentication-results", "x-mailer", "user-agent",
    "importance", "x-priority", "x-spam-status", "thread-topic", "x-parley-loop", "x-loop", "content-language", "x-original-from", "feedback-id",
)  # fmt: skip


def parse(raw: bytes) -> ParsedMail:
    """Reads a mail. Whatever is wrong with it is in `defects`; what cannot be understood has its harmless value.

    Time and memory are linear in the size of `raw`; above `MAX_BYTES` the rest is left out (defect `mail-cut`).
    """
    defects: set[str] = set()
    if len(raw) > MAX_BYTES:
        raw = raw[:MAX_BYTES]
        defects.add("mail-cut")
    if not raw.strip(b"\r\n\t \0"):
        return ParsedMail(defects=("empty",))
    try:
        return _parse(raw, defects)
    except Exception as error:  # noqa: BLE001 - the promise of this function; counted by its defect, and the raw mail is kept
        return _last_resort(raw, error)


def _last_resort(raw: bytes, error: Exception) -> ParsedMail:
    reason = type(error).__name__
    try:
        return unreadable(raw, reason)
    except Exception:  # noqa: BLE001 - the promise of `parse` holds even when this fails, too
        text = raw[:MAX_SHOWN].decode("ascii", "replace").replace("\0", " ")
        return ParsedMail(text=text, reply=text, defects=("could-not-parse", reason))


def unreadable(raw: bytes, reason: str) -> ParsedMail:
    """A mail that could not be parsed: the beginning of it as text, and who it says it is from. `reason` is one word for the defects."""
    text = parts.clean_text(charsets.decode(raw[:MAX_SHOWN])[0])
    named = {name: found.group(1) for name, line in _NAMED.items() if (found := line.search(raw[:16_384]))}
    author = addresses.read_addresses(named.get("from", b""), 1)
    return ParsedMail(
        from_address=author[0].address if author else "",
        from_name=author[0].name if author else "",
        subject=words.decode(named.get("subject", b""))[: headers.MAX_SUBJECT],
        message_id=headers.message_id(words.decode(named.get("id", b""))),
        text=text,
        reply=text,
        defects=("could-not-parse", reason),
    )


def _parse(raw: bytes, defects: set[str]) -> ParsedMail:
    root = structure.read_structure(raw, defects)
    contents = tnef.unpack(parts.read_contents(root, defects), defects)
    subject = root.fields.text("subject")[: headers.MAX_SUBJECT]
    envelope = _read_envelope(root, defects)
    body = _read_body(contents.segments, subject, envelope.from_name, defects)
    sender = MailAddress(envelope.from_address, envelope.from_name)
    bounce = bounces.read_bounce(root, sender, envelope.return_path, subject, body.text)
    kind = "report" if bounce else auto.auto_kind(root, sender, envelope.reply_to, subject, body.split.reply)
    return msgspec.structs.replace(
        envelope,
        subject=subject,
        text=body.text,
        reply=body.split.reply,
        quoted=body.split.quoted,
        html=body.html,
        attachments=_referenced(contents.attachments, body.html_source),
        language=_language(root, body.split.reply, body.text),
        auto_reply=kind,
        bounce=bounce,
        security=contents.security or disguises.armoured(body.text),
        forwarded=_forwarded(body.text, body.split.forwarded),
        defects=tuple(sorted(defects)),
    )


# --- envelope ----------------------------------------------------------------------------------------------------


def _read_envelope(root: Entity, defects: set[str]) -> ParsedMail:
    fields = root.fields
    reply_to = addresses.read_addresses(fields.raw("reply-to"))
    author = _author(root, reply_to, defects)
    answered = headers.message_ids(fields.text("in-reply-to"))
    references = headers.message_ids(" ".join(fields.text("references").split(",")))
    if not fields.raw("date"):
        defects.add("no-date")
    date = headers.read_date([fields.text("date"), *(value.rpartition(";")[2] for value in _received(root))])
    sender = addresses.read_addresses(fields.raw("sender"), 1)
    return ParsedMail(
        from_address=author.address,
        from_name=author.name,
        sender=sender[0] if sender else None,
        to=_people(root, "to", defects),
        cc=_people(root, "cc", defects),
        bcc=_people(root, "bcc", defects),
        reply_to=reply_to,
        return_path=_return_path(root),
        delivered_to=_carried_to(root),
        date=date,
        message_id=headers.message_id(fields.text("message-id")),
        in_reply_to=answered[-1] if answered else "",
        references=tuple(dict.fromkeys((*references, *answered))),
        mailing_list=auto.list_name(fields),
        spam=auto.is_spam(fields),
        headers={name: fields.text(name)[:1_000] for name in _KEPT_HEADERS if fields.has(name)},
    )


def _author(root: Entity, reply_to: tuple[MailAddress, ...], defects: set[str]) -> MailAddress:
    """The From address; where a list wrote itself into From, the author whom two other headers agree on."""
    fields = root.fields
    found = next((one for raw in fields.all_raw("from") for one in addresses.read_addresses(raw, 5)), None)
    original = addresses.read_addresses(fields.raw("x-original-from") or fields.raw("x-original-sender"), 1)
    if original and found and any(one.address.lower() == original[0].address.lower() for one in reply_to):
        return MailAddress(
            original[0].address,
            original[0].name or re.sub(r"(?i)\s+(?:via|über|par|por)\s.*$", "", found.name).strip("' "),
        )
    if found is not None:
        return found
    defects.add("no-from")
    name = fields.text("from").strip("<> \"'")[:200]
    other = (
        reply_to
        or addresses.read_addresses(fields.raw("sender"), 1)
        or addresses.read_addresses(fields.raw("return-path"), 1)
    )
    if other:
        return MailAddress(other[0].address, other[0].name or ("" if "@" in name else name))
    return MailAddress("", name)


def _people(root: Entity, name: str, defects: set[str]) -> tuple[MailAddress, ...]:
    found: list[MailAddress] = []
    for raw in root.fields.all_raw(name):
        found += addresses.read_addresses(raw)
    if len(found) >= addresses.MAX_ADDRESSES:
        defects.add("too-many-addresses")
        del found[addresses.MAX_ADDRESSES :]
    return tuple(found)


def _return_path(root: Entity) -> str | None:
    if not root.fields.has("return-path"):
        return None
    found = addresses.read_addresses(root.fields.raw("return-path"), 1)
    return found[0].address if found else ""


def _carried_to(root: Entity) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in _CARRIED:
        for raw in root.fields.all_raw(name)[:20]:
            for one in addresses.read_addresses(raw, 20):
                found[one.address] = None
    return tuple(found)[:50]


def _received(root: Entity) -> list[str]:
    return [value[-200:].decode("ascii", "replace") for value in root.fields.all_raw("received")[:5]]


# --- body --------------------------------------------------------------------------------------------------------


class _Body(msgspec.Struct):
    text: str
    split: reply.Split
    html: str
    html_source: str


def _read_body(segments: list[parts.Segment], subject: str, author: str, defects: set[str]) -> _Body:
    plain, marked, certain = [], [], False
    sources: list[str] = []
    room = MAX_HTML
    for segment in segments:
        source = segment.html[:room] if segment.html else ""
        room -= len(source)
        converted = html.to_text(source) if source else None
        if (converted and converted.capped) or len(segment.html or "") > len(source):
            defects.add("html-cut")
        own = segment.plain.strip("\n").rstrip() if segment.plain and segment.plain.strip() else ""
        if own and not (converted and _is_stub(own, converted.text)):
            plain.append(own)
            marked.append(own)
        elif converted:
            plain.append(converted.text)
            marked.append(converted.marked)
            certain = certain or converted.certain
        sources.append(source or html.from_text(segment.plain or ""))
    text = "\n".join(plain)
    source = "\n".join(sources) if any(segment.html for segment in segments) else ""
    return _Body(
        text,
        _split("\n".join(marked), segments, subject, author),
        html.safe(source) if source else "",
        source,
    )


def _is_stub(own: str, rich: str) -> bool:
    """The plain version only says that there is an HTML version."""
    return len(own) < 400 and len(rich) > len(own) and _STUB.search(own) is not None and len(own.split()) < 60


def _split(marked: str, segments: list[parts.Segment], subject: str, author: str) -> reply.Split:
    """The new text. Where the plain version shows no history but the HTML version's markup does, the plain one is cut alike."""
    forwarded = phrases.FORWARD_SUBJECT.match(subject) is not None
    found = reply.split(marked, forwarded=forwarded, author=author)
    both = [segment for segment in segments if segment.plain and segment.html]
    if forwarded or found.forwarded >= 0 or len(both) != 1 or len(segments) > 1:
        return found
    rich = html.to_text((both[0].html or "")[:MAX_HTML])
    if rich.marked == rich.text:
        return found
    cut = reply.split(rich.marked, author=author)
    if not cut.reply or len(cut.reply) >= len(found.reply):
        return found
    return reply.cut_like(found, cut.reply) or found


def _language(root: Entity, new: str, text: str) -> str:
    found = language.detect(new) or language.detect(text)
    if found:
        return found
    claimed = root.fields.text("content-language").split(",")[0].strip().lower()
    return claimed[:2] if re.fullmatch(r"[a-z]{2}(?:-[a-z0-9]{2,8})*", claimed) else ""


def _referenced(found: list[Attachment], source: str) -> tuple[Attachment, ...]:
    """`inline` is true of what the HTML shows by its content id, and of pictures that the sender put inline."""
    lowered = source.lower()
    out = []
    for one in found:
        shown = (
            bool(one.content_id)
            and bool(source)
            and f"cid:{one.content_id.lower()}" in lowered.replace("%40", "@").replace("%24", "$")
        )
        inline = shown or (one.inline and one.content_type.startswith("image/"))
        out.append(one if one.inline == inline else msgspec.structs.replace(one, inline=inline))
    return tuple(out)


def _forwarded(text: str, at: int) -> Forwarded | None:
    """Who wrote a forwarded mail, from the header block that its forwarder's program put above it."""
    if at < 0:
        return None
    lines = [quotes.plain_line(line) for line in text.split("\n")[at : at + 40]]
    start = next((index for index in range(len(lines)) if blocks.header_block(lines, index)), -1)
    if start < 0:
        return None
    facts: dict[str, str] = {}
    for line in lines[start : start + blocks.header_block(lines, start)]:
        kind = phrases.label_kind(quotes.unquoted(line))
        value = phrases.LABEL_LINE.match(quotes.unquoted(line))
        if kind and value:
            facts.setdefault(kind, value.group(2).strip(" *_"))
    sender = addresses.read_addresses(
        re.sub(r"\[mailto:([^\]]+)\]", r"<\1>", facts.get("from", "")).encode(), 1
    )
    if not sender:
        return None
    return Forwarded(
        sender=sender[0], subject=facts.get("subject", "")[:300], date=facts.get("date", "")[:100]
    )
