"""Mails that report on the delivery of another mail: RFC 3464 reports, and what servers wrote before and beside that.

Read in this order: the machine-readable report part; X-Failed-Recipients; the known forms of text (Exim, qmail, Postfix, sendmail,
Exchange, Notes, providers). Only mail that a mail system sent is read by its text: a person who forwards a bounce does not bounce.
"""

from __future__ import annotations

import re

import msgspec

from connectors.email import auto_phrases, charsets, headers, transfer
from connectors.email import bounce_phrases as phrases
from connectors.email.mail import Bounce, MailAddress
from connectors.email.structure import Entity

MAX_REPORT = 64 * 1024
MAX_TEXT = 60_000
ELSEWHERE = ("5.3.", "5.4.", "5.5.", "5.6.", "5.7.")
REPORT_TYPES = ("message/delivery-status", "message/global-delivery-status")
HEADER_PARTS = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers")


def read_bounce(
    root: Entity, sender: MailAddress, return_path: str | None, subject: str, text: str
) -> Bounce | None:
    """What this mail reports on another's delivery, or None when it is no report. Deliveries that succeeded are no bounce."""
    found = _read(root, sender, return_path, subject, text)
    if found is None or not is_in_copy(root, found.recipient):
        return found
    return msgspec.structs.replace(found, in_copy=True)


def _read(
    root: Entity, sender: MailAddress, return_path: str | None, subject: str, text: str
) -> Bounce | None:
    typed = next((one for one in root.walk() if one.type in REPORT_TYPES), None)
    report = typed or next((one for one in root.walk() if _is_plain_report(one)), None)
    told = f"{text}\n{_report_text(report)}" if report is not None else text
    if auto_phrases.CHALLENGE.search(text[:3_000]) and not _refused(told):
        return None
    if typed is not None and not _attached_by_person(root, typed, text):
        found = _from_report(root, typed, text)
        if found is not None or _has_action(typed):
            return found
    if not _from_system(root, sender, return_path, subject, told):
        return None
    # A gateway may have wrapped the report into a mail of its own; somebody's attached report was sorted out above.
    wrapped = _from_report(root, report, text) if report is not None else None
    if (
        wrapped is None
        and phrases.ARRIVED.search(f"{subject}\n{text[:1_500]}")
        and not phrases.FAILED.search(text[:3_000])
    ):
        return None
    return wrapped or _from_text(root, text)


def is_in_copy(root: Entity, recipient: str) -> bool:
    """The returned mail, or its headers, name the address in Cc and not in To."""
    to, cc = _returned_to(root)
    return bool(to and recipient) and recipient.lower() in cc and recipient.lower() not in to


def _returned_to(root: Entity) -> tuple[str, str]:
    """To and Cc of the mail that came back, lower case; empty when it is not enclosed."""
    for entity in root.walk():
        if entity.type in HEADER_PARTS:
            fields, _ = headers.read_fields(_report_text(entity).encode(), 0, MAX_REPORT, set())
        elif entity.depth and entity.parent is not None and entity.parent.type.startswith("message/"):
            fields = entity.fields
        else:
            continue
        return fields.text("to").lower(), fields.text("cc").lower()
    return "", ""


def _refused(told: str) -> bool:
    return any(one.startswith("5") for one in phrases.STATUS.findall(told[-MAX_REPORT:]))


def _is_plain_report(part: Entity) -> bool:
    """The part for machines under another name: some gateways make a text file of it, others lose its type in the body."""
    if part.type != "text/plain" or part.parent is None:
        return False
    start = transfer.decode(part.body[:2_048], part.encoding).replace(b"\r", b"")
    return phrases.REPORT_START.match(start.decode("latin-1")) is not None


def _attached_by_person(root: Entity, report: Entity, text: str) -> bool:
    """The report belongs to a mail that is attached to this one, or somebody greets above it."""
    entity = report.parent
    while entity is not None and entity is not root:
        if entity.type.startswith("message/"):
            return True
        entity = entity.parent
    if root.type == "multipart/report":
        return False
    return _greets(text) or phrases.REPLY_OR_FORWARD.match(root.fields.text("subject")) is not None


