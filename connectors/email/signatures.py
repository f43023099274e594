"""Signatures at the end of what somebody wrote: delimiter lines, mobile sign-offs, contact blocks, list footers, disclaimers.

`find` only says where one begins. It is careful: a wrong cut costs the reader content, a missed one only a few lines.
"""

from __future__ import annotations

import re

from connectors.email import signature_phrases as phrases
from connectors.email.quotes import SIGNATURE_MARK, is_rule

MAX_LINES = 30
MAX_WIDTH = 200
MAX_SHORT_LINES = 14
MAX_LAYERS = 12
MAX_CARD = 10


def find(lines: list[str]) -> int:
    """The index of the first line of the signature, or `len(lines)`. Lines as `quotes.plain_line` gives them.

    Signatures stand below one another (a name, a telephone's advertisement, a list's footer): each is taken off from below.
    What stands for a picture (`[cid:logo@1]`) hides none of them.
    """
    lines = ["" if phrases.PICTURE.match(line) else line for line in lines]
    whole = end = _rstrip_blank(lines, len(lines))
    for _layer in range(MAX_LAYERS):
        start = next((at for rule in _RULES if (at := rule(lines, end)) < end), end)
        if end in {start, 0}:
            break
        end = _rstrip_blank(lines, start)
    return end if end < whole else len(lines)


def below_name(lines: list[str], author: str) -> int:
    """Where a block begins that the writer's own full name heads (`Ann Lee | Sales` above a company), or `len(lines)`.

    It is the last paragraph, short, and something stands above it; a first name alone is part of what was said.
    """
    words = re.findall(r"[^\W\d_][\w'’-]{1,30}", author)
    end = _rstrip_blank(lines, len(lines))
    if not 2 <= len(words) <= 5 or not end:
        return len(lines)
    there = r"\s+(?:\w\.?\s+)?".join(map(re.escape, words))
    turned = rf"{re.escape(words[-1])},\s*{re.escape(' '.join(words[:-1]))}"
    name = re.compile(
        rf"\W{{0,3}}(?:{there}|{turned})(?:\W{{0,3}}$|\s*[|,/(•·]\s?\S|\s+[–—-]\s)", re.IGNORECASE
    )
    for at in range(max(1, end - MAX_SHORT_LINES), end):
        block = [line.strip() for line in lines[at:end] if line.strip()]
        if not lines[at - 1].strip() and name.match(lines[at].strip()) and _heads(block):
            above = next((line.strip() for line in reversed(lines[:at]) if line.strip()), ":")
            asked = above.endswith((":", "：")) or (len(block) == 1 and above[-1:].isalnum())
            return len(lines) if asked else at
    return len(lines)


def _heads(block: list[str]) -> bool:
    """A name alone, or above ways to reach its owner; a name above nothing but an address may be where to send something."""
    reached = len(block) == 1 or "|" in block[0] or any(phrases.CONTACT.search(line) for line in block[1:])
    return reached and all(_short(line) and len(line) <= 70 for line in block)


def _rstrip_blank(lines: list[str], end: int) -> int:
    while end > 0 and not lines[end - 1].strip():
        end -= 1
    return end


def _marked(lines: list[str], end: int) -> int:
    """Lines that a mail program's HTML calls a signature."""
    start = end
    while start > 0 and (lines[start - 1].startswith(SIGNATURE_MARK) or not lines[start - 1].strip()):
        start -= 1
    marked = any(line.startswith(SIGNATURE_MARK) for line in lines[start:end])
    return start if marked else end


