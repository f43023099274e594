"""The search index's side of writing: which words of an event are found, and the program that puts the next events into the index.

Pure but for the statements that the program yields. Words are folded here (case, accents, width; CJK runs become pairs of characters),
so both databases index and find the same. Who asks for it, and finding, is `search.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from stream import events as ev
from stream.loading import DECODE_CONTENT
from stream.model import AddressContent, Content, ConversationContent, MessageContent, PersonContent
from stream.store.program import Many, Program, Sql

MAX_TEXT = 20_000
CURSOR = ("search", "cursor")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]+")
_WORD = re.compile(r"[^\W_]+")
_ASCII = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
_DECODE_EVENT = msgspec.json.Decoder(ev.AnyEvent).decode


class Doc(msgspec.Struct, frozen=True):
    """One searchable thing: a message, a conversation's subject, a contact's name or an identity's address."""

    ref: str
    kind: str
    conversation: str
    contact: str
    content: str


def words(text: str) -> list[str]:
    """The words of a text as they are indexed."""
    if text.isascii():  # nothing to fold but case: eight times faster
        found = text[:MAX_TEXT].translate(_ASCII).split()
        return [word[:64] for word in found] if max(map(len, found), default=0) > 64 else found
    # Decomposed before and after: some letters have a case only once they are plain.
    plain = unicodedata.normalize("NFKD", text[:MAX_TEXT])
    folded = unicodedata.normalize("NFKD", plain.casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    bare = unicodedata.normalize("NFC", bare)
    return [word[:64] for word in _WORD.findall(_CJK.sub(lambda run: f" {_pairs(run.group())} ", bare))]


def _pairs(run: str) -> str:
    return run if len(run) == 1 else " ".join(run[index : index + 2] for index in range(len(run) - 1))


def doc_of(event: ev.AnyEvent) -> Doc | None:
    """What an event adds to the index."""
    if isinstance(event, ev.MessageReceived | ev.ReplyQueued | ev.NoteAdded | ev.MessageEdited):
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


def index(dialect: str, limit: int, known: Mapping[str, str] = {}) -> Program[int]:  # never written
    """Index the next `limit` events after the cursor, in one transaction; the number up to which the index stands.

    `known` has texts of content rows that need not be read; one that was erased since is forgotten when its event's turn comes.
    """
    rows = yield Sql("checkpoints", (CURSOR[0],))
    done = next((int(value) for key, value in rows if key == CURSOR[1]), 0)
    rows = yield Sql("journal_after", (done, limit))
    if not rows:
        return done
    batch = [_DECODE_EVENT(body) for _n, _at, body, _scope in rows]
    latest = {doc.ref: doc for event in batch if (doc := doc_of(event)) is not None}
    wanted = {doc.content for doc in latest.values()}
    texts = {ident: known[ident] for ident in wanted if ident in known}
    if len(texts) < len(wanted):
        found = yield Sql("contents", (list(wanted - texts.keys()),))
        texts.update((ident, text_of(DECODE_CONTENT(body))) for ident, body in found)
    ready = [(doc, " ".join(dict.fromkeys(words(texts.get(doc.content, ""))))) for doc in latest.values()]
    erased = [ident for event in batch if isinstance(event, ev.ContentErased) for ident in event.contents]
    last = cast("int", rows[-1][0])
    yield from _put(dialect, ready, erased, last)
    return last


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
