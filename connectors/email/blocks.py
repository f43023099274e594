"""The blocks above history: header lines (`From: Sent: To: Subject:`) and the titles over them, in any language. No decision here.

Bounded like `quotes`, whose lines these are.
"""

from __future__ import annotations

import itertools
import re

from connectors.email import phrases, quotes

BLOCK_LINES = 24
MAX_TITLE = 60

_SENT_AT = re.compile(
    r"^[\s*>]{0,6}(?:sent|gesendet|envoyé|enviado(?: el| em)?|inviato|verzonden|skickat|sendt|lähetetty|wysłano|odesláno|отправлено|надіслано|gönderildi|נשלח|تم الإرسال|发送时间|送信日時|傳送時間|보낸 날짜)\s?[*]?\s?[:：].{0,40}"
    r"(?:\d{4}.{0,20}\d{1,2}[:.]\d{2}|\d{1,2}[:.]\d{2}.{0,20}\d{4})",
    re.IGNORECASE | re.MULTILINE,
)
_FLAT_PAIR = re.compile(
    r"^[\s*]{0,4}[^\s:]{2,14}[\s*]{0,3}:[\s*]{0,3}[^\n]{0,80}?[^\s<>@]{1,64}@[^\s<>]{1,100}>?[\s*]{1,4}[^\s:]{2,14}[\s*]{0,3}:[^\n]{6,30}\d{4} \d{1,2}:\d{2}[^\n]{0,20}$"
)
_ONLY_DATE = re.compile(
    r"^(?:\w{2,10}\.?,? )?\d{1,4}[./-]\d{1,2}[./-]\d{2,4},? (?:at )?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?(?: [A-Z]{2,5})?$"
)
_RUN = re.compile(r"-{4,}|_{4,}")
_LETTER = re.compile(r"[^\W\d_]")
_BARE_ADDRESS = re.compile(r"^<?[^\s<>@:]{1,64}@[^\s<>@:]{1,190}>?$")
_FOXMAIL_DATE = re.compile(
    r"^(?:date|发送时间|發送時間|日期)\s?[:：]\s*\d{4}-\d{2}-\d{2} \d{2}:\d{2}$", re.IGNORECASE
)
_MESSAGE_OF = re.compile(r"^\s{0,3}>\s?Message du \d{1,2}/\d{2}/\d{2,4} \d{1,2}:\d{2}\s*$")


def is_original_mark(lines: list[str], index: int) -> bool:
    """`-----Original Message-----` in any language; without dashes only above a header block or right below a rule."""
    line = lines[index]
    if not _LETTER.search(line):
        return False
    if (
        phrases.ORIGINAL.match(line)
        or phrases.ORIGINAL_WORD.match(line.strip())
        or phrases.DAVID.match(line.strip())
    ):
        return True
    if not phrases.ORIGINAL_BARE.match(line):
        return False
    above = lines[index - 1].strip() if index else ""
    divided = len(above) >= 3 and not above.strip("-_—")
    return divided or header_block(lines, _next_text(lines, index)) > 0


def split_title(line: str) -> tuple[str, ...] | None:
    """`Fine. ------ Original Message ------From: Ann Lee` as what stands before the title, the title, and the header's first line; None when it is not so."""
    if "----" not in line and "____" not in line:
        return None
    runs = [run.span() for run in itertools.islice(_RUN.finditer(line), 2)]
    if len(runs) < 2 or runs[1][0] - runs[0][1] > MAX_TITLE:
        return None
    before, title, below = line[: runs[0][0]], line[runs[0][0] : runs[1][1]], line[runs[1][1] :].strip()
    if not phrases.label_kind(below) or not (phrases.ORIGINAL.match(title) or phrases.FORWARD.match(title)):
        return None
    return (before, title, below) if before.strip() else (title, below)


def names_author(lines: list[str], index: int, below: int) -> bool:
    """Foxmail puts the address of the mail's author alone above the header block at `below`."""
    return (
        _BARE_ADDRESS.match(lines[index].strip()) is not None
        and below + 1 < len(lines)
        and phrases.label_kind(lines[below]) == "from"
        and "@" not in lines[below]
        and _FOXMAIL_DATE.match(lines[below + 1].strip()) is not None
    )


def is_forward_mark(lines: list[str], index: int) -> bool:
    """`---------- Forwarded message ---------`, `Begin forwarded message:`; without dashes or colon only above a header block."""
    line = lines[index].strip()
    if not _LETTER.search(line) or not phrases.FORWARD.match(line):
        return False
    decorated = not line[:1].isalnum() or line.endswith((":", "："))
    return decorated and (
        line[:2] != line[:2].lstrip("-") or header_block(lines, _next_text(lines, index)) > 0
    )


def _next_text(lines: list[str], index: int) -> int:
    for at in range(index + 1, min(index + 6, len(lines))):
        if lines[at].strip():
            return at
    return len(lines)


