"""The web chat's face: what it can do, as data."""

from __future__ import annotations

from connectors.contract import CONTRACT_VERSION, Capabilities, Manifest
from connectors.webchat.connector import WebchatConnector
from connectors.webchat.settings import WebchatConfig

MANIFEST = Manifest(
    id="webchat",
    name="Web chat",
    contract=CONTRACT_VERSION,
    config=WebchatConfig,
    capabilities=Capabilities(
        transports=("socket",),
        files=True,
        max_file_bytes=10_485_760,
        typing_out=True,
        typing_in=True,
        receipts=True,
        read_out=True,
        idempotent_send=True,
    ),
    create=WebchatConnector,
    docs="connectors/webchat/README.md",
)
