"""The web chat as the conformance kit sees it: customers come by a socket of ours, so there are no requests to judge."""

from __future__ import annotations

from connectors.conformance.suite import Suite
from connectors.webchat import MANIFEST

SUITE = Suite(
    module="connectors.webchat",
    manifest=MANIFEST,
    config={"name": "Support", "identity_secrets": ["conformance-canary-secret"]},
    conversation_key="visitor",
    address=("webchat", "visitor"),
    exempt={"C0903": "sending is telling the sockets to look: a file of any size that Parley keeps is shown"},
)
