"""The recorded decisions about a conversation, and how they read in a terminal. They were made by the router and are only shown here."""

from __future__ import annotations

import time
from typing import Any

from stream import reads
from stream.model import DocumentContent
from stream.store.ports import Store

NEWEST = 200
EVENTS = 10_000


async def decisions(store: Store, conversation: str) -> list[dict[str, Any]]:
    """The newest 200, oldest first: `n`, `at`, `kind`, `reason` and the `explain` record (None once it is erased)."""
    events = await reads.events_of(store, conversation, limit=EVENTS)
    decided = [recorded for recorded in events if hasattr(recorded.event, "explain")][-NEWEST:]
    documents = [str(getattr(one.event, "explain", "")) for one in decided]
    contents = await reads.contents(store, [ident for ident in documents if ident])
    found = []
    for recorded in decided:
        document = contents.get(getattr(recorded.event, "explain", ""))
        found.append(
            {
                "n": recorded.n,
                "at": recorded.at,
                "kind": str(type(recorded.event).__struct_config__.tag),
                "reason": getattr(recorded.event, "reason", ""),
                "agent": getattr(recorded.event, "agent", ""),
                "explain": document.body if isinstance(document, DocumentContent) else None,
            }
        )
    return found


def lines(record: dict[str, Any]) -> list[str]:
    """One decision for people."""
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record["at"]))
    head = f"{when}  {record['kind']}" + (f" {record['agent']}" if record["agent"] else "")
    told = [head + (f": {record['reason']}" if record["reason"] else "")]
    explain = record["explain"]
    if not isinstance(explain, dict):
        return told
    if "rule" in explain:
        needs = ", ".join(explain.get("need", [])) or "nothing in particular"
        place = f", queue {explain['queue']}" if explain.get("queue") else ""
        told.append(f"  rule {explain['rule']}, step {explain.get('step', 0)}{place}, needs {needs}")
    if winner := explain.get("winner"):
        told.append(f"  chosen: {winner['name']} ({winner['why']})")
    told += [f"  next: {loser['name']} ({loser['why']})" for loser in explain.get("losers", [])]
    told += [
        f"  refused: {group['agents']} {'agent lacks' if group['agents'] == 1 else 'agents lack'} {', '.join(group['lacks'])}"
        for group in explain.get("refused", [])
    ]
    return told
