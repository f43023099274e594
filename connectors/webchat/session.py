"""One visitor on one socket: who they are, what they send, and what is pushed to them.

What is pushed comes from the history after a cursor, so nothing waits here for a slow line but the cursor itself: a hint (from any process)
only says "look". `socket` opens and closes the line; frames are read and written by `codec`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from connectors.contract import ConnectorError, HistoryFile, HistoryItem, Malformed, TryLater
from connectors.webchat import codec
from connectors.webchat.codec import About, AnyFrame, Older, Resume, Seen, Send, Start, Typing
from connectors.webchat.front import Front
from connectors.webchat.hours import is_open
from connectors.webchat.identify import identify
from connectors.webchat.limits import Bucket
from connectors.webchat.sockets import Seat
from connectors.webchat.visitors import Refusal, Visitor

PAGE = 50
FIRST = 100
MOST = 1_000
WAITING = 64
STRIKES = 10


class HangUp(Exception):
    """The line is to be closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Session:
    """A socket from its first frame to its last. `run` returns the code and reason to close with."""

    def __init__(self, front: Front, line: web.WebSocketResponse, network: str) -> None:
        self._front = front
        self._line = line
        self._network = network
        self._visitor = Visitor(key="")
        self._cursor = 0
        self._seen = {"delivered": 0, "read": 0}
        self._out: deque[dict[str, Any]] = deque()
        self._wake = asyncio.Event()
        self._look = False
        self._ended: asyncio.Future[HangUp] = asyncio.get_running_loop().create_future()
        self._frames = Bucket(60, 20)
        self._typed = Bucket(4, 1)
        self._strikes = 0
        self.seat = Seat(hang_up=self.hang_up, hear=self._hear)

    @property
    def key(self) -> str:
        """The visitor's conversation key; empty before they have introduced themselves."""
        return self._visitor.key

    def hang_up(self, code: int, reason: str) -> None:
        """End this socket from outside."""
        if not self._ended.done():
            self._ended.set_result(HangUp(code, reason))

    async def run(self) -> HangUp:
        """Serve the line until either side ends it."""
        tasks: list[asyncio.Future[Any]] = [self._ended]
        try:
            await self._write(self._hello())
            first = await self._introduce()
            await self._begin(first)
            tasks += [asyncio.ensure_future(self._read()), asyncio.ensure_future(self._push())]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return next(task for task in tasks if task.done()).result()  # type: ignore[no-any-return]  # each gives or raises HangUp
        except HangUp as end:
            return end
        except (ConnectionError, TimeoutError):
            return HangUp(4000, "the line is too slow")
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # --- beginning -------------------------------------------------------------------------------------------------

    def _hello(self) -> dict[str, Any]:
        config = self._front.config
        limits = {
            "text": config.max_text,
            "files": config.max_files,
            "bytes": config.max_file_bytes,
            "types": config.file_types,
        }
        return {"t": "hello", "heartbeat_ms": int(self._front.timing.heartbeat * 1000), "limits": limits}

    async def _introduce(self) -> Start | Resume:
        """Wait for the first frame and find out who it is."""
        try:
            async with asyncio.timeout(self._front.timing.hello):
                frame = codec.decode(await self._text())
        except TimeoutError:
            raise HangUp(4000, "no start came") from None
        except Malformed as error:
            await self._write(_error(error))
            raise HangUp(1008, "the first frame is malformed") from None
        if not isinstance(frame, Start | Resume):
            raise HangUp(1008, "the first frame must be start or resume")
        try:
            self._visitor, self._token = await identify(self._front, frame, self._network)
        except Refusal as refusal:
            await self._write({"t": "refused", "code": refusal.code, "message": str(refusal)})
            raise HangUp({"token": 4001, "slow_down": 4008}.get(refusal.code, 4003), refusal.code) from None
        self._front.sockets.introduce(
            self.key, self.seat
        )  # before the history is read: no hint falls between
        return frame

    async def _begin(self, frame: Start | Resume) -> None:
        """Answer with what they do not know yet: from the cursor on, or the newest items when the cursor is not of this history."""
        shared = {"visitor": self.key, "pass": self._front.upload_pass(self.key), "open": self._open()}
        if self._token:
            shared["token"] = self._token
        if isinstance(frame, Resume) and await self._knows(frame.n, frame.id):
            self._cursor = frame.n
            await self._write({"t": "resumed", "n": frame.n, **shared})
            self._look = True
        else:
            newest = await self._front.sandbox.history(self.key, after=-1, limit=FIRST)
            self._cursor = newest[-1].n if newest else 0
            items, more = self._items(newest), await self._more(newest)
            await self._write({"t": "started", "n": self._cursor, "items": items, "more": more, **shared})
        self._wake.set()

    async def _more(self, items: list[HistoryItem]) -> bool:
        """Tell whether there is anything before these."""
        first = await self._front.sandbox.history(self.key, after=0, limit=1) if items else []
        return bool(first) and first[0].n < items[0].n

    async def _knows(self, n: int, message: str) -> bool:
        """Tell whether item `n` is `message` in this history: it is not after another database was restored."""
        if n == 0:
            return True
        found = await self._front.sandbox.history(self.key, after=n - 1, limit=1)
        return bool(found) and found[0].n == n and found[0].id == message

    # --- pushing ---------------------------------------------------------------------------------------------------

    def _hear(self, hint: codec.Hint | None) -> None:
        """Turn a hint into a look or a sign."""
        if hint is not None and hint.kind == "typing":
            self._later({"t": "typing", "on": hint.on, "name": hint.name})
        elif hint is not None and hint.kind == "read":
            self._later({"t": "read", "n": hint.n})
        else:
            self._look = True
            self._wake.set()

    def _later(self, frame: dict[str, Any]) -> None:
        """Queue a small frame. A line that takes none of them any more is closed; the visitor resumes."""
        if len(self._out) >= WAITING:
            self.hang_up(4000, "the line is too slow")
            return
        self._out.append(frame)
        self._wake.set()

    async def _push(self) -> HangUp:
        """The only writer from the beginning on."""
        while True:
            quiet = not await self._woken(self._front.timing.heartbeat)
            self._look = self._look or quiet  # hints may be lost: a quiet line looks by itself
            while self._out:
                await self._write(self._out.popleft())
            while self._look:
                await self._push_news()
            if quiet:
                await self._write({"t": "beat", "open": self._open()})

    async def _woken(self, seconds: float) -> bool:
        """Wait for something to do; False when nothing came."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # not wait_for: before 3.12 it may swallow a cancellation
                await self._wake.wait()
        woken = self._wake.is_set()
        self._wake.clear()
        return woken

    async def _push_news(self) -> None:
        self._look = False
        news = await self._front.sandbox.history(self.key, after=self._cursor, limit=PAGE)
        if not news:
            return
        frame = {"t": "items", "prev": self._cursor, "n": news[-1].n, "items": self._items(news)}
        await self._write(frame)
        self._cursor = news[-1].n
        self._look = (
            True  # a page may be short for what the visitor may not see: only an empty one is the end
        )

    async def _write(self, frame: dict[str, Any]) -> None:
        async with asyncio.timeout(self._front.timing.stall):
            await self._line.send_str(codec.encode(frame))

    def _items(self, items: list[HistoryItem]) -> list[dict[str, Any]]:
        return [codec.item(self.key, one, self._link) for one in items]

    def _link(self, file: HistoryFile) -> str:
        return self._front.link(self.key, file)

    def _open(self) -> bool:
        return is_open(self._front.config.hours, self._front.now())

    # --- reading ---------------------------------------------------------------------------------------------------

    async def _text(self) -> str:
        """The next frame's text."""
        message = await self._line.receive()
        if message.type is WSMsgType.TEXT:
            return str(message.data)
        if message.type is WSMsgType.BINARY:
            raise HangUp(1003, "frames are text")
        raise HangUp(self._line.close_code or 1000, "the visitor has gone")

    async def _read(self) -> HangUp:
        while True:
            text = await self._text()
            if not self._frames.take(time.monotonic()):
                return HangUp(4008, "too many frames")
            try:
                await self._take(codec.decode(text), text)
            except Malformed as error:
                self._strikes += 1
                if self._strikes > STRIKES:
                    return HangUp(1008, "too many malformed frames")
                self._later(_error(error))

    async def _take(self, frame: AnyFrame, text: str) -> None:
        """Do what one frame asks for. Raises Malformed."""
        match frame:
            case Send():
                self._later(await self._receive(frame, text))
            case Typing():
                await self._take_typing(frame)
            case Seen():
                await self._take_seen(frame)
            case About():
                await self._take_about(frame)
            case Older():
                await self._take_older(frame)
            case Start() | Resume():
                raise Malformed("this socket has been started already", "t")
            case _:
                self._later({"t": "beat", "open": self._open()})

    async def _receive(self, frame: Send, raw: str) -> dict[str, Any]:
        """Make a message durable; gives its acknowledgement."""
        front, ack = self._front, {"t": "ack", "client": frame.client}
        wait = await self._slow_down()
        if wait:
            return {
                **ack,
                "ok": False,
                "code": "slow_down",
                "message": "Too many messages.",
                "retry_after": round(wait, 1),
            }
        try:
            if len(frame.files) > front.config.max_files:
                raise Malformed(f"At most {front.config.max_files} files may be sent at once.", "files")
            files = [front.referred_file(self.key, one) for one in frame.files]
            message = codec.message(self._visitor, frame, files, front.config.max_text, front.now())
            [verdict] = await front.sandbox.deliver([message], [raw.encode("utf-8", "surrogatepass")])
        except Malformed as error:
            return {**ack, "ok": False, "code": "malformed", "message": str(error), "field": error.field}
        except TryLater as error:
            return {
                **ack,
                "ok": False,
                "code": "try_later",
                "message": "Not now.",
                "retry_after": error.after or 2.0,
            }
        if not verdict.ok:
            front.sandbox.log("webchat.refused", reason=verdict.error)
            return {**ack, "ok": False, "code": "refused", "message": "This message could not be delivered."}
        await self._tell()
        return {**ack, "ok": True, "id": verdict.id, "n": verdict.n}

    async def _slow_down(self) -> float:
        """Seconds to wait before the next message may come; 0.0 now."""
        config, take = self._front.config, self._front.sandbox.take
        wait = await take(f"message:{self.key}", config.messages_per_minute, 60.0)
        return wait or await take(f"messages:{self._network}", config.address_messages_per_minute, 60.0)

    async def _tell(self) -> None:
        """Let the visitor's other windows look."""
        self._look = True
        self._wake.set()
        with contextlib.suppress(ConnectorError):  # a lost hint costs their next look, never the message
            await self._front.sandbox.notify(codec.TOPIC, codec.hint(codec.Hint(key=self.key)))

    async def _take_typing(self, frame: Typing) -> None:
        if self._typed.take(time.monotonic()):
            with contextlib.suppress(ConnectorError):  # a sign, not a fact
                await self._front.sandbox.deliver([codec.typing(self._visitor, frame.on, self._front.now())])

    async def _take_seen(self, frame: Seen) -> None:
        """Report a watermark, but only for a message of this very history, and only once."""
        if frame.n <= max(self._seen[frame.state], self._seen["read"]):
            return
        found = await self._front.sandbox.history(self.key, after=frame.n - 1, limit=1) if frame.n else []
        if not found or found[0].id != frame.id or found[0].direction != "out":
            raise Malformed("there is no such message of ours", "id")
        if await self._front.sandbox.take(f"seen:{self.key}", 120, 60.0):
            return  # the watermark of a later message covers this one
        self._seen[frame.state] = frame.n
        await self._front.sandbox.deliver([codec.receipt(self._visitor, frame, self._front.now())])

    async def _take_about(self, frame: About) -> None:
        claims = codec.clean_claims(frame.name, frame.email)
        if await self._front.sandbox.take(f"about:{self.key}", 10, 60.0):
            raise Malformed("That was changed too often. Please try again in a minute.", "email")
        self._visitor = msgspec.structs.replace(self._visitor, claims=claims)
        await self._front.sandbox.deliver([codec.profile(self._visitor, self._front.now())])
        self._later({"t": "about", "name": claims.name, "email": claims.email})

    async def _take_older(self, frame: Older) -> None:
        if await self._front.sandbox.take(f"older:{self.key}", 60, 60.0):
            return
        newest: list[HistoryItem] = []
        wanted = min(frame.have + FIRST, MOST)
        while True:  # at most four times: what the visitor may not see makes pages shorter than asked
            newest = await self._front.sandbox.history(self.key, after=-1, limit=wanted)
            if len(newest) > frame.have or wanted == MOST:
                break
            wanted = min(wanted * 2, MOST)
        older = newest[: max(0, len(newest) - frame.have)]
        more = wanted < MOST and await self._more(newest)
        self._later({"t": "older", "items": self._items(older), "more": more})


def _error(error: Malformed) -> dict[str, Any]:
    return {"t": "error", "code": "malformed", "message": str(error), "field": error.field}
