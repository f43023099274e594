"""Which mails no person wrote: vacation notices, automatic answers, machines' mail, receipts; and lists, and spam by its headers.

Sources: RFC 3834 (Auto-Submitted), RFC 2076 and vendors' habits (X-Auto-Response-Suppress of Exchange, X-Autoreply, Precedence), and
the subjects that programs write when they send no header at all. A person's mail called automatic is worse than the other way
round: a subject counts only where a program would put it, and `Auto-Submitted: no` is believed.
"""

from __future__ import annotations

import re

from connectors.email import auto_phrases as phrases
from connectors.email.headers import Fields
from connectors.email.mail import AutoKind, MailAddress
from connectors.email.phrases import REPLY_SUBJECT
from connectors.email.structure import Entity


def auto_kind(
    root: Entity, sender: MailAddress, reply_to: tuple[MailAddress, ...], subject: str, text: str
) -> AutoKind | None:
    """What kind of automatic mail this is; None for a person's. Bounces are recognised in `bounces`, before this is asked."""
    fields = root.fields
    submitted = fields.token("auto-submitted")
    if submitted == "no":
        return None
    if _challenges(root, subject, text):
        return "reply"
    report = _report_kind(root)
    if report:
        return report
    if _answers_invitation(root, text):
        return "reply"
    written = _by_subject(subject, text) or _by_text(fields, text, subject)
    if _through_form(fields, sender, reply_to):
        return written if written == "vacation" else None
    marked = _by_headers(fields, submitted)
    if marked:
        if written in ("vacation", "receipt") or _tells_of_absence(_unwrapped(text[:1500])):
            return written if written == "receipt" else "vacation"
        # What the subject says is more exact than a header that only says that no person wrote.
        return (written or marked) if marked == "generated" else marked
    if written:
        return written
    if phrases.NO_REPLY.match(sender.address) or phrases.DAEMON.match(sender.address):
        return "generated"
    return None


def _report_kind(root: Entity) -> AutoKind | None:
    kind = root.content.params.get("report-type", "").lower() if root.type == "multipart/report" else ""
    if kind == "disposition-notification" or any(
        child.type == "message/disposition-notification" for child in root.children
    ):
        return "receipt"
    if kind == "feedback-report" or any(_complains(child) for child in root.children):
        return "report"
    if kind == "delivery-status":
        return "receipt"  # what failed is a bounce and was seen before
    return None


def _complains(part: Entity) -> bool:
    """A reader's complaint: RFC 5965's part, or the mail itself with the field that Outlook.com puts above it."""
    returned = part.type == "message/rfc822" and any(
        child.fields.has("x-hmxmroriginalrecipient") for child in part.children
    )
    return returned or part.type == "message/feedback-report"


def _answers_invitation(root: Entity, text: str) -> bool:
    """Accepted or declined in a calendar, without a word of one's own."""
    answers = any(
        one.type == "text/calendar" and one.content.params.get("method", "").lower() == "reply"
        for one in root.walk()
    )
    return answers and (
        not text.strip() or (len(text) < 2_000 and phrases.INVITATION.search(text) is not None)
    )


def _by_subject(subject: str, text: str) -> AutoKind | None:
    if phrases.RECEIPT.match(subject) and (not text or phrases.WAS_READ.search(_unwrapped(text[:1_000]))):
        return "receipt"
    away = (
        phrases.VACATION_COLON.match(subject)
        or phrases.SEASON.match(subject)
        or phrases.SOMEBODY_AWAY.match(subject)
        or phrases.ANNOUNCED_AWAY.match(subject)
        or phrases.VACATION_LAST.search(subject)
    )
    short = len(subject) < 60 and not subject.rstrip().endswith("?")
    if away or (short and phrases.VACATION.match(subject)):
        return "vacation"
    return "reply" if phrases.REPLY.search(subject) else None


def _by_text(fields: Fields, text: str, subject: str) -> AutoKind | None:
    """What programs and their users' templates say; a person who only tells that they are away, or cites a program, is a person."""
    start = _unwrapped(text[:900])
    if re.match(r"\W{0,3}(?:fwd?|wg|tr)\s?:", subject, re.IGNORECASE):
        return None
    formula = phrases.FORMULA.search(start)
    said = formula is not None and phrases.CITED.search(start[: formula.start()]) is None
    away = phrases.AWAY.search(start[:300])
    referring = fields.has("in-reply-to") or fields.has("references")
    if referring and phrases.PREFIX.match(subject):
        # A person's answer begins with "Re:"; a person's new mail about an automobile answers nothing.
        return "vacation" if away else "reply"
    if referring and (phrases.AWAY_UNTIL.match(subject) or _is_all_absence(subject)):
        return "vacation"
    answers = referring or REPLY_SUBJECT.match(subject) is not None
    if away and (said or (answers and phrases.TEMPLATE.search(start))):
        return "vacation"
    if answers and _promises(start):
        return "vacation"
    return "generated" if said else None


def _unwrapped(text: str) -> str:
    """Sentences on one line each, as programs break them where the line is full."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", text)


def _tells_of_absence(text: str) -> bool:
    return phrases.AWAY.search(text) is not None or phrases.AWAY_LOOSE.search(text) is not None


def _is_all_absence(subject: str) -> bool:
    """A subject that is a sentence on somebody's absence."""
    found = phrases.AWAY.match(subject) or phrases.AWAY_LOOSE.match(subject)
    return found is not None and len(subject) < found.end() + 3


def _promises(start: str) -> bool:
    """Somebody is away, and says when they read what comes in: that is a notice, where nothing is asked."""
    if (
        "?" in start
        or "？" in start
        or phrases.REQUEST.search(start)
        or phrases.AWAY_LOOSE.search(start[:300]) is None
    ):
        return False
    return phrases.PROMISES.search(start) is not None or phrases.TEMPLATE.search(start) is not None


