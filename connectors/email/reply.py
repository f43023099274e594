"""What was newly written in a mail's text, without history and signature. Line by line, linear, in any language; fails open.

The text is divided once: hard marks (a header block, "Original Message", "X wrote:" above unmarked history) end the new text;
quoted lines are history when they stand at the end, at the start, or alone below "X wrote:". Answers written between
quoted lines keep the lines that they answer. If nothing new would be left, the whole text is the reply.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from connectors.email import blocks, disguises, phrases, quotes, signatures

MAX_LINES = 5_000
MAX_CHARS = 400_000
MAX_POINTER = 300
MAX_BANNERS = 3

Kind = Literal["blank", "new", "quote", "mark"]


class Split(msgspec.Struct, frozen=True):
    """`reply` is the new text; `quoted` what was left out of it; `cut` says whether history was found (a signature is none)."""

    reply: str
    quoted: str
    cut: bool = False
    forwarded: int = -1
    """The line at which a forwarded mail begins, or -1."""


def split(text: str, *, forwarded: bool = False, author: str = "") -> Split:
    """Divides `text`. `author` is the writer's name, which may head a signature. `forwarded` says that the subject calls the mail a forward: then its history is its message."""
    text, armour = disguises.without_armour(text)
    found = _split(text, forwarded=forwarded, author=author)
    return msgspec.structs.replace(found, quoted=f"{found.quoted}\n{armour}".strip("\n")) if armour else found


def _split(text: str, *, forwarded: bool, author: str) -> Split:
    original = _lines(text)
    lines = disguises.unmask([quotes.plain_line(line) for line in original])
    forward = _forward_at(lines)
    if forwarded or (forward >= 0 and not _history_before(lines, forward)):
        kept = [not line.startswith(quotes.HISTORY_MARK) for line in lines]
        return _assemble(
            original,
            kept,
            cut=False,
            forwarded=max(forward, 0) if forward >= 0 or forwarded else -1,
            rest=text,
        )
    start = _below_marker(lines) or _below_banner(lines)
    end, kinds = _divide(lines, start)
    kept = [False] * start + _keep(lines, kinds, start, end, author) + [False] * (len(lines) - end)
    cut = end < len(lines) or "quote" in kinds
    found = _assemble(original, kept, cut=cut, forwarded=-1, rest=text)
    if end < len(lines) and len(found.reply) < MAX_POINTER and phrases.INLINE.search(found.reply):
        return _everything(original, lines, text)
    return found if found.reply else _fallback(original, lines, kinds, end, text)


def _lines(text: str) -> list[str]:
    """The lines of a text, bounded; a mark that shares its line with new text stands on its own."""
    out: list[str] = []
    for line in quotes.closed_links(text[:MAX_CHARS].split("\n")[:MAX_LINES]):
        out.extend(_pieces(line) or (line,))
    return out


def _pieces(line: str) -> tuple[str, ...] | None:
    if len(line) >= quotes.MAX_LINE:
        return None
    plain = quotes.plain_line(line)
    return quotes.split_midline(plain) or blocks.split_title(plain)


def _assemble(original: list[str], kept: list[bool], *, cut: bool, forwarded: int, rest: str) -> Split:
    reply = _join([line if keep else None for line, keep in zip(original, kept, strict=True)])
    quoted = _join([None if keep else line for line, keep in zip(original, kept, strict=True)])
    tail = "\n".join(rest.split("\n", MAX_LINES)[MAX_LINES:]) if len(rest) < MAX_CHARS else rest[MAX_CHARS:]
    return Split(reply, f"{quoted}\n{tail}".strip() if tail else quoted, cut, forwarded)


def cut_like(whole: Split, shorter: str) -> Split | None:
    """`whole.reply` cut where `shorter`, another form of the same text, ends; None when it does not begin with it."""
    target = sum(1 for char in shorter if char.isalnum())
    other = (char for char in shorter if char.isalnum())
    for at, char in enumerate(whole.reply):
        if not char.isalnum():
            continue
        if next(other, "") != char:
            return None
        target -= 1
        if target == 0:
            end = whole.reply.find("\n", at)
            end = len(whole.reply) if end < 0 else end
            rest = whole.reply[end:].strip("\n")
            return Split(whole.reply[:end].rstrip(), f"{rest}\n{whole.quoted}".strip("\n"), cut=True)
    return None


