"""The marks of history in the lines of a text: quoted lines, "X wrote:", "Original Message", header blocks. No decision here.

Everything works on single lines or a few joined ones of bounded length, with patterns that cannot backtrack far: linear in the text.
"""

from __future__ import annotations

import re

from connectors.email import phrases

MAX_LINE = 1_000
ATTRIBUTION_LINES = 4
BLOCK_LINES = 24

HISTORY_MARK = "\ue000history\ue000"
"""Stands in text made from HTML where a mail program's own markup says that history begins."""
SIGNATURE_MARK = "\ue001"
"""Stands before lines made from a signature's own markup."""

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]")
_QUOTED = re.compile(r"^\s{0,8}(?:>|&gt;|＞)(?!>{3,}\s*\w+:\s)")
_GROUPWISE = re.compile(r"^>>>\s?\S.{2,200}?(?:\d{1,2}[:.]\d{2}|@).{0,60}?(?:>>>|:)$")
_MIDLINE = re.compile(
    r"^(.*?\S)(?:\s+|(?=-{2,}\s?On\b))((?:-{2,}\s?)?(?:On|Am|Le|El|Il|Em|Op|Den)\s(?:\d{1,2}[./ -]|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|"
    r"lun|mar|mer|jeu|ven|sam|dim|Mo|Di|Mi|Do|Fr|Sa|So|ma|di|wo|do|vr|za|zo)[a-zà-ÿ]{0,10}[.,]?\s).{6,300})$"
)
_ADDRESS = re.compile(r"[^\s<>\[\]()\"',;:]{1,80}@[^\s<>\[\]()\"',;:@]{1,120}")
_DATE = re.compile(
    r"\d{1,2}\s?[:.h時시]\s?\d{2}|\b(?:19|20)\d{2}\b|\d{4}\s?[年년.]|\d{1,2}[./-]\d{1,2}(?:[./-]\d{2,4})?|\d{1,2}\.?\s+[^\W\d_]{3,12}|[^\W\d_]{3,12}\.?\s+\d{1,2}\b"
)
_TIME = re.compile(r"\d{1,2}\s?[:.h時]\s?\d{2}|\d{4}\s?[年년]|\b(?:19|20)\d{2}\b")
_SENT_AT = re.compile(
    r"^[\s*>]{0,6}(?:sent|gesendet|envoyé|enviado(?: el| em)?|inviato|verzonden|skickat|sendt|lähetetty|wysłano|odesláno|отправлено|надіслано|gönderildi|נשלח|تم الإرسال|发送时间|送信日時|傳送時間|보낸 날짜)\s?[*]?\s?[:：].{0,40}"
    r"(?:\d{4}.{0,20}\d{1,2}[:.]\d{2}|\d{1,2}[:.]\d{2}.{0,20}\d{4})",
    re.IGNORECASE | re.MULTILINE,
)
_TIMED = re.compile(r"(?:19|20)\d{2}[^\n]{0,12} \d{1,2}[:.]\d{2}")
_FLAT_PAIR = re.compile(
    r"^[\s*]{0,4}[^\s:]{2,14}[\s*]{0,3}:[\s*]{0,3}[^\n]{0,80}?[^\s<>@]{1,64}@[^\s<>]{1,100}>?[\s*]{1,4}[^\s:]{2,14}[\s*]{0,3}:[^\n]{6,30}\d{4} \d{1,2}:\d{2}[^\n]{0,20}$"
)
_ONLY_DATE = re.compile(
    r"^(?:\w{2,10}\.?,? )?\d{1,4}[./-]\d{1,2}[./-]\d{2,4},? (?:at )?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?(?: [A-Z]{2,5})?$"
)
_ABOVE_QUOTE = re.compile(
    r"^(?:(?!(?:I|You|We|He|She|It|They|This|That|The|Your|My|Our|His|Her|Their|Who|Somebody|Someone|Ich|Sie|Er|Ihr|Mein|Il|Elle|Mon|Votre|Yo|Su|Mi)\b)[A-Z][\w.'’-]{0,20}(?:,? [A-Z][\w.'’-]{0,20}){0,3},? ?(?:<[^<>\n]{3,80}> ?|\([^()\n]{3,80}\) ?)?(?:said|says|writes|spake|spoke)\s?:|"
    r"(?:Quoth|Thus sp[ao]ke|According to|Once upon a time,?) [A-Z][^\n]{2,120}:|\[[A-Z][\w.'’-]{1,20}(?: [A-Z][\w.'’-]{1,20}){1,3}\]|<quote who=[^\n]{2,80}>|"
    r"\([^()\n]{3,80}, [^()\n]{0,40}\d{1,2}:\d{2}[^()\n]{0,24}\))$"
)
"""Said by few programs, and only right above quoted lines."""
_OPEN_LINK = re.compile(
    r"^[^>\s][^>]{0,500}<(?:https?://|mailto:)[^<>\n]{3,900}$|^<(?:https?://|mailto:)[^<>\n]{3,900}(?:<[^<>\n]{3,200}>)?$|<mailto:[^<>\n]{2,200}<[^<>\n]{3,200}>$"
)
_MESSAGE_OF = re.compile(r"^\s{0,3}>\s?Message du \d{1,2}/\d{2}/\d{2,4} \d{1,2}:\d{2}\s*$")
_DECORATION = " \t*_-–—=~\u00a0"
_ENDS = (":", "：", ":*", ":>")