def _delimited(lines: list[str], end: int) -> int:
    """`-- ` and its relatives; the topmost within reach, so that a signature may hold another line of dashes."""
    inside_fence = _fences(lines, end)
    best = end
    for at in range(end - 1, max(-1, end - 1 - MAX_LINES * 2), -1):
        line = lines[at].strip()
        ruled = (is_rule(line) and line[0] in "-–—_=") or (len(line) >= 5 and not line.strip("-–—_=*~#+"))
        if inside_fence[at] or not (ruled or phrases.DELIMITER.match(line)):
            continue
        if line != "--" and best < end and lines[best].strip() == "--":
            continue  # above a signature's own mark a line divides what is said
        below = [one for one in lines[at + 1 : end] if one.strip()]
        if line == "--":
            limit, short = MAX_LINES, all(len(one) <= MAX_WIDTH for one in below)
        else:
            reached = sum(len(one) <= MAX_WIDTH and phrases.CONTACT.search(one) is not None for one in below)
            if not reached and (line.strip("-–—_=") or not _named(below) or _heading(lines, at)):
                continue  # stars and waves divide texts, too; so do lines below which no name stands
            limit, short = (
                MAX_SHORT_LINES if reached > 1 else MAX_SHORT_LINES // 2,
                all(len(one) <= 60 and len(one.split()) <= 9 for one in below),
            )
        if line != "--" and any(map(_sentence, below)):
            continue
        if len(below) <= limit and short and (at > 0 or not below):
            best = at
    return best


def _sentence(line: str) -> bool:
    """Words that end like a sentence: four at least, or two that begin in small letters."""
    words = line.split()
    small = len(words) > 1 and line[:1].islower() and "@" not in line and "www." not in line
    return line.rstrip().endswith(("?", ".", "!")) and (len(words) >= 4 or small)


def _named(below: list[str]) -> bool:
    """Whether what may be a name comes first; in a script with cases its words begin with capitals."""
    if not below:
        return True
    words = below[0].strip(" *_~–—-").split()
    small = sum(word[:1].islower() and word not in phrases.PARTICLES for word in words)
    return phrases.NAME.match(below[0].strip()) is not None and not words[0][:1].islower() and not small


def _heading(lines: list[str], at: int) -> bool:
    """Whether the line of dashes underlines the words above it, or those announce what follows."""
    above = lines[at - 1].strip() if at else ""
    said = next((line.strip() for line in reversed(lines[max(0, at - 3) : at]) if line.strip()), "")
    return said.endswith((":", "：")) or (bool(above) and abs(len(above) - len(lines[at].strip())) <= 2)


def _fences(lines: list[str], end: int) -> list[bool]:
    inside, out = False, []
    for line in lines[:end]:
        fence = bool(phrases.FENCE.match(line))
        out.append(inside or fence)
        inside ^= fence
    return out if not inside else [False] * end


def _mobile(lines: list[str], end: int) -> int:
    """`Sent from my iPhone` in its own paragraph, with at most a link or a name below it."""
    texts = [at for at in range(max(0, end - 8), end) if lines[at].strip()][-4:]
    for at in texts:
        line = lines[at].strip(" *_<>-—–")
        own_paragraph = (
            at == 0
            or not lines[at - 1].strip()
            or phrases.DELIMITER.match(lines[at - 1].strip())
            or line[:1].isupper()
            or not line[:1].isalpha()
        )
        if (
            own_paragraph
            and is_mobile(line)
            and sum(len(lines[below]) for below in texts if below > at) < 160
        ):
            return at
    return end


def is_mobile(line: str) -> bool:
    """Whether a line is a mail program's own advertisement."""
    text = phrases.APOLOGY.sub("", line.strip())
    if len(text) > 130:
        return False
    if phrases.GET_OUTLOOK.match(text) or phrases.MAILER_LINE.match(text) or phrases.FROM_MY.match(text):
        return True
    if phrases.MOBILE_TAIL.search(text) and len(text) < 60:
        return True
    found = phrases.MOBILE.match(text)
    if not found:
        return False
    words = text.split()
    device = phrases.MOBILE_DEVICE.search(text)
    linked = "<http" in text or "(http" in text or "[http" in text
    # `Sent from my desk, is much easier than my phone.` is a sentence: the device comes late, after a comma.
    if device is None and not linked and not phrases.PRODUCT.match(text):
        return False
    return (
        len(words) <= 12 and "," not in text[: device.start() if device else None] and not text.endswith("?")
    )


