"""The email channel as the conformance kit sees it: mail is fetched and handed in by protocols of its own, so there are no requests to judge."""

from __future__ import annotations

from connectors.conformance.suite import Suite
from connectors.email import MANIFEST

SUITE = Suite(
    module="connectors.email",
    manifest=MANIFEST,
    config={
        "address": "support@example.com",
        "smtp": {"host": "127.0.0.1", "port": 9, "user": "support", "password": "conformance-canary-secret"},
    },
    conversation_key="thread",
    address=("email", "ada@example.org"),
    exempt={
        "C0801": "mail is handed in by SMTP, which the recording sandbox does not speak: judged on real servers"
    },
)
