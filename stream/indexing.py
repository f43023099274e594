"""The search index's side of writing: which words of an event are found, and the program that puts the next events into the index.

Pure but for the statements that the program yields. Words are folded here (case, accents, width; CJK runs become pairs of characters),
so both databases index and find the same. Who asks for it, and finding, is `search.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import cast

import msgspec

from stream import events as ev
from stream.loading import DECODE_CONTENT
from stream.model import AddressContent, Content, ConversationContent, MessageContent, PersonContent
from stream.store.program import Many, Program, Sql

MAX_TEXT, LONGEST_WORD = 20_000, 64
FRESH, LONGEST_TEXT = 4_000, 4_000
"""Entries that wait for the index in memory, and how long the text of one may be: 16 MB at most."""
CURSOR = ("search", "cursor")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]+")
_WORD = re.compile(r"[^\W_]+")
_ASCII = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
SAYS = ev.MessageReceived | ev.ReplyQueued | ev.NoteAdded | ev.MessageEdited
_DECODE_EVENT = msgspec.json.Decoder(ev.AnyEvent).decode


class Doc(msgspec.Struct, frozen=True):
    """One searchable thing: a message, a conversation's subject, a contact's name or an identity's address."""

    ref: str
    kind: str
    conversation: str
    contact: str
    content: str


def words(text: str) -> list[str]:
    """The words of a text as they are indexed, each once."""
    if text.isascii():  # nothing to fold but case: eight times faster
        return _cut(dict.fromkeys(text[:MAX_TEXT].translate(_ASCII).split()))
    # Decomposed before and after: some letters have a case only once they are plain.
    plain = unicodedata.normalize("NFKD", text[:MAX_TEXT])
    folded = unicodedata.normalize("NFKD", plain.casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    bare = unicodedata.normalize("NFC", bare)
    return _cut(dict.fromkeys(_WORD.findall(_CJK.sub(lambda run: f" {_pairs(run.group())} ", bare))))


def _cut(found: dict[str, None]) -> list[str]:
    """Nothing longer than `LONGEST_WORD`."""
    if max(map(len, found), default=0) <= LONGEST_WORD:
        return list(found)
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in found))


def _pairs(run: str) -> str:
    return run if len(run) == 1 else " ".join(run[index : index + 2] for index in range(len(run) - 1))


def doc_of(event: ev.AnyEvent) -> Doc | None:
    """What an event adds to the index."""
    if isinstance(event, SAYS):
        return Doc(event.message, "message", event.conversation, "", event.content)
    if isinstance(event, ev.ConversationStarted):
        return Doc(event.conversation, "conversation", event.conversation, "", event.about)
    if isinstance(event, ev.ContactCreated | ev.ContactChanged):
        return Doc(event.contact, "contact", "", event.contact, event.profile) if event.profile else None
    if isinstance(event, ev.IdentityAdded):
        return Doc(event.identity, "contact", "", event.contact, event.address)
    return None


def text_of(content: Content | None) -> str:
    """What of a content row is searched."""
    if isinstance(content, MessageContent):
        names = " ".join(file.name for file in content.attachments)
        return f"{content.subject} {content.text} {names}"
    if isinstance(content, ConversationContent):
        return content.subject
    if isinstance(content, PersonContent):
        return " ".join((content.name, *content.attributes.values()))
    if isinstance(content, AddressContent):
        return f"{content.value} {content.display}"
    return ""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What an event comes to for the index. `text` is None where its content has to be read."""

    n: int
    doc: Doc | None = None
    text: str | None = None
    erased: tuple[str, ...] = ()


def entry_of(n: int, event: ev.AnyEvent, contents: Mapping[str, Content] = {}) -> Entry:  # never written
    """Of event number `n`; `contents` are rows that are known by their ids."""
    if isinstance(event, ev.ContentErased):
        return Entry(n, erased=event.contents)
    doc = doc_of(event)
    content = contents.get(doc.content) if doc is not None else None
    return Entry(n, doc, text_of(content) if content is not None else None)


class Fresh:
    """The last events as entries, kept by whoever appends and indexes: they need not be read again.

    Always an unbroken row of numbers. Past `FRESH` all of them go, and the journal is read until the index has come up to the next.
    """

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()

    def note(self, recorded: Sequence[ev.Recorded], contents: Iterable[tuple[str, Content, int]]) -> None:
        """Keep what was appended: its events, and its contents with the sizes of their texts."""
        if not recorded:
            return
        last = self._entries[-1].n if self._entries else 0
        if recorded[0].n != last + 1 or len(self._entries) + len(recorded) > FRESH:
            self._entries.clear()
        short = {ident: content for ident, content, size in contents if size <= LONGEST_TEXT}
        self._entries.extend(entry_of(one.n, one.event, short) for one in recorded)

    def after(self, n: int, limit: int) -> list[Entry]:
        """The next entries after number `n`, up to which all may be forgotten; none if the row does not begin there."""
        while self._entries and self._entries[0].n <= n:
            self._entries.popleft()
        return list(islice(self._entries, limit)) if self._entries and self._entries[0].n == n + 1 else []


def index(dialect: str, limit: int, fresh: Fresh | None = None) -> Program[int]:
    """Index the next `limit` events after the cursor, in one transaction; the number up to which the index stands.

    What is known of a content that was erased since is forgotten when its event's turn comes.
    """
    rows = yield Sql("checkpoints", (CURSOR[0],))
    done = next((int(value) for key, value in rows if key == CURSOR[1]), 0)
    entries = fresh.after(done, limit) if fresh is not None else []
    if not entries:
        rows = yield Sql("journal_after", (done, limit))
        entries = [entry_of(cast("int", n), _DECODE_EVENT(body)) for n, _at, body, _scope in rows]
    if not entries:
        return done
    latest = {entry.doc.ref: (entry.doc, entry.text) for entry in entries if entry.doc is not None}
    texts: dict[str, str] = {}
    if unread := list({doc.content for doc, text in latest.values() if text is None}):
        found = yield Sql("contents", (unread,))
        texts = {ident: text_of(DECODE_CONTENT(body)) for ident, body in found}
    ready = [
        (doc, " ".join(words(texts.get(doc.content, "") if text is None else text)))
        for doc, text in latest.values()
    ]
    erased = [ident for entry in entries for ident in entry.erased]
    yield from _put(dialect, ready, erased, entries[-1].n)
    return entries[-1].n


def _put(dialect: str, ready: Sequence[tuple[Doc, str]], erased: list[str], last: int) -> Program[None]:
    docs = [(*msgspec.structs.astuple(doc), terms) for doc, terms in ready if terms]
    if dialect == "sqlite":
        yield Many("search_put", [doc[:-1] for doc in docs])
        # Not INSERT ... SELECT: the index would write itself out after every row, at seven times the price.
        ids: dict[str, int] = dict((yield Sql("search_ids", ([doc[0] for doc in docs],))))
        yield Many("search_terms", [(ids[doc[0]], doc[-1]) for doc in docs])
    else:
        yield Many("search_put", docs)
    if erased:
        yield Sql("search_forget_terms", (erased,))
        yield Sql("search_forget", (erased,))
    yield Sql("save_checkpoint", (*CURSOR, str(last)))