def _contact_block(lines: list[str], end: int) -> int:
    """`Best regards,` above a name, a company, a telephone number: what a corporate signature looks like."""
    texts = [at for at in range(max(0, end - MAX_LINES), end) if lines[at].strip()]
    for at in texts:
        if not _closes(lines[at]) or at == 0:
            continue
        below = [lines[one].strip() for one in texts if one > at]
        if _thanks_above_closing(lines[at].strip(), below) or _speaks_on(lines[at].strip(), below):
            continue
        if (
            below
            and len(below) <= MAX_SHORT_LINES
            and all(map(_short, below))
            and any(phrases.CONTACT.search(one) for one in below[1:])
        ):
            return at
    return end


def _speaks_on(line: str, below: list[str]) -> bool:
    """`Thanks!` above `My new number:` or `Please write to` is no closing; above a name or a firm it may be."""
    if not below or not phrases.THANKS.match(line) or _signs(line, below[0]):
        return False
    words = below[0].split()
    return below[0].endswith((":", "：")) or (len(words) > 2 and words[-1].islower())


def _closes(line: str) -> bool:
    """A closing alone in its line; of firms in two languages, too (`Mit freundlichen Grüßen / Best regards`)."""
    halves = line.strip().split(" / ") if " / " in line else [line.strip()]
    return len(halves) <= 3 and all(phrases.CLOSING.match(half) for half in halves)


def _closing_with_name(lines: list[str], end: int) -> int:
    """`Best regards, Ann` or `LG Ann` as the last line. Thanks go to whom they name, so they do not count."""
    words = lines[end - 1].split()
    if end < 2 or not 2 <= len(words) <= 7 or phrases.THANKS.match(lines[end - 1]):
        return end
    for names in range(1, min(4, len(words))):
        head = " ".join(words[:-names])
        if not all(phrases.GIVEN.fullmatch(name) for name in words[-names:]):
            break
        if phrases.CLOSING.match(head) and (
            head.endswith(",") or len(words) - names > 1 or phrases.SHORT_CLOSING.match(head)
        ):
            return end - 1
    return end


def _visiting_card(lines: list[str], end: int) -> int:
    """The last paragraph: a full name above at least two ways to reach its owner, and nothing that announces it."""
    start = _paragraph(lines, end)
    block = [line.strip(" *_") for line in lines[start:end]]
    if (
        not 3 <= len(block) <= MAX_CARD
        or start == 0
        or lines[start - 1].strip()
        or not phrases.FULL_NAME.fullmatch(block[0])
    ):
        return end
    above = next((line.strip() for line in reversed(lines[:start]) if line.strip()), ":")
    reached = _ways(block[1:])
    plain = all(_short(line) and len(line) <= 70 and len(line.split()) <= 9 for line in block)
    return (
        start
        if reached > 1 and plain and above[-1] not in ":：," and not phrases.ANNOUNCED.search(above)
        else end
    )


def _ways(lines: list[str]) -> int:
    """In how many ways somebody is reached: by telephone, by mail, on the web. Several of one kind are a list of them."""
    return sum(any(way.search(line) for line in lines) for way in phrases.WAYS)


def _thanks_above_closing(line: str, below: list[str]) -> bool:
    """`Thank you!` above `Best regards,` is said to the reader; above a name it closes the mail."""
    return phrases.THANKS.match(line) is not None and bool(below) and _closes(below[0])


def _short(line: str) -> bool:
    return (
        len(line) <= 110
        and len(line.split()) <= 14
        and not line.endswith("?")
        and not line.startswith(("* ", "- ", "• "))
    )


