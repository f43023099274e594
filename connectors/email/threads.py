"""Which conversation a mail claims to belong to, on what evidence, and when that is not to be believed. Pure; the stream looks the ids up.

The order: our own signed tag in an address that the mail was carried to, In-Reply-To, References from the newest to the oldest, and for
an answer without any of those its subject, if exactly one conversation of its sender has the same. Whatever the evidence, the stream lets nobody into a conversation but the contact that it
is with. A mail that its sender's domain disowns (DMARC), or that comes with a tag that is too old, is kept apart with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from connectors.contract import Correspondence
from connectors.email import phrases
from connectors.email.auto_phrases import PREFIX
from connectors.email.ids import DAY, Ids
from connectors.email.mail import ParsedMail
from connectors.email.settings import EmailConfig

MAX_CANDIDATES = 30
SHORTEST_SUBJECT = 6
Why = Literal["address", "in-reply-to", "references", "subject"]
_VERDICT = re.compile(r"\bdmarc\s?=\s?(\w{1,20})", re.IGNORECASE)
DISOWNED = "The sender's domain says that this mail is not its own (DMARC failed). It refers to a conversation, but was kept apart from it."
EXPIRED = "It answers a mail of ours that is too old, so it was kept apart from that conversation."


class Threading(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `ids` are to be looked up, best first, with their reasons beside them in `why`.

    `held` are ids that the mail refers to and must not join by; `warning` is the sentence that says so to an agent.
    """

    ids: tuple[str, ...] = ()
    why: tuple[Why, ...] = ()
    held: tuple[str, ...] = ()
    warning: str = ""


def threading_of(mail: ParsedMail, config: EmailConfig, ids: Ids, now: float) -> Threading:
    """See the module. `now` in seconds since the epoch."""
    found = _evidence(mail, ids)
    old = {ident for ident in found if _is_old(ident, ids, config, now)}
    if dmarc(mail, config) == "fail":
        return Threading(held=tuple(found), warning=DISOWNED if found else "")
    good = {ident: why for ident, why in found.items() if ident not in old}
    return Threading(
        ids=tuple(good),
        why=tuple(good.values()),
        held=tuple(ident for ident in found if ident in old),
        warning=EXPIRED if old and not good else "",
    )


def _evidence(mail: ParsedMail, ids: Ids) -> dict[str, Why]:
    carried = (*mail.delivered_to, *(one.address for one in (*mail.to, *mail.cc)))
    said: list[tuple[str, Why]] = [(ids.answered(carried), "address"), (mail.in_reply_to, "in-reply-to")]
    said += [(ident, "references") for ident in reversed(mail.references)]
    found: dict[str, Why] = {}
    for ident, why in said:
        if ident and len(found) < MAX_CANDIDATES:
            found.setdefault(ident, why)
    return found


def _is_old(ident: str, ids: Ids, config: EmailConfig, now: float) -> bool:
    day = ids.day(ident)
    return day is not None and now // DAY - day > config.reply_days


def answers_by_subject(mail: ParsedMail, threading: Threading, config: EmailConfig) -> bool:
    """Whether only the subject is left to go by: an answer of a person, with nothing else to tell what it answers."""
    return (
        config.thread_by_subject
        and not threading.ids
        and not threading.held
        and mail.auto_reply is None
        and dmarc(mail, config) != "fail"
        and bool(phrases.REPLY_SUBJECT.match(mail.subject) or PREFIX.match(mail.subject))
        and len(bare_subject(mail.subject)) >= SHORTEST_SUBJECT
    )


def by_subject(subject: str, known: Sequence[Correspondence]) -> str:
    """The id to thread by when exactly one of the customer's own conversations has this subject; else empty."""
    wanted = bare_subject(PREFIX.sub("", subject))
    fitting = [one for one in known if bare_subject(one.subject) == wanted]
    return fitting[0].provider_id if len(fitting) == 1 else ""


def bare_subject(subject: str) -> str:
    """A subject without "Re:" and the like, in one case, with single blanks."""
    text = " ".join(subject.split())
    for _ in range(5):
        found = phrases.REPLY_SUBJECT.match(text)
        if found is None:
            break
        text = text[found.end() :].strip()
    return text.casefold()


def dmarc(mail: ParsedMail, config: EmailConfig) -> str:
    """The receiving server's DMARC verdict (RFC 8601), lower case; empty when there is none that we may believe."""
    results = mail.headers.get("authentication-results", "")
    server, _, verdicts = results.partition(";")
    if not config.trusted_server or server.strip().lower().split(" ")[0] != config.trusted_server.lower():
        return ""
    found = _VERDICT.search(verdicts)
    return found.group(1).lower() if found else ""