# --- RFC 3464 ----------------------------------------------------------------------------------------------------


def _report_text(report: Entity) -> str:
    data = transfer.decode(report.body[:MAX_REPORT], report.encoding)
    return charsets.decode(data)[0].replace("\r", "")


def _has_action(report: Entity) -> bool:
    return re.search(r"^Action:", _report_text(report), re.IGNORECASE | re.MULTILINE) is not None


def _from_report(root: Entity, report: Entity, text: str) -> Bounce | None:
    groups = [_group(block) for block in re.split(r"\n[ \t]*\n", _report_text(report))]
    recipients = [
        group
        for group in groups
        if "final-recipient" in group or "original-recipient" in group or "action" in group
    ]
    if not recipients:
        return None
    failed = next((group for group in recipients if _action(group) == "failed"), None)
    chosen = failed or next((group for group in recipients if _action(group) == "delayed"), None)
    if chosen is None:
        return None
    diagnostic = " ".join(chosen.get("diagnostic-code", "").split())[:500]
    given = phrases.STATUS.search(chosen.get("status", ""))
    status = _best_status(given.group(1) if given else "", diagnostic)
    recipient = _recipient(chosen, root)
    sentence = diagnostic.partition(";")[2].strip() if ";" in diagnostic[:20] else diagnostic
    action = _action(chosen)
    hard = action == "failed" and _is_hard(status, f"{chosen.get('status', '')}\n{sentence or text[:2_000]}")
    return Bounce(
        status=status,
        hard=hard,
        recipient=recipient,
        original_message_id=original_id(root, text),
        action=action,
        text=sentence,
    )


def _group(block: str) -> dict[str, str]:
    return {name.lower(): value.strip() for name, value in reversed(phrases.FIELD.findall(block))}


def _action(group: dict[str, str]) -> str:
    """RFC 3464's word; some programs write `failure`, `error` or nothing, and then the status tells."""
    word = re.match(r"[a-z]+", group.get("action", "").lower())
    if word and word.group() in ("delivered", "relayed", "expanded", "failed", "delayed"):
        return word.group()
    if word and word.group().startswith(("deliver", "success", "relay", "expand")):
        return "delivered"
    if word:
        return "delayed" if word.group().startswith(("delay", "defer", "retry")) else "failed"
    return {"5": "failed", "4": "delayed"}.get(group.get("status", "")[:1], "")


def _best_status(given: str, diagnostic: str) -> str:
    """The report's status, or the server's own when the report only says `5.0.0`."""
    found = phrases.STATUS.search(diagnostic)
    if given and (not given.endswith(".0.0") or not found):
        return given
    if found and (not given or found.group(1)[0] == given[0]):
        return found.group(1)
    return given


def _recipient(group: dict[str, str], root: Entity) -> str:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        value = group.get(name, "").rpartition(";")[2].strip().strip("<>")
        found = phrases.ADDRESS.search(value)
        if found and name == "final-recipient":
            return found.group()
    for name in ("final-recipient", "original-recipient", "x-actual-recipient"):
        value = group.get(name, "")
        found = phrases.ADDRESS.search(value)
        if found:
            return found.group()
    failed = phrases.ADDRESS.search(root.fields.text("x-failed-recipients"))
    return failed.group() if failed else group.get("final-recipient", "").rpartition(";")[2].strip()[:200]


# --- everything else ---------------------------------------------------------------------------------------------