def _join(lines: list[str | None]) -> str:
    """Joins what is there; a gap becomes one blank line."""
    out: list[str] = []
    for line in lines:
        if line is None:
            if out and out[-1]:
                out.append("")
        elif line.strip() or (out and out[-1]):
            clean = line.replace(quotes.HISTORY_MARK, "").replace(quotes.SIGNATURE_MARK, "").rstrip()
            out.append(clean)
    return "\n".join(out).strip("\n").strip()


def _fallback(original: list[str], lines: list[str], kinds: list[Kind], end: int, text: str) -> Split:
    """Nothing new was found: then the signature counts as new, and if there is not even one, everything does."""
    kept = [kind == "new" for kind in kinds] + [False] * (len(lines) - len(kinds))
    kept = kept[:end] + [False] * (len(lines) - end)
    found = _assemble(original, kept, cut=True, forwarded=-1, rest=text)
    if found.reply:
        return found
    return _everything(original, lines, text)


def _everything(original: list[str], lines: list[str], text: str) -> Split:
    everything = [not line.startswith(quotes.HISTORY_MARK) for line in lines]
    return _assemble(original, everything, cut=False, forwarded=-1, rest=text)


# --- hard marks --------------------------------------------------------------------------------------------------


def _forward_at(lines: list[str]) -> int:
    quoted = _quoted_forward(lines)
    return next((at for at in range(len(lines)) if at == quoted or blocks.is_forward_mark(lines, at)), -1)


def _quoted_forward(lines: list[str]) -> int:
    """Apple Mail quotes what it forwards, its mark included: the first quoted line, under nobody's "X wrote:"; -1 when it is not so."""
    first = next((at for at, line in enumerate(lines) if quotes.is_quoted(line)), -1)
    if first < 0 or not blocks.is_forward_mark(
        [quotes.unquoted(line) for line in lines[first : first + 8]], 0
    ):
        return -1
    above = next((at for at in range(first - 1, -1, -1) if lines[at].strip()), -1)
    return -1 if above >= 0 and quotes.attribution_without_verb(lines, above) else first


def _history_before(lines: list[str], forward: int) -> bool:
    """A forward inside history is history."""
    return any(_hard_mark(lines, at) or quotes.is_quoted(lines[at]) for at in range(forward))


def _below_marker(lines: list[str]) -> int:
    """Where the text starts: below a "reply above this line" at the very top, otherwise at the first line."""
    for at in range(min(len(lines), 12)):
        if phrases.REPLY_ABOVE.search(lines[at]):
            above = [line for line in lines[:at] if line.strip() and not quotes.is_rule(line)]
            below = [line for line in lines[at + 1 :] if line.strip()]
            return at + 1 if not above and below else 0
    return 0


def _below_banner(lines: list[str], start: int = 0) -> int:
    """Where the text starts below what a gateway put at the top ("this mail came from outside"); nothing else may stand in those paragraphs."""
    for _banner in range(MAX_BANNERS):
        first = next((at for at in range(start, min(start + 6, len(lines))) if lines[at].strip()), start)
        end = next((at for at in range(first, min(first + 8, len(lines))) if not lines[at].strip()), 0)
        if not end or not phrases.OUTSIDE.match(" ".join(line.strip() for line in lines[first:end])):
            break
        start = end
    return start if any(line.strip() for line in lines[start:]) else 0


def _hard_mark(lines: list[str], at: int) -> int:
    """How many lines at `at` are a mark below which everything is history; 0 for none. A mark may start above `at` (see `_divide`)."""
    line = lines[at]
    if not line.strip():
        return 0
    if (
        line.startswith(quotes.HISTORY_MARK)
        or phrases.REPLY_ABOVE.search(line)
        or phrases.ANDROID_WROTE.match(line.strip())
    ):
        return 1
    if blocks.is_original_mark(lines, at) or blocks.is_forward_mark(lines, at):
        return 1
    return blocks.header_block(lines, at, ruled=_below_rule(lines, at))


