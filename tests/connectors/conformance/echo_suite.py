"""The echo channel as the conformance kit sees it."""

from __future__ import annotations

from connectors.conformance.suite import Request, Suite
from connectors.echo import MANIFEST

SUITE = Suite(
    module="connectors.echo",
    manifest=MANIFEST,
    config={},
    requests=(
        Request(name="first", body=b'{"id":"1","who":"ada","text":"Hello there"}', kinds=("message",)),
        Request(name="second", body=b'{"id":"2","who":"bob","text":"Hi"}', kinds=("message",)),
    ),
    exempt={
        "C0103": "a channel for trying out has no secret",
        "C0205": "it has no configuration",
    },
)
