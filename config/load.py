"""Files to a checked configuration: everything typed, everything cross-checked, all faults of all files at once.

Two halves: how this process runs (`Parley`, from its own files) and the house that all processes share (`House`: channels, team,
routing, visibility), which travels as a bundle without secrets and is read back from it by `revive`.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Any, Literal

import msgspec

from config import crosscheck
from config.catalogue import BadConnector, Catalogue
from config.errors import ConfigError, Mark, Problem
from config.files import SECTIONS, Files, read_files, read_section
from config.leaves import BROKEN
from config.mending import Mended, true_of_all
from config.references import Sources
from config.settings import ALL_ROLES, Channels, Parley, ProcessRole, TeamFile
from config.shape import Shape
from config.yaml_positions import Mapping, Node, lift, plain
from connectors.contract import Manifest
from router.canary import Canary
from router.plan import Plan
from router.routing import Routing
from stream.commands import AgentFacts

ENDED = "canary_ended"
"""The key of a bundle that says why a canary was given up."""
_KINDS: dict[str, Any] = {"channels": Channels, "team": TeamFile, "routing": Routing}
MIN_REDACTED = 4
"""A shorter secret would blot out ordinary words."""


class House(msgspec.Struct, frozen=True, kw_only=True):
    """What all processes share and what a reload replaces at once. Each channel's `config` is its connector's typed struct."""

    visibility: Literal["default", "all"]
    channels: Channels
    manifests: dict[str, Manifest]
    team: TeamFile
    routing: Routing
    plan: Plan
    agents: tuple[AgentFacts, ...]


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration that is right as a whole. `secrets` are all values that must never be shown."""

    parley: Parley
    house: House
    files: Files
    secrets: tuple[str, ...]
    warnings: tuple[Problem, ...]

    def bundle(self, key: bytes) -> tuple[dict[str, Any], str]:
        """What the journal keeps, and its hash. Secrets are in it as references; a digest under `key` tells when one has changed."""
        mark = hmac.new(key, "\0".join(self.secrets).encode(), hashlib.sha256).hexdigest()[:16]
        bundle = {
            "visibility": self.house.visibility,
            "channels": plain(self.files.channels),
            "team": plain(self.files.team),
            "routing": plain(self.files.routing),
            "secrets": mark,
        }
        return bundle, digest_of(bundle)


def digest_of(bundle: dict[str, Any]) -> str:
    """A bundle's hash; the order of keys does not count."""
    return hashlib.sha256(msgspec.json.encode(bundle, order="deterministic")).hexdigest()


def load(
    path: Path,
    environment: dict[str, str],
    catalogue: Catalogue,
    *,
    roles: tuple[ProcessRole, ...] | None = ALL_ROLES,
    routing: Path | None = None,
) -> Loaded:
    """The configuration at `path` (file or folder), for a process with `roles` (None: those of the file). Raises `ConfigError`.

    Without the role connectors the channels' own blocks and their secrets are left alone. Such a configuration cannot be applied.
    `routing` is a file that stands for the routing of `path`.
    """
    files = _files(path, routing)
    shape = Shape(Sources(environment=environment, folder=files.folder))
    parley = shape.read(files.main, Parley)
    wanted = roles or (ALL_ROLES if parley is BROKEN else parley.roles)
    checked = _house(shape, files, catalogue, "", blocks="connectors" in wanted)
    if parley is not BROKEN:
        shape.problems += crosscheck.process(parley, files.main)
    secrets = tuple(value for _, value in shape.secrets)
    if shape.problems or checked is None:
        raise ConfigError(_redact(shape.problems, secrets))
    house, warnings = checked
    house = msgspec.structs.replace(house, visibility=parley.visibility)
    return Loaded(parley=parley, house=house, files=files, secrets=secrets, warnings=tuple(warnings))


def _files(path: Path, routing: Path | None) -> Files:
    files = read_files(path)
    return files if routing is None else msgspec.structs.replace(files, routing=read_section(routing))


def sections(path: Path, catalogue: Catalogue, routing: Path | None = None) -> Files:
    """The trees of channels, team and routing, checked together. No secret is asked for: the connectors' own blocks are left alone.

    `routing` is a file that stands for the routing of `path`. Raises `ConfigError`.
    """
    files = _files(path, routing)
    shape = Shape(Sources(environment={}, folder=files.folder))
    if _house(shape, files, catalogue, "", blocks=False) is None:
        raise ConfigError(shape.problems)
    return files


def revive(
    bundle: dict[str, Any],
    sources: Sources,
    catalogue: Catalogue,
    learned: list[str] | None = None,
    *,
    blocks: bool = True,
) -> House:
    """The house of a bundle that was applied before, with this process's secrets (also put into `learned`). Raises `ConfigError`."""
    digest = digest_of(bundle)
    shape = Shape(sources)
    name = f"configuration {digest[:12]}"
    channels, team, routing = (lift(bundle.get(section, {}), name) for section in SECTIONS)
    files = Files(Path(), Mapping(Mark(name), {}), channels, team, routing, ())
    checked = _house(shape, files, catalogue, digest, blocks=blocks)
    secrets = tuple(value for _, value in shape.secrets)
    if learned is not None:
        learned.extend(secrets)
    if shape.problems or checked is None:
        raise ConfigError(_redact(shape.problems, secrets))
    house = checked[0]
    if house.plan.canary is not None:
        plan = msgspec.structs.replace(house.plan, canary=_ended(house.plan.canary, bundle))
        house = msgspec.structs.replace(house, plan=plan)
    return msgspec.structs.replace(house, visibility=bundle.get("visibility", "default"))


