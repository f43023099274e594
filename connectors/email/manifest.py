"""The email channel's face: what it can do, as data; and how an agent's typed address becomes the start of a conversation."""

from __future__ import annotations

from collections.abc import Callable

from connectors.contract import (
    CONTRACT_VERSION,
    Address,
    AnyInbound,
    Capabilities,
    Malformed,
    Manifest,
    Transport,
)
from connectors.email import inbound, wall
from connectors.email.addresses import read_addresses
from connectors.email.connector import EmailConnector
from connectors.email.ids import PURPOSE, Ids
from connectors.email.settings import EmailConfig

PART_SECONDS = 1_290.0
"""Ten minutes to sign in and hand over, ten for the answer to the final dot (RFC 5321 4.5.3.2.6), half a minute for a copy in the sent
folder; the rest is for putting a large mail together."""
HOLD_SECONDS = 14_400.0
"""Greylisting takes up to an hour and a mail server's repair some; RFC 5321 4.5.4.1 asks for days, but somebody waits for this answer."""
TRIES = 500
"""More than fit into that time: it alone decides."""


def start(typed: str, token: str) -> tuple[Address, str]:
    """The address that an agent typed (`Ann Lee <ann@example.org>` or bare) and the key of the new thread. Raises `Malformed`."""
    found = read_addresses(typed.encode("utf-8", "replace"), 2)
    if len(found) != 1 or "@" not in typed:
        raise Malformed("Write one address, such as name@example.com.", "to")
    return Address(
        scheme="email", value=found[0].address, scope="global", display=found[0].name
    ), f"start:{token}"


def read(raw: bytes, config: EmailConfig, keys: Callable[[str], tuple[bytes, ...]]) -> tuple[AnyInbound, ...]:
    """A mail that is a dead letter, read once more, behind the wall like every mail. Blocking: call it in a thread."""
    ids = Ids(keys(PURPOSE), config.address, config.answers_to)
    found = inbound.happening(wall.shared().read(raw), raw, config, ids)
    return (found,) if found is not None else ()


def active(config: EmailConfig) -> tuple[Transport, ...]:
    """Which ways in a mailbox uses: it is read, or mail is brought to addresses of ours."""
    found: list[Transport] = ["poll"] if config.imap is not None else []
    if config.webhook is not None or config.unsubscribe:
        found.append("socket")
    return tuple(found)


MANIFEST = Manifest(
    id="email",
    name="Email",
    contract=CONTRACT_VERSION,
    config=EmailConfig,
    capabilities=Capabilities(
        transports=("poll", "socket"),
        html=True,
        files=True,
        max_file_bytes=18_874_368,
        receipts=True,
        subjects=True,
        copies=True,
        starts_conversations=True,
        asynchronous=True,
    ),
    create=EmailConnector,
    active=active,
    part_seconds=PART_SECONDS,
    hold=HOLD_SECONDS,
    tries=TRIES,
    start=start,
    read=read,
    docs="connectors/email/README.md",
)
