"""A bot to copy: it answers a few questions by keywords and hands everything else to people, with what was asked. A program beside Parley.

    PARLEY_URL=http://127.0.0.1:8080 PARLEY_TOKEN=parley_... BOT_SECRET=whsec_... python -m config.demo.faq_bot --port 8090

`team.yaml` has it as `faq: {kind: bot, webhook: faq-bot}`, `channels.yaml` has the channel `faq-bot` (connector webhook, its `url` this program's
address), a rule says `bot: faq`, and `parley token add faq` makes the token. It uses nothing that other programs could not use.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import os
import re
import time
from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp import web

ANSWERS = {
    ("open", "hours", "opening"): "We are open from Monday to Friday, 9 to 17.",
    ("price", "prices", "cost"): "Our prices are at example.org/prices.",
    ("return", "returns"): "You can send anything back within 30 days.",
}
PEOPLE = {"human", "agent", "person", "somebody"}
TOLERANCE = 300
MOST_BODY = 1_048_576


def answer(text: str) -> str:
    """What the bot knows about a question, or "": then people are asked."""
    words = set(re.findall(r"\w+", text.casefold()))
    if words & PEOPLE:
        return ""
    return next((said for keys, said in ANSWERS.items() if words & set(keys)), "")


def genuine(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether Parley sent it: Standard Webhooks 1.0, `v1`."""
    ident, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not stamp.isdigit() or abs(now - int(stamp)) > TOLERANCE:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{ident}.{stamp}.".encode() + body, hashlib.sha256).digest()
    wanted = f"v1,{base64.b64encode(digest).decode()}"
    return any(hmac.compare_digest(wanted, one) for one in headers.get("webhook-signature", "").split())


class FaqBot:
    """`url` is Parley's address, `token` the bot's own."""

    def __init__(self, url: str, token: str, secret: str) -> None:
        self._url, self._token, self._secret = url.rstrip("/"), token, secret

    def app(self) -> web.Application:
        """What listens for Parley's calls."""
        app = web.Application(client_max_size=MOST_BODY)
        app.router.add_post("/", self._called)
        return app

    async def _called(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not genuine(self._secret, request.headers, body, time.time()):
            return web.Response(status=401)
        told = await request.json()
        if told["type"] in {"bot.assigned", "bot.message"}:
            await self._answer(told["data"])
        return web.Response(status=204)

    async def _answer(self, data: dict[str, Any]) -> None:
        """A message's id derives from the call's, so a call that is repeated answers once."""
        said = answer(data["text"])
        if said:
            ident = "msg_" + data["call"].removeprefix("call_")
            await self._post(data["conversation"], "reply", {"message": ident, "text": said})
        else:
            summary = f"The customer asked: {data['text'][:500]}"
            await self._post(
                data["conversation"], "handover", {"reason": "I have no answer", "summary": summary}
            )

    async def _post(self, conversation: str, verb: str, body: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        address = f"{self._url}/api/v1/conversations/{conversation}/{verb}"
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(address, json=body) as done,
        ):
            if done.status >= 500 or done.status == 429:
                raise web.HTTPServiceUnavailable  # Parley calls again


def main() -> None:
    """Listen until stopped."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8090)
    bot = FaqBot(os.environ["PARLEY_URL"], os.environ["PARLEY_TOKEN"], os.environ["BOT_SECRET"])
    web.run_app(bot.app(), host="127.0.0.1", port=parser.parse_args().port)


if __name__ == "__main__":
    main()
