"""What the tables remember beside the state, on both databases: which files are pointed to, and what an echo may be an echo of."""

from __future__ import annotations

from stream import commands as cmd
from stream import reads
from stream.ids import new_token
from stream.journal import Journal
from stream.model import Attachment, MessageContent
from stream.outbox import claim
from stream.store.ports import Store
from stream.store.program import fetch
from stream.store.statements import migrations
from tests.contracts.dumping import by_hand
from tests.making import ANN, Floor, committed, message

BLOB = "ab/" + "0" * 26


async def kept(store: Store) -> list[str]:
    return [str(row[0]) for row in await store.read(fetch("blobs_kept", [BLOB, "cd/other"]))]


def with_file(source: str) -> cmd.ReceiveMessage:
    file = Attachment(id="a", blob=BLOB, name="a.txt", content_type="text/plain", size=1)
    return message("v1", source, content=MessageContent(text='"attachments":[', attachments=(file,)))


async def test_a_file_is_kept_while_some_content_points_to_it(journal: Journal) -> None:
    contents = []
    for source in ("msg:1", "msg:2"):
        done = await committed(journal, with_file(source))
        contents += [event.content for event in done.events if hasattr(event, "content")]
    for content in contents:
        assert await kept(journal.store) == [BLOB]
        await committed(journal, cmd.EraseContent(token=new_token(), contents=(content,), by=ANN))
    assert await kept(journal.store) == []


async def test_files_of_messages_from_before_the_table_are_known(journal: Journal, store_url: str) -> None:
    await committed(journal, with_file("msg:1"))
    await committed(journal, message("v1", "msg:2", 'see "attachments":[{}]'))
    await by_hand(store_url, "DELETE FROM blob_ref")
    assert await kept(journal.store) == []
    steps = migrations("sqlite" if store_url.startswith("sqlite") else "postgres")
    (step,) = (one for one in steps if one.name == "blobs")
    await by_hand(store_url, step.statements[-1])
    assert await kept(journal.store) == [BLOB]


async def test_an_echo_finds_the_send_under_way(journal: Journal) -> None:
    floor = await Floor.open(journal)
    conversation = await floor.assigned("v1")
    reply = floor.reply(conversation)
    await committed(journal, reply)
    echo = message("v1", "echo:0", "hi", direction="echo", provider_id="p0")
    waiting = await committed(journal, echo)
    assert waiting.id != reply.message
    await claim(journal.store, "w", ["website"], 1e12)
    done = await committed(journal, message("v1", "echo:1", "hi", direction="echo", provider_id="p1"))
    assert done.id == reply.message
    row = await reads.conversation(journal.store, conversation)
    assert row is not None
    assert row.seq == 3
