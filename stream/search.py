"""Search: normalised words of messages, subjects, contacts and addresses, fed by a follower of the journal in batches.

Never in the acknowledging transaction: at most `LAG_SECONDS` behind, with an own cursor, so that it can be rebuilt at any time. Words are
folded here (case, accents, width; CJK runs become pairs of characters), so both databases index and find the same.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Sequence

import msgspec

from stream import events as ev
from stream.journal import Journal
from stream.model import (
    DEFAULT_WORKSPACE,
    AddressContent,
    Content,
    ConversationContent,
    MessageContent,
    PersonContent,
)
from stream.store.ports import Store, StoreError
from stream.store.program import Program, Sql, fetch
from stream.visibility import Visibility

LAG_SECONDS = 0.5
BATCH = 100
MAX_TEXT = 20_000
MAX_WORDS = 12
CURSOR = ("search", "cursor")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]+")
_WORD = re.compile(r"[^\W_]+")


class Doc(msgspec.Struct, frozen=True):
    """One searchable thing: a message, a conversation's subject, a contact's name or an identity's address."""

    ref: str
    kind: str
    conversation: str
    contact: str
    content: str


class Hit(msgspec.Struct, frozen=True):
    """One found thing; `id` is the cursor. `ref` is a message, conversation, contact or identity id by `kind`."""

    id: int
    kind: str
    ref: str
    conversation: str
    contact: str


def words(text: str) -> list[str]:
    """The words of a text as they are indexed."""
    if text.isascii():  # nothing to fold but case: four times faster
        return [word[:64] for word in _WORD.findall(text[:MAX_TEXT].lower())]
    # Decomposed before and after: some letters have a case only once they are plain.
    plain = unicodedata.normalize("NFKD", text[:MAX_TEXT])
    folded = unicodedata.normalize("NFKD", plain.casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    bare = unicodedata.normalize("NFC", bare)
    return [word[:64] for word in _WORD.findall(_CJK.sub(lambda run: f" {_pairs(run.group())} ", bare))]


def _pairs(run: str) -> str:
    return run if len(run) == 1 else " ".join(run[index : index + 2] for index in range(len(run) - 1))


def match(query: str, dialect: str) -> str:
    """A query as the database's match expression: every word must be there, the last one may be a beginning. Empty for no words."""
    found = words(query)[:MAX_WORDS]
    if dialect == "sqlite":
        return " AND ".join(f'"{word}"*' for word in found)
    return " & ".join(f"{word}:*" for word in found)


async def search(
    store: Store,
    query: str,
    visible_to: Visibility,
    *,
    before: int = 2**62,
    limit: int = 30,
    workspace: str = DEFAULT_WORKSPACE,
) -> list[Hit]:
    """The newest things that have all words of `query` (as beginnings of words) and that `visible_to` may see."""
    expression = match(query, store.dialect)
    if not expression:
        return []
    rows = await store.read(fetch("search_find", *visible_to.params(), workspace, expression, before, limit))
    return [Hit(*row) for row in rows]


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


class SearchFollower:
    """Keeps the index up with the journal. One per deployment is enough; several do no harm."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.indexed = 0

    async def run(self) -> None:
        """Follow until cancelled. A database that is away is tried again."""
        while True:
            try:
                await self._follow()
            except StoreError:
                await asyncio.sleep(1.0)
            else:
                return

    async def _follow(self) -> None:
        self.indexed = await self._cursor()
        async for _batch in self._journal.follow(self.indexed):
            await asyncio.sleep(LAG_SECONDS / 2)
            while self.indexed < self._journal.head:
                await self._index(await self._journal.read(self.indexed, BATCH))

    async def _cursor(self) -> int:
        rows = await self._journal.store.read(fetch("checkpoints", CURSOR[0]))
        return next((int(value) for key, value in rows if key == CURSOR[1]), 0)

    async def _index(self, batch: Sequence[ev.Recorded]) -> None:
        docs = [doc for recorded in batch if (doc := doc_of(recorded.event)) is not None]
        erased = [ident for r in batch if isinstance(r.event, ev.ContentErased) for ident in r.event.contents]
        contents = await self._journal.contents([doc.content for doc in docs])
        latest = {doc.ref: doc for doc in docs}
        ready = [(doc, " ".join(words(text_of(contents.get(doc.content))))) for doc in latest.values()]
        last = batch[-1].n
        await self._journal.store.write(_put(self._journal.store.dialect, ready, erased, last))
        self.indexed = last

    async def rebuild(self) -> None:
        """Forget the index; the follower makes it anew from the journal."""
        await self._journal.store.write(_clear())


def _put(dialect: str, ready: Sequence[tuple[Doc, str]], erased: list[str], last: int) -> Program[None]:
    for doc, terms in ready:
        if not terms:
            continue
        values = msgspec.structs.astuple(doc)
        if dialect == "sqlite":
            rows = yield Sql("search_put", values)
            yield Sql("search_terms", (rows[0][0], terms))
        else:
            yield Sql("search_put", (*values, terms))
    if erased:
        yield Sql("search_forget_terms", (erased,))
        yield Sql("search_forget", (erased,))
    yield Sql("save_checkpoint", (*CURSOR, str(last)))


def _clear() -> Program[None]:
    yield Sql("search_clear")
    yield Sql("search_clear_docs")
    yield Sql("save_checkpoint", (*CURSOR, "0"))
