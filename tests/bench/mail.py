"""Reading mail: how much of the development corpus is understood, beside the libraries that find replies, and how fast.

The libraries get what they ask for: the plain text of the mail, as our own codec makes it; so only the finding is compared. `exact` is
the share of mails whose reply is the expected one but for blanks; `kept` the share that hold all of its words; `clean` the share that hold
nothing else. They are no dependencies: those that `PARLEY_BENCH_PYTHON` (or this interpreter) can import are measured, the others are
named as missing. Each runs in a process of its own with a limit of time. Prints one JSON line. `python -m tests.bench.mail`
"""

from __future__ import annotations

import collections
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from connectors.email.codec import parse

CORPUS = Path(__file__).parents[1] / "connectors" / "email" / "corpus"
SECONDS = 120
ROUNDS = 3
LIBRARIES = {
    "mail-parser-reply": "from mailparser_reply import EmailReplyParser as P\n"
    "p = P(languages=['en', 'de', 'da', 'es', 'fr', 'it', 'ja', 'ko', 'nl', 'pl', 'sv', 'zh', 'cs', 'he'])\n"
    "find = lambda text: p.parse_reply(text) or ''",
    "email-reply-parser": "from email_reply_parser import EmailReplyParser as P\nfind = P.parse_reply",
    "quotequail": "import quotequail as q\n"
    "def find(text):\n"
    "    inner = q.unwrap(text)\n"
    "    return inner.get('text_top', text) if inner else '\\n'.join(part for shown, part in q.quote(text) if shown)",
    "talon": "import talon\ntalon.init()\nfrom talon import quotations\nfind = quotations.extract_from_plain",
}
_CHILD = """
import json, sys, warnings
warnings.simplefilter("ignore")
texts = json.load(sys.stdin)
try:
    exec(sys.argv[1])
except ImportError as missing:
    print(json.dumps(str(missing)))
    raise SystemExit
out = []
for text in texts:
    try:
        out.append(find(text))
    except Exception as error:
        out.append(None)
print(json.dumps(out))
"""


def mails() -> list[tuple[bytes, dict[str, Any]]]:
    """Every mail of the corpus with what is expected of it."""
    return [
        (path.read_bytes(), json.loads(path.with_suffix(".json").read_text("utf-8")))
        for path in sorted(CORPUS.glob("*.eml"))
    ]


def judge(found: list[str | None], expected: list[str]) -> dict[str, Any]:
    """Shares of mails in percent; a reply of None is one that the library failed on."""
    pairs = [(_words(one or ""), _words(want)) for one, want in zip(found, expected, strict=True)]
    count = len(pairs) / 100
    return {
        "exact": round(sum(one == want for one, want in pairs) / count, 1),
        "kept": round(sum(not _bag(want) - _bag(one) for one, want in pairs) / count, 1),
        "clean": round(sum(not _bag(one) - _bag(want) for one, want in pairs) / count, 1),
        "raised": sum(one is None for one in found),
    }


def _words(text: str) -> list[str]:
    return text.split()


def _bag(words: list[str]) -> collections.Counter[str]:
    return collections.Counter(words)


def library(code: str, texts: list[str]) -> list[str | None] | str:
    """What a library finds in each text, or why there is nothing."""
    python = os.environ.get("PARLEY_BENCH_PYTHON", sys.executable)
    try:
        done = subprocess.run(
            [python, "-c", _CHILD, code],
            input=json.dumps(texts),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        return f"took more than {SECONDS} s"
    except subprocess.CalledProcessError as failed:
        return f"failed: {failed.stderr.strip().rpartition(chr(10))[2][:200]}"
    said: list[str | None] | str = json.loads(done.stdout)
    return f"not installed: {said}" if isinstance(said, str) else said


def rate(raws: list[bytes]) -> tuple[float, float]:
    """Mails and megabytes a second, on one core, by processor time; the best of a few rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for raw in raws:
            parse(raw)
        best = min(best, time.process_time() - begun)
    return len(raws) / best, sum(map(len, raws)) / best / 1e6


def agrees(mail: Any, key: str, want: Any) -> bool:
    """Whether the mail has what is expected under `key`; of a bounce only what is named is looked at."""
    value = getattr(mail, key)
    if isinstance(want, dict):
        return value is not None and all(getattr(value, name) == one for name, one in want.items())
    return bool(value == want)


def main() -> None:
    """Measure and print."""
    corpus = mails()
    parsed = [parse(raw) for raw, _ in corpus]
    replies = [
        (mail, want["reply"]) for mail, (_, want) in zip(parsed, corpus, strict=True) if "reply" in want
    ]
    texts, expected = [mail.text for mail, _ in replies], [want for _, want in replies]
    found: dict[str, Any] = {"parley": judge([mail.reply for mail, _ in replies], expected)}
    for name, code in LIBRARIES.items():
        out = library(code, texts)
        found[name] = out if isinstance(out, str) else judge(out, expected)
    flags = {
        key: sum(
            agrees(mail, key, want[key])
            for mail, (_, want) in zip(parsed, corpus, strict=True)
            if key in want
        )
        for key in ("auto_reply", "bounce", "language")
    }
    each, megabytes = rate([raw for raw, _ in corpus])
    print(
        json.dumps(
            {
                "bench": "mail",
                "mails": len(corpus),
                "replies": found,
                "right": flags,
                "of": {key: sum(key in want for _, want in corpus) for key in flags},
                "mails_per_second_and_core": round(each),
                "megabytes_per_second_and_core": round(megabytes, 2),
                "python": platform.python_version(),
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    main()
