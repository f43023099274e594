"""JSON Schemas of the four files, made from the typed settings, so that editors complete and check while one writes.

`config/schemas/*.json` are what this module writes (`python -m config.schema`); a test keeps them equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from config.settings import Channel, Parley, TeamFile
from config.units import DURATION_PATTERN, SIZE_PATTERN, spell_duration, spell_size
from connectors.contract import Manifest, Secret
from router.routing import Routing

FOLDER = Path(__file__).parent / "schemas"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
_SECRET = {
    "type": "string",
    "pattern": r"^(\$\{[A-Za-z_][A-Za-z0-9_]*\}|file:.+)$",
    "description": "A secret: ${NAME} for an environment variable, or file:PATH.",
}

_INCLUDE = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
    "description": "More files of this kind, from this file's folder; what they say comes before what this one says.",
}


def schemas(manifests: Iterable[Manifest]) -> dict[str, dict[str, Any]]:
    """The schema of each file by its name; `manifests` are the connectors whose blocks are known."""
    found = sorted(manifests, key=lambda manifest: manifest.id)
    channels, team, routing = _channels(found), _of(TeamFile), _of(Routing)
    for schema, kind in ((team, TeamFile), (routing, Routing)):
        schema["$defs"][kind.__name__]["properties"]["include"] = _INCLUDE
    parley = _of(Parley)
    body = parley["$defs"]["Parley"]["properties"]
    for name, inner in (("channels", channels), ("team", team), ("routing", routing)):
        body[name] = {key: value for key, value in inner.items() if key != "$defs"}
        parley["$defs"] |= inner["$defs"]
    titles = {"parley": parley, "channels": channels, "team": team, "routing": routing}
    return {name: {"$schema": DRAFT, "title": f"{name}.yaml", **schema} for name, schema in titles.items()}


def texts(manifests: Iterable[Manifest]) -> dict[str, str]:
    """The files as they are written."""
    return {
        f"{name}.schema.json": msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"
        for name, schema in schemas(manifests).items()
    }


def _of(kind: Any) -> dict[str, Any]:
    (root,), components = msgspec.json.schema_components(
        [kind], schema_hook=_hook, ref_template="#/$defs/{name}"
    )
    return {**_tidy(root), "$defs": {name: _tidy(one) for name, one in components.items()}}


def block(manifest: Manifest) -> dict[str, Any]:
    """What the `config` block of one connector takes."""
    return _of(manifest.config)


def _hook(kind: type) -> dict[str, Any]:
    if kind is Secret:
        return dict(_SECRET)
    raise NotImplementedError(kind)


def _tidy(node: Any) -> Any:
    """Units as the texts that people write, indented docstrings as one paragraph, tuples as lists."""
    if isinstance(node, list | tuple):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    if (unit := node.get("x-unit")) is not None:
        return _unit(node, unit)
    tidy = {key: _tidy(value) for key, value in node.items() if key != "x-expand"}
    if isinstance(text := tidy.get("description"), str):
        tidy["description"] = " ".join(text.split())
    return tidy


def _unit(node: dict[str, Any], unit: str) -> dict[str, Any]:
    spell: Any = spell_size if unit == "size" else spell_duration
    said: dict[str, Any] = {"type": "string", "pattern": SIZE_PATTERN if unit == "size" else DURATION_PATTERN}
    return said | {"default": spell(node["default"])} if "default" in node else said


def _channels(manifests: list[Manifest]) -> dict[str, Any]:
    """Every channel, with its `config` block as its connector wants it."""
    schema = _of(dict[str, Channel])
    channel = schema["$defs"]["Channel"]
    rules = []
    for manifest in manifests:
        inner = _of(manifest.config)
        schema["$defs"] |= {
            f"{manifest.id}.{name}": _renamed(one, manifest.id) for name, one in inner.pop("$defs").items()
        }
        rules.append(
            {
                "if": {"properties": {"connector": {"const": manifest.id}}},
                "then": {"properties": {"config": _renamed(inner, manifest.id)}},
            }
        )
    channel["properties"]["connector"]["examples"] = [manifest.id for manifest in manifests]
    channel["allOf"] = rules
    return schema


def _renamed(node: Any, prefix: str) -> Any:
    """The node with its references led to `prefix`'s definitions, so that two connectors may use one name."""
    if isinstance(node, list):
        return [_renamed(item, prefix) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: value.replace("#/$defs/", f"#/$defs/{prefix}.") if key == "$ref" else _renamed(value, prefix)
        for key, value in node.items()
    }


def main() -> None:
    """Write the files."""
    from config.catalogue import tree

    FOLDER.mkdir(exist_ok=True)
    for name, text in texts(tree()).items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