def plain_line(line: str) -> str:
    """A line as the patterns see it: no invisible characters, ordinary spaces, at most `MAX_LINE` characters."""
    return _INVISIBLE.sub(
        "", line[:MAX_LINE].replace("\u00a0", " ").replace("\u3000", " ").replace("&nbsp;", " ")
    ).rstrip()


def closed_links(lines: list[str]) -> list[str]:
    """Lines in which an address between angle brackets is whole: some programs break it, and its last bracket looks like a quote mark."""
    out: list[str] = []
    for line in lines:
        behind = out[-1] if out else ""
        if line.startswith(">") and len(behind) < MAX_LINE and _OPEN_LINK.search(behind):
            out[-1] = behind.rstrip() + line
        elif behind.endswith("<") and behind[0] != ">" and line.startswith(("http", "mailto:")):
            out[-1] = behind + line
        else:
            out.append(line)
    return out


def is_quoted(line: str) -> bool:
    """Starts with a quote mark."""
    return bool(_QUOTED.match(line)) and not line.lstrip().startswith(
        (">From ", ">>> print", ">=", ">>> import")
    )


def unquoted(line: str) -> str:
    """The line without its quote marks."""
    return re.sub(r"^(?:\s{0,3}(?:>|&gt;|＞))+\s?", "", line)


def attribution(lines: list[str], index: int) -> int:
    """How many lines, ending at `index`, say that somebody wrote what follows; 0 when they do not.

    A line of the list is as `plain_line` gives it. The last of them ends with a colon or with "wrote".
    """
    if phrases.EXACT_WROTE.match(lines[index].strip()):
        return 1
    last = lines[index].strip(_DECORATION)
    if not last or len(last) > 400 or not (last.endswith(_ENDS) or phrases.WROTE_END.search(lines[index])):
        return 0
    joined = ""
    for count in range(1, ATTRIBUTION_LINES + 1):
        at = index - count + 1
        if at < 0 or not lines[at].strip() or is_quoted(lines[at]) != is_quoted(lines[index]):
            break
        joined = f"{lines[at].strip(' *_')} {joined}".strip()
        if len(joined) > 600:
            break
        if _says_wrote(joined):
            return count + _lines_above(lines, at, count)
    return 0


def _says_wrote(text: str) -> bool:
    wrote = phrases.WROTE.search(text)
    address = _ADDRESS.search(text)
    date = _DATE.search(text)
    if wrote and (date or address):
        return not (phrases.speaks_of_writing(text) and not address)
    return bool(address and date and len(text) < 300 and not _sentence(text))


def _sentence(text: str) -> bool:
    """`Please send it to a@b.c by 5 May, with these files:` has too many small words to be a mark."""
    words = re.findall(r"[a-zà-ÿ]{2,}", _ADDRESS.sub(" ", text))
    return len(words) > 9


def _lines_above(lines: list[str], at: int, count: int) -> int:
    """Lines above that belong to the mark: `On Monday, 4 March, Ann Lee` over `<ann@example.org> wrote:`."""
    if phrases.INTRO.match(lines[at].lstrip(_DECORATION)) and _DATE.search(lines[at]):
        return 0
    for extra in range(1, ATTRIBUTION_LINES - count + 1):
        above = at - extra
        if above > 0 and extra == 1 and not lines[above].strip() and lines[at].startswith("<"):
            continue  # an address alone must have its name above
        if above < 0 or not lines[above].strip() or len(lines[above]) > 300:
            return 0
        text = lines[above].strip(_DECORATION)
        article = text[:11].lower() == "in article "
        if phrases.INTRO.match(text) and (article or _DATE.search(" ".join(lines[above : at + 1]))):
            return extra
    return 0