def _below_rule(lines: list[str], at: int) -> bool:
    above = next((line for line in reversed(lines[max(0, at - 3) : at]) if line.strip()), "")
    return quotes.is_rule(above)


def _divide(lines: list[str], start: int) -> tuple[int, list[Kind]]:
    """Where history begins for good, and the kind of each line before it (from line 0 on)."""
    kinds: list[Kind] = ["blank"] * start
    for at in range(start, len(lines)):
        if at < len(kinds):
            continue  # the rest of a mark
        kinds.append(_kind(lines[at]))
        if _over_unmarked(lines, at) and _anything_new(kinds, at):
            return at, kinds[:at]
        if kinds[at] != "new":
            continue
        length = _hard_mark(lines, at)
        if length and _anything_new(kinds, at):
            return _with_rule(lines, kinds, at), kinds[:at]
        if length:
            # Nothing stands above it: what it heads is all there is to read, but the mark itself says nothing.
            kinds[at:] = ["mark"] * length
            continue
        marked, hard = _attributed(lines, at)
        if marked and hard and _anything_new(kinds, at - marked + 1):
            return at - marked + 1, kinds[: at - marked + 1]
        if marked and not hard:
            kinds[at - marked + 1 : at + 1] = ["mark"] * marked
    return len(lines), kinds


def _over_unmarked(lines: list[str], at: int) -> bool:
    """A mark that looks quoted itself and stands above history that does not."""
    if quotes.is_groupwise_mark(lines[at]):
        return not _quoted_below(lines, at)
    return blocks.is_quoted_header(lines, at)


def _kind(line: str) -> Kind:
    if not line.strip():
        return "blank"
    return "quote" if quotes.is_quoted(line) else "new"


def _anything_new(kinds: list[Kind], before: int) -> bool:
    return "new" in kinds[:before]


def _with_rule(lines: list[str], kinds: list[Kind], at: int) -> int:
    """A line of underscores, and "X wrote:", above a mark belong to it."""
    top = at
    while top > 0 and (
        not lines[top - 1].strip()
        or quotes.is_rule(lines[top - 1])
        or quotes.is_titled_rule(lines[top - 1])
        or blocks.names_author(lines, top - 1, at)
        or kinds[top - 1] == "mark"
    ):
        top -= 1
    return top if any(lines[one].strip() for one in range(top, at)) and "new" in kinds[:top] else at


def _quoted_below(lines: list[str], at: int) -> bool:
    below = next((line for line in lines[at + 1 : at + 6] if line.strip()), "")
    return quotes.is_quoted(below)


def _attributed(lines: list[str], at: int) -> tuple[int, bool]:
    """Lines ending at `at` that say who wrote what follows, and whether what follows is unmarked history (a hard mark)."""
    below = next((one for one in range(at + 1, min(at + 6, len(lines))) if lines[one].strip()), -1)
    if below >= 0 and quotes.is_quoted(lines[below]):
        return quotes.attribution_without_verb(lines, at), False
    count = quotes.attribution(lines, at)
    if not count:
        return 0, False
    joined = " ".join(line.strip() for line in lines[at - count + 1 : at + 1])
    if below < 0 or not quotes.strong_attribution(joined):
        return (count, True) if below < 0 and quotes.strong_attribution(joined) else (0, False)
    return count, True


# --- quoted lines ------------------------------------------------------------------------------------------------


class _Run(msgspec.Struct):
    """Neighbouring lines [start, end) of one side."""

    start: int
    end: int
    history: bool
    marked: bool = False


