"""The marks of history in the lines of a text: quoted lines, "X wrote:", rules (header blocks are in `blocks`). No decision here.

Everything works on single lines or a few joined ones of bounded length, with patterns that cannot backtrack far: linear in the text.
"""

from __future__ import annotations

import re

from connectors.email import phrases
from connectors.email.signature_phrases import PARTICLES

MAX_LINE = 1_000
ATTRIBUTION_LINES = 4

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
_SENDER_WROTE = re.compile(
    r"^([^\n<>]{8,200}<[^\s<>@]{1,64}@[^\s<>]{1,190}>,? (?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|schreef|skrev|napisał\(?a?\)?) ?:)\s{0,9}([^\s:][^\n]{0,700})$"
)
_ADDRESS = re.compile(r"[^\s<>\[\]()\"',;:]{1,80}@[^\s<>\[\]()\"',;:@]{1,120}")
DATE = re.compile(
    r"\d{1,2}\s?[:.h時시]\s?\d{2}|\b(?:19|20)\d{2}\b|\d{4}\s?[年년.]|\d{1,2}[./-]\d{1,2}(?:[./-]\d{2,4})?|\d{1,2}\.?\s+[^\W\d_]{3,12}|[^\W\d_]{3,12}\.?\s+\d{1,2}\b"
)
_TIME = re.compile(r"\d{1,2}\s?[:.h時]\s?\d{2}|\d{4}\s?[年년]|\b(?:19|20)\d{2}\b")
TIMED = re.compile(r"(?:19|20)\d{2}[^\n]{0,12} \d{1,2}[:.]\d{2}")
_ZONED = re.compile(r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?,? [(]?[+-]\d{4}\b")
_STAMPED = re.compile(r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: (?:[+-]\d{4}|[A-Z]{3,4}))?,?$")
_ABOVE_QUOTE = re.compile(
    r"^(?:(?!(?:I|You|We|He|She|It|They|This|That|The|Your|My|Our|His|Her|Their|Who|Somebody|Someone|Ich|Sie|Er|Ihr|Mein|Il|Elle|Mon|Votre|Yo|Su|Mi)\b)[A-Z][\w.'’-]{0,20}(?:,? [A-Z][\w.'’-]{0,20}){0,3},? ?(?:<[^<>\n]{3,80}> ?|\([^()\n]{3,80}\) ?)?(?:said|says|writes|spake|spoke)\s?:|"
    r"(?:Quoth|Thus sp[ao]ke|According to|Once upon a time,?) [A-Z][^\n]{2,120}:|Excerpts from [^\n]{2,120} message of [^\n]{6,40}:|From: [^\n<>]{0,80}<[^\s<>@]{1,64}@[^\s<>]{1,190}>|\[[A-Z][\w.'’-]{1,20}(?: [A-Z][\w.'’-]{1,20}){1,3}\]|<quote who=[^\n]{2,80}>|"
    r"\([^()\n]{3,80}, [^()\n]{0,40}\d{1,2}:\d{2}[^()\n]{0,24}\))$"
)
"""Said by few programs, and only right above quoted lines."""
_OPEN_LINK = re.compile(
    r"^[^>\s][^>]{0,500}<(?:https?://|mailto:)[^<>\n]{3,900}$|^<(?:https?://|mailto:)[^<>\n]{3,900}(?:<[^<>\n]{3,200}>)?$|<mailto:[^<>\n]{2,200}<[^<>\n]{3,200}>$"
)
DECORATION = " \t*_-–—=~\u00a0"
ENDS = (":", "：", "៖", ":*", ":>")
_TITLED_RULE = re.compile(r"^[-–—_=*━]{3,80}\s{0,5}(?=[^\W\d_])[^\n]{2,70}?\s{0,5}[-–—_=*━]{3,80}$")


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
    last = lines[index].strip(DECORATION)
    if not last or len(last) > 400 or not (last.endswith(ENDS) or phrases.WROTE_END.search(lines[index])):
        return 0
    joined = ""
    for count in range(1, ATTRIBUTION_LINES + 1):
        at = index - count + 1
        if at < 0 or not lines[at].strip() or is_quoted(lines[at]) != is_quoted(lines[index]):
            break
        joined = f"{lines[at].strip(' *_')} {joined}".strip()
        if len(joined) > 600:
            break
        if says_wrote(joined):
            return count + _lines_above(lines, at, count)
    return 0


def says_wrote(text: str) -> bool:
    """Whether a joined mark has a verb beside a date or an address, or both of these and hardly anything else."""
    wrote = phrases.WROTE.search(text)
    address = _ADDRESS.search(text)
    date = DATE.search(text)
    if wrote and (date or address):
        return not (phrases.speaks_of_writing(text) and not address)
    return bool(address and date and len(text) < 300 and not _sentence(text))


def _sentence(text: str) -> bool:
    """`Please send it to a@b.c by 5 May, with these files:` has too many small words to be a mark."""
    words = re.findall(r"[a-zà-ÿ]{2,}", _ADDRESS.sub(" ", text))
    return len(words) > 9


def _lines_above(lines: list[str], at: int, count: int) -> int:
    """Lines above that belong to the mark: `On Monday, 4 March, Ann Lee` over `<ann@example.org> wrote:`."""
    if phrases.INTRO.match(lines[at].lstrip(DECORATION)) and DATE.search(lines[at]):
        return 0
    begun = _begun_above(lines, at)
    if begun:
        return begun
    for extra in range(1, ATTRIBUTION_LINES - count + 1):
        above = at - extra
        if above > 0 and extra == 1 and not lines[above].strip() and lines[at].startswith("<"):
            continue  # an address alone must have its name above
        if above < 0 or not lines[above].strip() or len(lines[above]) > 300:
            return 0
        text = lines[above].strip(DECORATION)
        article = text[:11].lower() == "in article "
        if phrases.INTRO.match(text) and (article or DATE.search(" ".join(lines[above : at + 1]))):
            return extra
    return 0


def _begun_above(lines: list[str], at: int) -> int:
    """The one or two lines above that begin a paragraph with the date, when the name is still missing (`<ann@example.org> wrote:`) or the date fills its line."""
    for extra in (1, 2):
        above = at - extra
        if above < 0 or not lines[above].strip() or len(lines[above]) > 300:
            return 0
        begins = above == 0 or not lines[above - 1].strip() or is_quoted(lines[above - 1])
        open_end = lines[at].startswith("<") or _STAMPED.search(lines[at - 1].rstrip())
        if begins:
            return extra if open_end and DATE.search(lines[above]) else 0
    return 0


def attribution_without_verb(lines: list[str], index: int) -> int:
    """Like `attribution`, for marks right above quoted lines, which may say less: a name and a date, an address, `Ann wrote:`."""
    full = attribution(lines, index)
    if full:
        return full
    if _ABOVE_QUOTE.match(lines[index].strip()):
        return 1
    text = lines[index].strip(DECORATION)
    if text and len(text) <= 200 and _heads_quote(text):
        return 1 + _lines_above(lines, index, 1)
    return _wrapped_mark(lines, index)


def _heads_quote(text: str) -> bool:
    """Less than "X wrote:", but enough right above quoted lines; `text` is one line or a few joined ones."""
    if _sentence(text) or len(text.split()) > 24:
        return False
    wrote, address, date = phrases.WROTE.search(text), _ADDRESS.search(text), DATE.search(text)
    timed = TIMED.search(text)
    if text.endswith(ENDS):
        intro = date and phrases.INTRO.match(text)
        return bool(
            (wrote and (date or address or _name_wrote(text))) or (address and date) or intro or timed
        )
    if address and date and text.endswith((">", ")", "]")):
        return True
    if wrote and phrases.WROTE_END.search(text) and (date or _name_wrote(text)):
        return True
    if text[-1] in ".?!,;" or phrases.speaks_of_writing(text):
        return False
    return bool(_ZONED.search(text) or (wrote and timed))


def _name_wrote(text: str) -> bool:
    """Nothing but a name or a user's name beside the verb: `Ann Lee wrote:`, not `the manual's author wrote:`."""
    words = phrases.WROTE.sub(" ", text).split()
    return len(words) < 2 or not any(word[:1].islower() and word not in PARTICLES for word in words)


def _wrapped_mark(lines: list[str], index: int) -> int:
    """A mark in two or three lines that are a paragraph of their own, of a program whose words are not known: date and time, then a colon."""
    top = index
    while (
        top > 0
        and index - top < ATTRIBUTION_LINES
        and lines[top - 1].strip()
        and not is_quoted(lines[top - 1])
    ):
        top -= 1
    if not 0 < index - top < ATTRIBUTION_LINES - 1:
        return 0
    joined = " ".join(line.strip(DECORATION) for line in lines[top : index + 1])
    ended = joined.endswith(ENDS) and (TIMED.search(joined) or _ZONED.search(joined))
    return index - top + 1 if ended and len(joined) <= 300 and _heads_quote(joined) else 0


def strong_attribution(text: str) -> bool:
    """Whether a joined mark is sure enough to cut at although nothing below it is marked as quoted."""
    if phrases.ANDROID_WROTE.match(text.strip()) or phrases.EXACT_WROTE.match(text.strip()):
        return True
    address = _ADDRESS.search(text)
    if phrases.speaks_of_writing(text) and not address:
        return False
    wrote = phrases.WROTE.search(text)
    timed = _TIME.search(text)
    intro = phrases.INTRO.match(text.lstrip(DECORATION))
    if wrote and address and (timed or intro or len(text) < 120):
        return True
    if wrote and timed and (intro or (" on " in text and text[:1].isupper() and len(text) < 120)):
        return not phrases.COMMON_NOUN_WROTE.search(text)
    return bool(address and timed and not _sentence(text))


def is_rule(line: str) -> bool:
    """A horizontal line of underscores, dashes or equals signs."""
    text = line.strip()
    return len(text) >= 5 and len(set(text)) == 1 and text[0] in "_-=*─━—–"


def is_titled_rule(line: str) -> bool:
    """`----- Some words -----`: above a header block, what some language calls the original message."""
    return _TITLED_RULE.match(line.strip()) is not None


def is_groupwise_mark(line: str) -> bool:
    """GroupWise writes `>>> Ann Lee <ann@example.org> 04.03.2024 10:15 >>>` above unmarked history."""
    return _GROUPWISE.match(line.strip()) is not None


def split_midline(line: str) -> tuple[str, str] | None:
    """`See you then. On Mon, 4 Mar 2024, Ann wrote:` as its two halves, and `On …, Ann <ann@example.org> wrote: See you.`; None when the line is not like that."""
    text = line.rstrip()
    sender = _SENDER_WROTE.match(text)
    if sender and phrases.INTRO.match(text) and _TIME.search(sender.group(1)):
        return sender.group(1), sender.group(2)
    if not text.endswith(ENDS) or len(text) > 500 or not phrases.WROTE_END.search(text):
        return None
    found = _MIDLINE.match(text)
    if (
        found is None
        or not any(char.isalnum() for char in found.group(1))
        or phrases.INTRO.match(found.group(1).lstrip(DECORATION))
        or not says_wrote(found.group(2))
    ):
        return None
    return found.group(1), found.group(2)