def _sign_off(lines: list[str], end: int) -> int:
    """`Best regards,` above a name and perhaps a position; a valediction alone counts, thanks alone are said to the reader."""
    texts = [at for at in range(max(0, end - 14), end) if lines[at].strip()][-7:]
    for at in texts:
        if at == 0 or not _closes(lines[at]) or not any(line.strip() for line in lines[:at]):
            continue
        below = [lines[one].strip() for one in texts if one > at]
        if _thanks_above_closing(lines[at].strip(), below):
            continue
        if not below and not phrases.THANKS.match(lines[at].strip()):
            return at
        if (
            below
            and _signs(lines[at].strip(), below[0])
            and all(len(one) <= 60 and _short(one) and len(one.split()) <= 7 for one in below)
        ):
            return at
    return end


def _signs(closing: str, line: str) -> bool:
    """Whether the line below a closing is a name; `Thanks` above `for the help`, `It works.` or `Yes` goes on speaking."""
    words = line.strip(" *_~–—-.,!:)").split()
    if phrases.FULL_NAME.fullmatch(line.strip(" *_")):
        return True
    if not words or not phrases.NAME.match(line) or phrases.NO_NAME.fullmatch(" ".join(words)):
        return False
    if _named([line]) or len(words) == 1:
        return True
    return len(words) == 2 and closing.endswith(",") and not phrases.SMALL_WORD.fullmatch(words[0])


def _dash_name(lines: list[str], end: int) -> int:
    """`-Ann Lee`, `- Ann` or `/Ann` as the last line, `--Ann Lee` as the first of the last paragraph."""
    if end < 2:
        return end
    top = _paragraph(lines, end)
    block = [one.strip() for one in lines[top:end]]
    if top and 1 < len(block) <= MAX_CARD // 2 and phrases.TWO_DASHES.match(block[0]):
        # `--Ann Lee` above her firm; a list of a program's options has dashes in every line.
        return top if all(_short(one) and not one.startswith("-") for one in block[1:]) else end
    line, above = lines[end - 1].strip(), lines[end - 2].strip()
    if phrases.DASH_NAME.match(line) and not above.startswith(("-", "*", "•", "–")):
        return end - 1 if not line.startswith("- ") or not above else end
    return end - 1 if phrases.SLASH_NAME.match(line) else end


def _list_footer(lines: list[str], end: int) -> int:
    """What a mailing list appends: below a line of underscores, or in words that only lists use."""
    for at in range(max(1, end - 24), end):
        if phrases.FOOTER_HEAD.match(lines[at].strip()) and all(len(line) <= 300 for line in lines[at:end]):
            return at - 1 if lines[at - 1].strip() in ("-", "--") or is_rule(lines[at - 1]) else at
    for at in range(end - 1, max(0, end - 14), -1):
        if is_rule(lines[at]) or lines[at].strip() in ("--", "-- ", "—"):
            below = " ".join(lines[at + 1 : end])
            if phrases.LIST_FOOTER.search(below):
                return at
    return end


def _disclaimer(lines: list[str], end: int) -> int:
    """The last paragraphs, when the first of them speaks of confidentiality."""
    start = end
    for _ in range(6):
        top = _paragraph(lines, start)
        if top >= start:
            break
        text = " ".join(lines[top:start])
        if top > 0 and phrases.DISCLAIMER.search(text[:600]):
            while top > 0 and (is_rule(lines[top - 1]) or not lines[top - 1].strip()):
                top -= 1
            return top
        start = _rstrip_blank(lines, top)
    return end


def _paragraph(lines: list[str], end: int) -> int:
    start = end
    while start > 0 and lines[start - 1].strip() and not is_rule(lines[start - 1]):
        start -= 1
    return start


_RULES = (
    _marked,
    _delimited,
    _list_footer,
    _disclaimer,
    _mobile,
    _contact_block,
    _sign_off,
    _closing_with_name,
    _dash_name,
    _visiting_card,
)