def _keep(lines: list[str], kinds: list[Kind], start: int, end: int, author: str) -> list[bool]:
    """Which of the lines [start, end) are new text."""
    runs = _runs(lines, kinds, start, end)
    tails = {id(run) for run in runs if not run.history and _only_signature(lines, run) and run is runs[-1]}
    history = [run for run in runs if run.history]
    spoken = [run for run in runs if not run.history and id(run) not in tails]
    interleaved = _interleaved(runs, spoken, history)
    kept = [False] * (end - start)
    last_spoken = max((run.end for run in spoken), default=start)
    for position, run in enumerate(runs):
        if id(run) in tails and len(runs) > 1:
            continue
        if run.history and not (run.start < last_spoken and (interleaved or _citation(run, runs, position))):
            continue
        stop = (
            run.end if run.history else _signed(lines, run, runs, position, author, interleaved=interleaved)
        )
        for at in range(run.start, stop):
            kept[at - start] = True
    return kept


def _interleaved(runs: list[_Run], spoken: list[_Run], history: list[_Run]) -> bool:
    """Answers between quoted lines: history before and after (or twice before) something said."""
    if len(history) < 2 or not spoken:
        return False
    before_last = [run for run in history if run.start < spoken[-1].start]
    between = any(run.start > history[0].start for run in spoken)
    return between and (len(before_last) >= 2 or runs[-1].history or history[-1].start > spoken[-1].start)


def _citation(run: _Run, runs: list[_Run], position: int) -> bool:
    """Lines quoted in the middle without "X wrote:" are cited by the writer, not left over by a program."""
    return not run.marked and 0 < position < len(runs) - 1


def _signed(
    lines: list[str], run: _Run, runs: list[_Run], position: int, author: str, *, interleaved: bool
) -> int:
    """Where a run of new text ends without its signature."""
    followed = position + 1 < len(runs)
    if followed and interleaved and not all(later.history for later in runs[position + 1 :]):
        return run.end
    found = signatures.find(lines[run.start : run.end])
    found = signatures.below_name(lines[run.start : run.start + found], author)
    return run.start + found if found > 0 or position > 0 else run.end


def _only_signature(lines: list[str], run: _Run) -> bool:
    segment = lines[run.start : run.end]
    return signatures.find(["x", "", *segment]) <= 2


def _runs(lines: list[str], kinds: list[Kind], start: int, end: int) -> list[_Run]:
    """The text as alternating runs of new lines and history; blank lines go with the run before them."""
    runs: list[_Run] = []
    for at in range(start, end):
        kind = kinds[at]
        if kind == "blank":
            if runs:
                runs[-1].end = at + 1
            continue
        history = kind in ("quote", "mark") or _wrapped(lines, kinds, at, end)
        if not runs or runs[-1].history != history:
            runs.append(_Run(at, at + 1, history, kind == "quote" and _quoted_mark(lines, at)))
        runs[-1].end = at + 1
        runs[-1].marked |= kind == "mark" or (kind == "quote" and blocks.header_block(lines, at) > 2)
    return runs


def _quoted_mark(lines: list[str], at: int) -> bool:
    """Whether quoted lines begin with the "X wrote:" that a program put into the quote; words above that end with a colon show them."""
    above = next((line.strip() for line in reversed(lines[max(0, at - 3) : at]) if line.strip()), "")
    if above.endswith((":", "：")):
        return False
    opening = [quotes.unquoted(line) for line in lines[at : at + quotes.ATTRIBUTION_LINES]]
    return any(quotes.attribution(opening, end) == end + 1 for end in range(len(opening)))


def _wrapped(lines: list[str], kinds: list[Kind], at: int, end: int) -> bool:
    """The rest of a quoted line that some program wrapped: one short line between quoted ones, going on in small letters."""
    if not (0 < at < end - 1 and kinds[at - 1] == "quote" and kinds[at + 1] == "quote"):
        return False
    above, line = lines[at - 1].rstrip(), lines[at].strip()
    if line.startswith(("(http", "<http")) or (
        "http" in above and line.endswith((")", ">")) and " " not in line
    ):
        return True
    return len(above) >= 60 and above[-1] not in ".?!:;" and line[:1].islower() and len(line) < 40