def _ended(canary: Canary, bundle: dict[str, Any]) -> Canary:
    """The canary as the bundle says: over or not."""
    before = bundle.get(ENDED)
    if not isinstance(before, dict) or before.get("mark") != canary.mark:
        return canary
    return msgspec.structs.replace(canary, ended=str(before.get("reason", "")) or "given up")


def _house(
    shape: Shape, files: Files, catalogue: Catalogue, digest: str, *, blocks: bool
) -> tuple[House, list[Problem]] | None:
    """The typed house and warnings, or None; faults go into the shape's list."""
    shape.problems += files.left.problems
    kept = {name: kind for name, kind in _KINDS.items() if name not in files.lost}
    typed = {name: shape.read(getattr(files, name), kind) for name, kind in kept.items()}
    if files.lost:
        return None
    if files.left.problems or any(section is BROKEN for section in typed.values()):
        _deeper(shape, files, catalogue, blocks=blocks)
        return None
    return _whole(shape, files, typed, catalogue, digest, blocks=blocks)


def _whole(
    shape: Shape, files: Files, sections: dict[str, Any], catalogue: Catalogue, digest: str, *, blocks: bool
) -> tuple[House, list[Problem]] | None:
    """The house of sections whose shapes are right."""
    channels, team, routing = (sections[name] for name in SECTIONS)
    channels_at, team_at, routing_at = files.channels, files.team, files.routing
    typed, manifests = _connectors(shape, channels, channels_at, catalogue, blocks=blocks)
    if typed is not BROKEN:
        channels = typed  # otherwise what else is wrong is told all the same: the names are known
    whole = crosscheck.Whole(channels, manifests, catalogue.names, team, routing)
    places = crosscheck.Places(channels_at, team_at, routing_at)
    plan, problems = crosscheck.house(whole, places, digest)
    shape.problems += problems
    if plan is None or shape.problems:
        return None
    house = House(
        visibility="default",
        channels=channels,
        manifests=manifests,
        team=team,
        routing=routing,
        plan=plan,
        agents=crosscheck.agents(team, plan),
    )
    # what is active already was looked at before it became so
    return house, [] if digest else crosscheck.warnings(whole, places, plan)


def _deeper(shape: Shape, files: Files, catalogue: Catalogue, *, blocks: bool) -> None:
    """What is wrong besides the shape, as far as the rest of the sections tells."""
    rest = [Mended(getattr(files, name), kind, shape.sources) for name, kind in _KINDS.items()]
    channels, team, routing = rest
    if channels.value is BROKEN:
        return
    _, manifests = _connectors(shape, channels.value, channels.tree, catalogue, blocks=blocks)
    if team.value is BROKEN or routing.value is BROKEN:
        return
    whole = crosscheck.Whole(channels.value, manifests, catalogue.names, team.value, routing.value)
    places = crosscheck.Places(channels.tree, team.tree, routing.tree)
    _, problems = crosscheck.house(whole, places, "", mended=True)
    shape.problems += true_of_all(problems, rest, files.left.texts)


def _connectors(
    shape: Shape, channels: Channels, at: Node, catalogue: Catalogue, *, blocks: bool
) -> tuple[Channels, dict[str, Manifest]]:
    """The channels with their connectors' typed blocks, and the manifests by connector."""
    assert isinstance(at, Mapping)
    manifests: dict[str, Manifest] = {}
    typed: Channels = {}
    for name, channel in channels.items():
        entry = at.entries[name].node
        assert isinstance(entry, Mapping)
        if channel.connector not in catalogue.names:
            shape.problems.append(crosscheck.no_connector(entry, channel.connector, catalogue.names))
            continue
        try:
            manifest = manifests.setdefault(channel.connector, catalogue.manifest(channel.connector))
        except BadConnector as fault:
            mark = crosscheck.mark_at(entry, ("connector",))
            shape.problems.append(Problem(mark, str(fault)))
            continue
        if not blocks:
            typed[name] = msgspec.structs.replace(channel, config=None)
            continue
        block = entry.entries["config"].node if "config" in entry.entries else Mapping(entry.mark, {})
        config = shape.read(block, manifest.config)
        if config is not BROKEN:
            typed[name] = msgspec.structs.replace(channel, config=config)
    return (typed if len(typed) == len(channels) else BROKEN), manifests


def _redact(problems: list[Problem], secrets: tuple[str, ...]) -> list[Problem]:
    """A connector's own check may quote what it refuses; whatever was resolved as a secret becomes stars."""
    shown = []
    for problem in problems:
        message = problem.message
        for secret in secrets:
            if len(secret) >= MIN_REDACTED:
                message = message.replace(secret, "****")
        shown.append(problem._replace(message=message))
    return shown
