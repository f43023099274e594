"""Which connectors the configuration may name. Finding and importing them is `connectors.registry`'s; here is what `load` asks of it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from connectors import registry
from connectors.contract import Manifest
from connectors.registry import BadConnector as BadConnector  # noqa: PLC0414  # part of what `Catalogue.manifest` promises


class Catalogue(msgspec.Struct, frozen=True):
    """The connectors that are installed: their names, and how to import one's manifest (raises `BadConnector`)."""

    names: frozenset[str]
    manifest: Callable[[str], Manifest]


def installed() -> Catalogue:
    """All connectors of this environment."""
    return Catalogue(frozenset(registry.names()), registry.manifest)


def tree() -> list[Manifest]:
    """The manifests of Parley's own connectors."""
    return [registry.manifest(name) for name in registry.IN_TREE]
