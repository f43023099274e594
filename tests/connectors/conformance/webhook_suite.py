"""The generic channel as the conformance kit sees it."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from connectors.conformance.suite import Request, Send, Suite
from connectors.contract import Response
from connectors.webhook import MANIFEST

NEW = "whsec_" + base64.b64encode(b"the newer secret of the suite").decode()
OLD = "whsec_" + base64.b64encode(b"the older secret of the suite").decode()


def _list(bodies: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(bodies) + b"]"


def _answer(status: int, **headers: str) -> Response:
    return Response(
        status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, body=b""
    )


SUITE = Suite(
    module="connectors.webhook",
    manifest=MANIFEST,
    config={"secrets": [NEW, OLD], "url": "https://partner.example/parley", "send_secrets": [NEW]},
    requests=(
        Request(
            name="message",
            body=b'{"id":"1","conversation":"order-17","from":{"id":"ada","name":"Ada","email":"ada@example.org"},"text":"Where is it?","at":1700000000}',
            kinds=("message",),
        ),
        Request(
            name="files",
            body=b'{"id":"2","conversation":"order-17","from":{"id":"ada"},"html":"<p>See</p>","files":[{"name":"a.txt","type":"text/plain","content":"aGVsbG8="}]}',
            kinds=("message",),
        ),
        Request(
            name="receipt",
            body=b'{"type":"receipt","conversation":"order-17","message":"msg_x","state":"read"}',
            kinds=("receipt",),
        ),
        Request(
            name="edit",
            body=b'{"type":"edit","id":"1","conversation":"order-17","from":{"id":"ada"},"text":"Where is it now?"}',
            kinds=("edit",),
        ),
        Request(
            name="reaction",
            body='{"type":"reaction","message":"msg_x","emoji":"👍","from":{"id":"ada"}}'.encode(),
            kinds=("reaction",),
        ),
        Request(
            name="delete", body=b'{"type":"delete","message":"1","from":{"id":"ada"}}', kinds=("delete",)
        ),
        Request(
            name="typing",
            body=b'{"type":"typing","conversation":"order-17","from":{"id":"ada"},"on":true}',
            kinds=("typing",),
        ),
    ),
    batch=_list,
    poison=b'{"id":"3","conversation":"order-17","text":"nobody wrote this"}',
    unknown=b'{"type":"message.teleported","id":"4"}',
    accepts=(_answer(204),),
    sends=(
        Send(name="gone", answers=(_answer(410),), outcome="rejected"),
        Send(name="slow down", answers=(_answer(429, retry_after="3"),), outcome="retry"),
        Send(name="broken", answers=(_answer(500),), outcome="retry"),
        Send(name="not there", answers=(_answer(404),), outcome="retry"),
        Send(name="moved", answers=(_answer(302, location="https://elsewhere.example/"),), outcome="retry"),
    ),
    conversation_key="order-17",
    address=("webhook", "ada"),
)