def _from_system(root: Entity, sender: MailAddress, return_path: str | None, subject: str, text: str) -> bool:
    """A mail system wrote it: by its sender, or by a sender of nobody and what it says."""
    fields = root.fields
    answered = auto_phrases.VACATION_COLON.match(subject) or auto_phrases.REPLY.search(subject)
    if fields.token("auto-submitted") == "no" or answered:
        return False
    telling = bool(phrases.TELLING.search(" ".join(text[:6_000].split())))
    if (
        root.type == "multipart/report"
        and root.content.params.get("report-type", "").lower() == "delivery-status"
    ):
        return telling
    if fields.text("x-failed-recipients") and not phrases.REPLY_OR_FORWARD.match(subject):
        return True
    daemon = bool(phrases.DAEMON.match(sender.address)) or not sender.address
    if phrases.REPLY_OR_FORWARD.match(subject):
        return _answers_with_report(sender, daemon, text)
    titled = bool(phrases.SUBJECT.match(subject) or phrases.UNDELIVERED.search(subject))
    named = bool(phrases.ADDRESS.search(text[:6_000]) or phrases.STATUS.search(text[:6_000]))
    if daemon:
        return titled or telling or (named and bool(sender.address))
    if phrases.SYSTEM_SENDER.match(sender.address) or phrases.SYSTEM_NAME.search(sender.name):
        weak = phrases.WEAK_SENDER.match(sender.address) is not None
        return titled and (telling or named) if weak else titled or (telling and named and not _greets(text))
    if return_path == "":
        return (titled and telling) or (named and (_begins_like_a_report(text) or _begins_undelivered(text)))
    return titled and named and _begins_like_a_report(text)


def _answers_with_report(sender: MailAddress, daemon: bool, text: str) -> bool:
    """Some gateways put `Re:` before the subject that failed: their first words tell, and they greet nobody."""
    if daemon:
        return phrases.TELLING.search(text[:600]) is not None
    system = phrases.SYSTEM_SENDER.match(sender.address) and not phrases.WEAK_SENDER.match(sender.address)
    return bool(system and phrases.TELLING.search(text[:200])) and not _greets(text)


def _greets(text: str) -> bool:
    first = next((line for line in text[:2_000].splitlines() if line.strip()), "")
    return phrases.GREETING.match(first.strip()) is not None


def _begins_like_a_report(text: str) -> bool:
    """Some gateways write under a person's kind of address; a person would greet, or explain first."""
    return not _greets(text) and phrases.PLAIN_REPORT.search(_first_lines(text, 5)) is not None


def _begins_undelivered(text: str) -> bool:
    return not _greets(text) and phrases.UNDELIVERED.search(_first_lines(text, 2)) is not None


def _first_lines(text: str, count: int) -> str:
    lines = [line for line in text[:2_000].splitlines() if any(char.isalpha() for char in line)]
    return " ".join(" ".join(lines[:count]).split())


def _from_text(root: Entity, text: str) -> Bounce:
    text = text[:MAX_TEXT]
    below = phrases.COPY_BELOW.search(text)
    told = text[: below.start()] if below and below.start() > 20 else text
    status = _status_in(told)
    recipient = _recipient_in(root, told) or _only_address(_returned_to(root)[0])
    sentence = _sentence(told, recipient)
    delayed = _delayed(root.fields.text("subject"), told)
    return Bounce(
        status=status,
        hard=not delayed and _is_hard(status, told),
        recipient=recipient,
        original_message_id=original_id(root, text),
        action="delayed" if delayed else "failed",
        text=sentence,
    )


def _delayed(subject: str, told: str) -> bool:
    """Not delivered yet, and still being tried."""
    if phrases.DELAY_SUBJECT.search(subject):
        return True
    return phrases.DELAYED.search(f"{subject} {told[:3_000]}") is not None and not phrases.GIVEN_UP.search(
        told
    )


def _status_in(told: str) -> str:
    found: list[str] = [one for one in phrases.STATUS.findall(told) if one[0] in "45"]
    if found:
        return next((one for one in found if not one.endswith(".0.0")), found[0])
    code = phrases.SMTP.search(told)
    return f"{code.group(1)[0]}.0.0" if code else ""


