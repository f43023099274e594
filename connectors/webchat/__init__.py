"""The web chat channel: a widget for any web page, its socket, and the connector behind it. Importing it starts nothing."""

from connectors.webchat.manifest import MANIFEST

__all__ = ["MANIFEST"]