def _challenges(root: Entity, subject: str, text: str) -> bool:
    """A filter asks the writer of the mail that this one answers to prove to be a person."""
    fields = root.fields
    answers = fields.has("in-reply-to") or REPLY_SUBJECT.match(subject) or root.type == "multipart/report"
    return bool(answers) and phrases.CHALLENGE.search(_unwrapped(text[:900])) is not None


def _by_headers(fields: Fields, submitted: str) -> AutoKind | None:
    if submitted:
        vacation = "vacation" in fields.text("auto-submitted").lower()
        return "vacation" if vacation else "reply" if submitted.startswith("auto-repl") else "generated"
    if any(
        _names_a_machine(name) and fields.token(name) not in ("no", "false", "0") for name, _ in fields.items
    ):
        return "generated" if fields.has("x-cron-env") or fields.has("x-facebook-notify") else "reply"
    if fields.token("x-autogenerated"):
        return "reply" if fields.token("x-autogenerated") == "reply" else "generated"
    suppress = {word.strip().lower() for word in fields.text("x-auto-response-suppress").split(",")}
    if suppress & {"all", "autoreply"}:
        return "generated"
    return _by_rare_headers(fields)


def _names_a_machine(name: str) -> bool:
    return name in phrases.MACHINE_HEADERS or phrases.MACHINE_HEADER.fullmatch(name) is not None


def _by_rare_headers(fields: Fields) -> AutoKind | None:
    precedences = {fields.token("precedence"), fields.token("x-precedence"), fields.token("preference")}
    if precedences & {"auto_reply", "auto-reply", "autoreply"}:
        return "reply"
    delivered = {value.strip().lower() for value in fields.all_raw("delivered-to")}
    if "autorespond" in fields.text("x-post-messageclass").lower() or b"autoresponder" in delivered:
        return "reply"
    if fields.token("x-fc-machinegenerated") == "true" or "holidayreply" in fields.text(
        "x-mailer"
    ).lower().replace(" ", ""):
        return "reply"
    if re.search(
        r"vacation|out of office|autorespon|auto-?reply",
        f"{fields.text('x-mailer')} {fields.text('user-agent')}",
        re.IGNORECASE,
    ):
        return "vacation"
    if fields.has("return-path") and fields.text("return-path").replace(" ", "") in ("<>", "<<>>"):
        return "reply"
    if precedences & {"bulk", "junk"} and list_name(fields) in ("", "bulk") and not _typed(fields):
        return "generated"
    return None


def _typed(fields: Fields) -> bool:
    """An answer out of a mail program: a person's, although some server on its way called it bulk."""
    answers = REPLY_SUBJECT.match(fields.text("subject")) is not None
    return answers and (fields.has("x-mailer") or fields.has("user-agent"))


def _through_form(fields: Fields, sender: MailAddress, reply_to: tuple[MailAddress, ...]) -> bool:
    """A contact form writes for a person: from a machine's address, with the person's in Reply-To, in answer to nothing."""
    if (
        len(reply_to) != 1
        or fields.has("in-reply-to")
        or fields.has("references")
        or _distributed(fields, sender)
    ):
        return False
    answer = reply_to[0].address.lower()
    if phrases.NO_REPLY.match(answer) or phrases.DAEMON.match(answer) or answer == sender.address.lower():
        return False
    return answer.rpartition("@")[2] != sender.address.lower().rpartition("@")[2]


def _distributed(fields: Fields, sender: MailAddress) -> bool:
    """To many; some programs that send forms call what they send bulk."""
    bulk = list_name(fields) == "bulk" and not fields.has("list-unsubscribe")
    return is_list(fields) and not (bulk and phrases.NO_REPLY.match(sender.address))


def is_no_reply(address: str) -> bool:
    """Whether nobody reads what is sent to `address`."""
    return bool(phrases.NO_REPLY.match(address) or phrases.DAEMON.match(address))


# --- lists and spam ----------------------------------------------------------------------------------------------


def is_list(fields: Fields) -> bool:
    """Whether a list server or a bulk sender distributed it."""
    return bool(list_name(fields))


def list_name(fields: Fields) -> str:
    """The list's id or what else names it; empty for personal mail."""
    for name in ("list-id", "x-mailing-list", "x-beenthere", "mailing-list", "list-post"):
        text = fields.text(name)
        if text:
            found = re.search(r"<([^<>]{1,300})>", text)
            return (found.group(1) if found else text)[:300]
    if re.match(
        r"owner-|[\w.+-]{1,60}-(?:owner|request|bounces)@", fields.text("sender").strip("< ").lower()
    ):
        return fields.text("sender")[:300]
    if fields.token("precedence") == "list":
        return "list"
    return "bulk" if fields.has("list-unsubscribe") or fields.token("precedence") in ("bulk", "junk") else ""


def is_spam(fields: Fields) -> bool:
    """What a filter on the way said: X-Spam-Flag, X-Spam-Status, rspamd's and Exchange's verdicts."""
    if fields.token("x-spam-flag") in ("yes", "true") or fields.token("x-spam") in ("yes", "true"):
        return True
    if fields.text("x-spam-status").lower().startswith("yes") or fields.token("x-bogosity").startswith(
        "spam"
    ):
        return True
    verdict = re.search(r"\bSFV:SPM\b|\bSCL:([5-9])\b", fields.text("x-forefront-antispam-report"))
    return verdict is not None or fields.token("x-ms-exchange-organization-scl") in ("5", "6", "7", "8", "9")
