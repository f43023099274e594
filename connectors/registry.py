"""Finding connectors: manifests by the entry-point group `parley.connectors`, and the ones of this tree also when nothing is installed.

Nothing is imported but the connectors that are asked for.
"""

from __future__ import annotations

import importlib
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points

from connectors.contract import CONTRACT_VERSION, Manifest

GROUP = "parley.connectors"
IN_TREE = ("echo", "webhook", "webchat", "email", "telegram")

MAX_PART_SECONDS = 3600.0


class UnknownConnector(LookupError):
    """No connector of this name; the sentence suggests one."""


class BadConnector(Exception):
    """It is there, but cannot be used; the sentence says why and what to do."""


def _found() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def names() -> list[str]:
    """Every connector that could be configured, by name."""
    return sorted({*IN_TREE, *_found()})


def manifest(name: str) -> Manifest:
    """The manifest of one connector. Raises `UnknownConnector` or `BadConnector`."""
    point = _found().get(name)
    if point is None and name not in IN_TREE:
        close = get_close_matches(name, names(), 1)
        hint = f" (did you mean {close[0]}?)" if close else f"; there are: {', '.join(names())}"
        raise UnknownConnector(f"there is no connector {name!r}{hint}")
    try:
        found = point.load() if point else importlib.import_module(f"connectors.{name}").MANIFEST
    except Exception as error:
        raise BadConnector(
            f"the connector {name!r} cannot be imported: {type(error).__name__}: {error}"
        ) from error
    return checked(name, found)


def checked(name: str, found: object) -> Manifest:
    """`found` if it is a manifest that this host can serve. Raises `BadConnector`."""
    if not isinstance(found, Manifest):
        raise BadConnector(
            f"the entry point of {name!r} leads to a {type(found).__name__}, not to a Manifest"
        )
    if found.id != name:
        raise BadConnector(
            f"the entry point {name!r} leads to the manifest of {found.id!r}: give both one name"
        )
    if found.contract != CONTRACT_VERSION:
        raise BadConnector(
            f"the connector {name!r} is made for contract {found.contract}, this program speaks {CONTRACT_VERSION}: "
            f"install a release of it for this one"
        )
    if "webhook" in found.capabilities.transports and found.parse is None:
        raise BadConnector(f"the connector {name!r} declares a webhook but has no parse function")
    if not 0.0 < found.part_seconds <= MAX_PART_SECONDS:
        raise BadConnector(
            f"the connector {name!r} gives a part {found.part_seconds:g} seconds: more than 0, at most {MAX_PART_SECONDS:g}"
        )
    return found