def header_block(lines: list[str], index: int, *, ruled: bool = False) -> int:
    """How many lines from `index` on are a mail's header as mail programs print it above history (`From: Sent: To: Subject:`).

    `ruled`: a horizontal line stands above it, so less is needed.
    """
    if index >= len(lines):
        return 0
    first = phrases.label_kind(quotes.unquoted(lines[index]))
    if not first or first == "other":
        return _notes_block(lines, index)
    flat = _flat_block(lines[index])
    if flat:
        return 1
    kinds, end = _block_kinds(lines, index)
    text = "\n".join(lines[index:end])
    named = ruled and "from" in kinds and len(set(kinds) - {"other"}) >= 2
    if len(set(kinds)) < 3 and not ruled and _introduced(lines, index):
        return 0
    return end - index if named or _is_block(kinds, text) else 0


def _introduced(lines: list[str], index: int) -> bool:
    """`The mail that I got says:` above: somebody shows a header, no program put it there."""
    above = next(
        (
            line.strip(quotes.DECORATION)
            for line in reversed(lines[max(0, index - 3) : index])
            if line.strip()
        ),
        "",
    )
    told = above.endswith(quotes.ENDS) and not quotes.is_quoted(above) and len(above.split()) > 2
    return told and not quotes.says_wrote(above) and not phrases.FORWARD.match(above)


def _block_kinds(lines: list[str], index: int) -> tuple[list[str], int]:
    """The kinds of header lines from `index` on and the line after the last; other lines may stand between (folded lists)."""
    kinds: list[str] = []
    end, blanks, other = index, 0, 0
    for at in range(index, min(index + BLOCK_LINES, len(lines))):
        line = quotes.unquoted(lines[at]).strip()
        kind = phrases.label_kind(line)
        if kind:
            kinds.append(kind)
            end, blanks, other = at + 1, 0, 0
        elif not line:
            blanks += 1
        else:
            other += 1
        if blanks > 1 or other > 3 or (blanks and other):
            break
    return kinds, end


def _is_block(kinds: list[str], text: str) -> bool:
    distinct = set(kinds) - {"other"}
    if "from" in distinct and len(distinct) >= 3 and "@" in text:
        return True
    # Names alone may be a form or a travel plan: mail programs put the date right below the author.
    if (
        kinds[:2] == ["from", "date"]
        and len(distinct) >= 3
        and "subject" in distinct
        and quotes.DATE.search(text)
    ):
        return True
    if distinct >= {"from", "to", "date", "subject"} and quotes.TIMED.search(text):
        return True
    if kinds[:3] == ["from", "date", "to"] and _SENT_AT.search(text):
        return True
    # A short header must at least hold an address and a date, so that a form or a travel plan is not mistaken for one.
    dated = "date" in distinct and quotes.DATE.search(text) is not None
    return ("@" in text and dated and bool(distinct & {"from", "to"})) or (
        {"from", "subject"} <= distinct and "@" in text
    )


def _flat_block(line: str) -> bool:
    """A whole header in one line, as some converters of HTML leave it."""
    kinds = phrases.flat_kinds(line)
    if kinds[:2] == ["from", "date"] and _FLAT_PAIR.match(line.strip()):
        return True
    return len({"from", "date", "to", "subject"} & set(kinds)) >= 3 and kinds[0] == "from"


def _notes_block(lines: list[str], index: int) -> int:
    """Lotus Notes: a name, a date, then `To`, `cc` and `Subject` with their values beside or below them."""
    texts = [at for at in range(index, min(index + 16, len(lines))) if lines[at].strip()][:12]
    if len(texts) < 4 or len(lines[index]) > 80 or not _ONLY_DATE.match(lines[texts[1]].strip()):
        return 0
    bare: dict[str, int] = {}
    for place, at in enumerate(texts):
        line = lines[at].strip()
        kind = phrases.label_kind(line) or phrases.LABELS.get(line.partition(" ")[0].rstrip(":").lower(), "")
        if place > 1 and kind:
            bare.setdefault(kind, place)
    return texts[bare["subject"]] - index + 1 if bare.get("to") == 2 and "subject" in bare else 0


def is_quoted_header(lines: list[str], index: int) -> bool:
    """The header above unmarked history is marked as quoted: by Orange (`> Message du 04/03/24 10:15`), by Centrum below a rule."""
    named = _MESSAGE_OF.match(lines[index]) is not None
    if not named and not (index and quotes.is_quoted(lines[index]) and quotes.is_rule(lines[index - 1])):
        return False
    kinds, end = _block_kinds(lines, index + named)
    below = next((line for line in lines[end : end + 6] if line.strip(" >")), "")
    return kinds[:1] == ["from"] and len(set(kinds)) > (1 if named else 2) and not quotes.is_quoted(below)
