"""Typing signs, both ways, over the bus only: never kept, never waited for, lost without harm.

Topic `typing`, JSON `{"conversation", "who": {"kind", "id", "name"}, "on"}`: customers' signs go out on it, agents' signs come in.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import msgspec

from connectors.channel import Channel
from connectors.contract import Address, TypingObserved
from connectors.destination import Destination, destination_of
from connectors.intake import key
from stream import reads
from stream.ids import key_digest
from stream.journal import Journal
from stream.store.ports import StoreError

TOPIC = "typing"
REMEMBERED = 2_000
REMEMBER_SECONDS = 60.0
MAX_UNDER_WAY = 64
SIGN_SECONDS = 10.0

Show = Callable[[Destination, bool], Awaitable[None]]
"""Shows a customer that an agent is typing; looked up per channel by the host."""


class Who(msgspec.Struct, omit_defaults=True):
    """Who is typing."""

    kind: str
    id: str = ""
    name: str = ""


class Sign(msgspec.Struct):
    """One sign on the bus."""

    conversation: str
    who: Who
    on: bool


_decode = msgspec.json.Decoder(Sign).decode
_encode = msgspec.json.Encoder().encode


class TypingSigns:
    """One per process."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._conversations: OrderedDict[tuple[str, str], tuple[float, str]] = OrderedDict()
        self._destinations: OrderedDict[str, tuple[float, Destination | None]] = OrderedDict()
        self._under_way: set[asyncio.Task[None]] = set()

    async def customer(self, channel: Channel, item: TypingObserved) -> None:
        """Tell the agents that a customer types (or stopped). Without an open conversation there is nobody to tell."""
        conversation = await self._conversation(channel.name, key(item.conversation_key))
        if conversation:
            who = Who(kind="contact", name=_name(item.sender))
            payload = _encode(Sign(conversation=conversation, who=who, on=item.on))
            await self._journal.bus.publish(TOPIC, payload)

    async def _conversation(self, channel: str, conversation_key: str) -> str:
        now = asyncio.get_running_loop().time()
        known = self._conversations.get((channel, conversation_key))
        if known is not None and known[0] > now:
            return known[1]
        found = ""
        with contextlib.suppress(StoreError):
            found = await reads.thread_of_key(
                self._journal.store, channel, key_digest(channel, conversation_key)
            )
        # Their first message may make one at any moment: that there is none is not worth remembering.
        if found:
            self._conversations[(channel, conversation_key)] = (now + REMEMBER_SECONDS, found)
            if len(self._conversations) > REMEMBERED:
                self._conversations.popitem(last=False)
        return found

    async def run(self, show: Callable[[str], Show | None]) -> None:
        """Carry agents' signs to their customers until cancelled. `show` gives the way of a channel, None if it has none here."""
        async for topic, payload in self._journal.bus.subscribe(TOPIC):
            if not topic or len(self._under_way) >= MAX_UNDER_WAY:
                continue
            with contextlib.suppress(msgspec.MsgspecError):
                sign = _decode(payload)
                if sign.who.kind != "contact":
                    task = asyncio.get_running_loop().create_task(self._agent(sign, show))
                    self._under_way.add(task)
                    task.add_done_callback(self._under_way.discard)

    async def _agent(self, sign: Sign, show: Callable[[str], Show | None]) -> None:
        """One process of several shows the sign: the one that gets the bucket's token."""
        with contextlib.suppress(Exception):  # a sign that cannot be shown is no loss, whatever the reason
            destination = await self._destination(sign.conversation)
            way = show(destination.conversation.channel) if destination else None
            if destination is None or way is None:
                return
            if await self._journal.bus.take(f"typing:{sign.conversation}:{sign.on}", 1, 1.0) == 0.0:
                async with asyncio.timeout(SIGN_SECONDS):
                    await way(destination, sign.on)

    async def _destination(self, conversation: str) -> Destination | None:
        now = asyncio.get_running_loop().time()
        known = self._destinations.get(conversation)
        if known is not None and known[0] > now:
            return known[1]
        found = await destination_of(self._journal, conversation)
        self._destinations[conversation] = (now + REMEMBER_SECONDS, found)
        if len(self._destinations) > REMEMBERED:
            self._destinations.popitem(last=False)
        return found

    async def close(self) -> None:
        """Let what is under way go."""
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)


def _name(sender: Address) -> str:
    return sender.display[:100]
