"""The image and the compose file say what the program understands. No engine runs here: the files themselves are judged."""

import json
import re
import tomllib
from typing import Any

import msgspec
import pytest
import yaml

from config.settings import ALL_ROLES, Parley
from tests.house import tree


def _compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((tree.ROOT / "compose.yaml").read_text("utf-8"))
    return read


def _steps() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile with its arguments, continued lines joined, comments left out."""
    text = (tree.ROOT / "Dockerfile").read_text("utf-8")
    lines = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def _last_stage() -> dict[str, str]:
    steps = _steps()
    start = max(number for number, (step, _) in enumerate(steps) if step == "FROM")
    return dict(steps[start:])


def test_the_image_runs_without_root_and_tells_its_health() -> None:
    stage = _last_stage()
    assert stage["USER"] == "10001:10001"
    assert json.loads(stage["ENTRYPOINT"]) == ["parley"]
    assert json.loads(stage["CMD"]) == ["serve"]
    assert json.loads(stage["HEALTHCHECK"].partition("CMD ")[2]) == ["parley", "healthcheck"]


def test_the_image_is_built_from_what_is_there_and_let_in() -> None:
    let_in = {
        line[1:] for line in (tree.ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[:1] == "!"
    }
    copied = {
        name
        for step, rest in _steps()
        if step == "COPY" and "--from" not in rest
        for name in rest.split()[:-1]
    }
    assert copied == let_in
    assert all((tree.ROOT / name).exists() for name in copied)


def test_every_room_is_in_the_image() -> None:
    copied = {rest.split()[0] for step, rest in _steps() if step == "COPY" and "--from" not in rest}
    assert set(tree.ROOMS) <= copied


def test_what_is_installed_in_the_image_is_hashed() -> None:
    commands = [part for step, rest in _steps() if step == "RUN" for part in rest.split("&&")]
    installs = [part for part in commands if re.search(r"\bpip\b.*\b(install|wheel|download)\b", part)]
    fetching = [part for part in installs if "--no-index" not in part]
    assert len(fetching) == 1
    assert "--require-hashes" in fetching[0]


@pytest.mark.parametrize("name", ["embedded", "scaled"])
def test_the_settings_in_compose_are_settings(name: str) -> None:
    text = _compose()["configs"][name]["content"].replace("$$", "$")
    settings = msgspec.convert(yaml.safe_load(text), Parley)
    assert settings.store.partition(":")[0] == {"embedded": "sqlite", "scaled": "postgresql"}[name]


def test_the_roles_are_split_without_rest() -> None:
    services = _compose()["services"]
    roles = {
        name: service["command"][-1]
        for name, service in services.items()
        if "--roles" in service.get("command", [])
    }
    assert roles == {role: role for role in ALL_ROLES}
    assert all(services[name]["profiles"] == ["scaled"] for name in [*roles, "postgres", "redis"])
    assert services["parley"]["profiles"] == ["embedded"]


def test_ports_are_published_on_loopback_only() -> None:
    published = [port for service in _compose()["services"].values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_redis_refuses_rather_than_forgets() -> None:
    command = " ".join(_compose()["services"]["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_the_version_of_the_image_is_the_version_of_the_project() -> None:
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert _compose()["services"]["parley"]["image"] == f"parley:${{PARLEY_VERSION:-{project['version']}}}"