def _recipient_in(root: Entity, told: str) -> str:
    """The address that failed: named below the words that announce it, or anywhere; the one that this report went to only if it is the only one."""
    named = root.fields.text("x-failed-recipients")
    failed = phrases.ADDRESS.search(named) or phrases.WIDE_ADDRESS.search(named)
    if failed:
        return failed.group()
    ours = {address.lower() for address in phrases.ADDRESS.findall(root.fields.text("to"))}
    announced = [
        told[found.end() : found.end() + 600] for found in list(phrases.ANNOUNCED.finditer(told[:20_000]))[:5]
    ]
    own = ""
    for text in (*announced, told[:20_000]):
        for one in (
            *phrases.RECIPIENT_LINE.findall(text),
            *phrases.ALONE.findall(text),
            *phrases.BRACKETED.findall(text),
            *phrases.ADDRESS.findall(text),
        ):
            found = _bare(one)
            if found and found.lower() not in ours and not phrases.SYSTEM_SENDER.match(found):
                return found
            own = own or (found if announced else "")
    return own


def _bare(text: str) -> str:
    """The address in a word of a report, without quotes and without the `SMTP=` of Exchange."""
    found = phrases.ADDRESS.search(phrases.SCHEME.sub("", text.strip("\"' ")))
    return found.group().strip("'").rstrip(".") if found else ""


def _only_address(text: str) -> str:
    """Some servers mask the address in their report; who got one copy is named in it."""
    found = phrases.ADDRESS.findall(text[:2_000])
    return found[0] if len(found) == 1 else ""


def _sentence(told: str, recipient: str) -> str:
    lines = [" ".join(line.split()) for line in told.splitlines() if line.strip()]
    for pattern in (phrases.STATUS, phrases.SMTP, phrases.ADDRESS_BAD, phrases.NOT_ADDRESS):
        hit = next((line for line in lines if pattern.search(line)), "")
        if hit:
            return hit[:500]
    at = next((index for index, line in enumerate(lines) if recipient and recipient in line), -1)
    return lines[at + 1][:500] if 0 <= at < len(lines) - 1 else (lines[0][:500] if lines else "")


def _is_hard(status: str, told: str) -> bool:
    """Permanent and the fault of the address. A full mailbox, a refused content or sender, a failing server may pass next time."""
    if status.startswith("4") or status.endswith((".1.8", ".1.7")) or phrases.SENDER_BAD.search(told):
        return False
    named = phrases.ADDRESS_BAD.search(told) is not None
    if status.startswith("5.1.") or status in ("5.2.1", "5.4.4"):
        return named or not phrases.FULL.search(told)
    other = phrases.NOT_ADDRESS.search(told) is not None
    # RFC 3463: x.3 is about the system, x.4 about the network, x.5 to x.7 about the mail.
    if status in ("5.2.2", "5.2.3") or status[:4] in ELSEWHERE:
        return named and not other
    # A failure that gives no reason for hope is final (RFC 3464 section 2.3.3: `failed`), with a status or without.
    return named or not other


def _may_hold_headers(part: Entity) -> bool:
    """A text file, or what follows the part for machines under whatever type."""
    if part.type == "text/plain" and "name" in part.content.params:
        return True
    beside = (
        part.parent.children if part.parent is not None and part.parent.type == "multipart/report" else []
    )
    return len(beside) > 2 and part is not beside[0] and part.type not in REPORT_TYPES and not part.children


def original_id(root: Entity, text: str) -> str:
    """The Message-ID of the mail that was not delivered: from the returned mail or headers, else from the text, else what it answers."""
    for entity in root.walk():
        if entity is root:
            continue
        enclosed = entity.parent is not None and entity.parent.type.startswith("message/")
        if enclosed or entity.fields.has("received"):  # some put the mail's own header fields at a part
            found = headers.message_id(entity.fields.text("message-id"))
            if found:
                return found
        if entity.type in HEADER_PARTS or _may_hold_headers(entity):
            inner = _report_text(entity)
            returned = phrases.ORIGINAL_ID.search(inner)
            if returned:
                return str(returned.group(1))
    written = phrases.ORIGINAL_ID.findall(text[:MAX_TEXT])
    if written:
        return str(written[-1])
    answered = headers.message_ids(f"{root.fields.text('in-reply-to')} {root.fields.text('references')}")
    return answered[0] if answered else ""
