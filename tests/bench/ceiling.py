"""The ceiling: the same stack without the product, in one file that imports nothing of ours. Frozen: a change here moves the yardstick.

aiohttp webhook -> HMAC (Standard Webhooks) -> msgspec -> SQLite in WAL with synchronous=FULL, committed in groups by a writer thread, answered
after the commit -> least-loaded choice -> push to one of the agents' websockets on the same port. One process, uvloop where it installs.

    python tests/bench/ceiling.py DATABASE SECRET        # prints "ready PORT"
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
from aiohttp import WSMsgType, web


class Sender(msgspec.Struct):
    """Who wrote."""

    id: str
    name: str = ""


class Hook(msgspec.Struct):
    """A message."""

    id: str
    conversation: str
    text: str
    sender: Sender = msgspec.field(name="from")


class Ceiling:
    """State of the one process."""

    def __init__(self, path: str, key: bytes) -> None:
        self.key = key
        self.decoder = msgspec.json.Decoder(Hook)
        self.encode = msgspec.json.Encoder().encode
        self.waiting: list[tuple[Hook, bytes, asyncio.Future[int]]] = []
        self.arrived = asyncio.Event()
        self.pool = ThreadPoolExecutor(1)
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.sockets: dict[str, web.WebSocketResponse] = {}
        self.load: dict[str, int] = {}
        self.assigned: dict[str, str] = {}
        self.n = 0

    def prepare(self) -> None:
        """Make the tables."""
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute("CREATE TABLE message (id TEXT PRIMARY KEY, conversation TEXT, n INTEGER, body BLOB)")
        self.db.execute("CREATE TABLE conversation (id TEXT PRIMARY KEY, last INTEGER, agent TEXT)")

    def write(self, group: list[tuple[Hook, bytes, asyncio.Future[int]]]) -> list[int]:
        """One durable transaction; the number of each message, 0 for a duplicate."""
        numbers = []
        self.db.execute("BEGIN IMMEDIATE")
        for hook, body, _ in group:
            self.n += 1
            row = (hook.id, hook.conversation, self.n, body)
            new = self.db.execute("INSERT OR IGNORE INTO message VALUES (?, ?, ?, ?)", row).rowcount
            if new:
                self.db.execute(
                    "INSERT INTO conversation VALUES (?, ?, '') ON CONFLICT (id) DO UPDATE SET last = excluded.last",
                    (hook.conversation, self.n),
                )
            numbers.append(self.n if new else 0)
        self.db.execute("COMMIT")
        return numbers

    async def writer(self) -> None:
        """Commit what has gathered while the last commit was under way."""
        loop = asyncio.get_running_loop()
        while True:
            await self.arrived.wait()
            self.arrived.clear()
            while self.waiting:
                group, self.waiting = self.waiting[:256], self.waiting[256:]
                numbers = await loop.run_in_executor(self.pool, self.write, group)
                for (_, _, future), n in zip(group, numbers, strict=True):
                    future.set_result(n)

    def genuine(self, headers: Any, body: bytes) -> bool:
        """Standard Webhooks 1.0, `v1`."""
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mine = "v1," + base64.b64encode(hmac.new(self.key, signed, hashlib.sha256).digest()).decode()
        return hmac.compare_digest(mine, headers["webhook-signature"])

    async def hook(self, request: web.Request) -> web.Response:
        """A message: verified, kept, assigned, pushed."""
        body = await request.read()
        if not self.genuine(request.headers, body):
            return web.Response(status=401)
        hook = self.decoder.decode(body)
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.waiting.append((hook, body, future))
        self.arrived.set()
        n = await future
        if n:
            await self.push(hook, n)
        return web.Response(status=200, body=b'{"ok":true}')

    async def push(self, hook: Hook, n: int) -> None:
        """To the agent who has it, or to the least loaded."""
        agent = self.assigned.get(hook.conversation)
        if agent is None:
            agent = min(self.load, key=self.load.__getitem__)
            self.load[agent] += 1
            self.assigned[hook.conversation] = agent
        event = {
            "source_key": f"msg:{hook.id}",
            "conversation": hook.conversation,
            "text": hook.text,
            "sender": hook.sender.id,
        }
        await self.sockets[agent].send_bytes(self.encode({"t": "event", "n": n, "event": event}))

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """An agent's socket."""
        agent = request.query["agent"]
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        self.sockets[agent] = socket
        self.load[agent] = 0
        async for frame in socket:
            if frame.type == WSMsgType.ERROR:
                break
        return socket


async def main() -> None:
    """Serve until killed."""
    ceiling = Ceiling(sys.argv[1], sys.argv[2].encode())
    ceiling.prepare()
    app = web.Application()
    app.router.add_post("/hooks/{channel}", ceiling.hook)
    app.router.add_get("/ws", ceiling.socket)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    writer = asyncio.create_task(ceiling.writer())
    print("ready", runner.addresses[0][1], flush=True)
    await writer


if __name__ == "__main__":
    try:
        import uvloop
    except ImportError:
        asyncio.run(main())
    else:
        uvloop.run(main())