def attribution_without_verb(lines: list[str], index: int) -> int:
    """Like `attribution`, for marks right above quoted lines, which may say less: a name and a date, an address, `Ann wrote:`."""
    full = attribution(lines, index)
    if full:
        return full
    if _ABOVE_QUOTE.match(lines[index].strip()):
        return 1
    text = lines[index].strip(_DECORATION)
    if not text or len(text) > 200:
        return 0
    wrote, address, date = phrases.WROTE.search(text), _ADDRESS.search(text), _DATE.search(text)
    if (
        text.endswith(_ENDS)
        and not _sentence(text)
        and (wrote or (address and date) or (date and phrases.INTRO.match(text)) or _TIMED.search(text))
    ):
        return 1 + _lines_above(lines, index, 1)
    if address and date and text.endswith((">", ")", "]")) and not _sentence(text):
        return 1
    if wrote and phrases.WROTE_END.search(text) and len(text) < 120:
        return 1 + _lines_above(lines, index, 1)
    return 0


def strong_attribution(text: str) -> bool:
    """Whether a joined mark is sure enough to cut at although nothing below it is marked as quoted."""
    if phrases.ANDROID_WROTE.match(text.strip()) or phrases.EXACT_WROTE.match(text.strip()):
        return True
    address = _ADDRESS.search(text)
    if phrases.speaks_of_writing(text) and not address:
        return False
    wrote = phrases.WROTE.search(text)
    timed = _TIME.search(text)
    intro = phrases.INTRO.match(text.lstrip(_DECORATION))
    if wrote and address and (timed or intro or len(text) < 120):
        return True
    if wrote and timed and (intro or (" on " in text and text[:1].isupper() and len(text) < 120)):
        return not phrases.COMMON_NOUN_WROTE.search(text)
    return bool(address and timed and not _sentence(text))


def is_original_mark(lines: list[str], index: int) -> bool:
    """`-----Original Message-----` in any language; without dashes only above a header block or right below a rule."""
    line = lines[index]
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


def is_forward_mark(lines: list[str], index: int) -> bool:
    """`---------- Forwarded message ---------`, `Begin forwarded message:`; without dashes or colon only above a header block."""
    line = lines[index].strip()
    if not phrases.FORWARD.match(line):
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
    first = phrases.label_kind(unquoted(lines[index]))
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
        (line.strip(_DECORATION) for line in reversed(lines[max(0, index - 3) : index]) if line.strip()), ""
    )
    told = above.endswith(_ENDS) and not is_quoted(above) and len(above.split()) > 2
    return told and not _says_wrote(above) and not phrases.FORWARD.match(above)


def _block_kinds(lines: list[str], index: int) -> tuple[list[str], int]:
    """The kinds of header lines from `index` on and the line after the last; other lines may stand between (folded lists)."""
    kinds: list[str] = []
    end, blanks, other = index, 0, 0
    for at in range(index, min(index + BLOCK_LINES, len(lines))):
        line = unquoted(lines[at]).strip()
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
    if kinds[:2] == ["from", "date"] and len(distinct) >= 3 and "subject" in distinct and _DATE.search(text):
        return True
    if distinct >= {"from", "to", "date", "subject"} and _TIMED.search(text):
        return True
    if kinds[:3] == ["from", "date", "to"] and _SENT_AT.search(text):
        return True
    # A short header must at least hold an address and a date, so that a form or a travel plan is not mistaken for one.
    dated = "date" in distinct and _DATE.search(text) is not None
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
    if not named and not (index and is_quoted(lines[index]) and is_rule(lines[index - 1])):
        return False
    kinds, end = _block_kinds(lines, index + named)
    below = next((line for line in lines[end : end + 6] if line.strip(" >")), "")
    return kinds[:1] == ["from"] and len(set(kinds)) > (1 if named else 2) and not is_quoted(below)


def is_rule(line: str) -> bool:
    """A horizontal line of underscores, dashes or equals signs."""
    text = line.strip()
    return len(text) >= 5 and len(set(text)) == 1 and text[0] in "_-=*─━—–"


def is_groupwise_mark(line: str) -> bool:
    """GroupWise writes `>>> Ann Lee <ann@example.org> 04.03.2024 10:15 >>>` above unmarked history."""
    return _GROUPWISE.match(line.strip()) is not None


def split_midline(line: str) -> tuple[str, str] | None:
    """`See you then. On Mon, 4 Mar 2024, Ann wrote:` as its two halves; None when the line is not like that."""
    text = line.rstrip()
    if not text.endswith(_ENDS) or len(text) > 500 or not phrases.WROTE_END.search(text):
        return None
    found = _MIDLINE.match(text)
    if (
        found is None
        or not any(char.isalnum() for char in found.group(1))
        or phrases.INTRO.match(found.group(1).lstrip(_DECORATION))
        or not _says_wrote(found.group(2))
    ):
        return None
    return found.group(1), found.group(2)
