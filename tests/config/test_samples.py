"""The demo and the fully commented samples load, and the editors' schemas are what the code says and accept them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from config import schema
from config.catalogue import installed, tree
from config.demo import stage
from config.keys import new_key
from config.load import load
from config.opening import DEMO
from config.settings import Limits, Log, Parley, Person, Retention, Sessions, Team
from config.yaml_positions import Mapping, parse, plain

SAMPLE = DEMO.parent / "sample"
PAGE = DEMO.parents[1] / "docs" / "routing.md"
COOKBOOK = [
    yaml.safe_load(block)
    for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
]
WEBHOOK_SECRET = "whsec_c2VjcmV0IG9mIHRoZSBzYW1wbGUgYW5kIG9mIG5vYm9keQ=="
ENVIRONMENT = {
    stage.SECRET: WEBHOOK_SECRET,
    stage.PARTNER: stage.NOWHERE,
    "PARTNER_SECRET": WEBHOOK_SECRET,
    "PARTNER_SEND_SECRET": WEBHOOK_SECRET,
    "SHOP_CHAT_SECRET": "a secret of the shop's own site",
    "MAIL_PASSWORD": "not a real password",
    "MAIL_CLIENT_SECRET": "not a real secret",
    "MAIL_REFRESH_TOKEN": "not a real token",
    "MAIL_HOOK_PASSWORD": "not a real password",
    "MAIL_HOOK_KEY": "not a real key",
    "MAIL_DKIM_KEY": "not a real key",
    "TELEGRAM_SECRET": "not-a-real-secret",
    "PARLEY_KEY": new_key(),
}


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """The sample with its one secret file."""
    shutil.copytree(SAMPLE, tmp_path / "etc")
    (tmp_path / "etc/secrets").mkdir()
    (tmp_path / "etc/secrets/telegram-token").write_text("123456:ABC-DEF-not-a-real-token\n")
    return tmp_path / "etc"


def test_the_sample_loads_without_a_warning(sample: Path) -> None:
    found = load(sample, ENVIRONMENT, installed())
    assert [str(warning) for warning in found.warnings] == []
    assert set(found.house.channels) == {"website", "support-mail", "bot", "partner-api", "try-it"}
    assert not found.house.channels["try-it"].enabled


def test_the_sample_shows_the_defaults(sample: Path) -> None:
    found = load(sample, ENVIRONMENT, installed())
    differing = {
        name
        for name in Parley.__struct_fields__
        if name != "include" and getattr(found.parley, name) != getattr(Parley(), name)
    }
    assert differing == set()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ((), Parley),
        (("sessions",), Sessions),
        (("limits",), Limits),
        (("log",), Log),
        (("retention",), Retention),
    ],
)
def test_the_sample_names_every_key_of_parley_yaml(path: tuple[str, ...], kind: Any) -> None:
    assert keys(SAMPLE / "parley.yaml", path) == set(kind.__struct_encode_fields__)


def test_the_sample_names_every_key_of_team_yaml() -> None:
    team = SAMPLE / "team.yaml"
    assert keys(team, ("teams", "support-eu")) == set(Team.__struct_encode_fields__)
    person, bot = keys(team, ("agents", "kim")), keys(team, ("agents", "faq"))
    assert person | bot == set(Person.__struct_encode_fields__)


@pytest.mark.parametrize(
    ("channel", "inner"),
    [
        ("website", ()),
        ("support-mail", ()),
        ("support-mail", ("imap",)),
        ("support-mail", ("smtp",)),
        ("bot", ()),
        ("partner-api", ()),
    ],
)
def test_the_sample_names_every_key_of_each_connector(channel: str, inner: tuple[str, ...]) -> None:
    connector = plain(parse((SAMPLE / "channels.yaml").read_bytes(), "c"))[channel]["connector"]
    config = next(manifest.config for manifest in tree() if manifest.id == connector)
    for name in inner:
        config = msgspec.structs.fields(config)[config.__struct_fields__.index(name)].type.__args__[0]
    assert keys(SAMPLE / "channels.yaml", (channel, "config", *inner)) == set(config.__struct_encode_fields__)


def keys(file: Path, path: tuple[str, ...]) -> set[str]:
    node = parse(file.read_bytes(), file.name)
    for part in path:
        assert isinstance(node, Mapping)
        node = node.entries[part].node
    assert isinstance(node, Mapping)
    return set(node.entries)


def test_the_demo_loads_without_a_warning() -> None:
    found = load(DEMO, ENVIRONMENT, installed())
    assert [str(warning) for warning in found.warnings] == []
    assert {channel.connector for channel in found.house.channels.values()} == {"webchat", "webhook", "echo"}


# --- schemas


def test_the_schemas_are_up_to_date() -> None:
    for name, text in schema.texts(tree()).items():
        assert (schema.FOLDER / name).read_text("utf-8") == text, "run `python -m config.schema`"


@pytest.mark.parametrize("name", ["parley", "channels", "team", "routing"])
@pytest.mark.parametrize("folder", [SAMPLE, DEMO], ids=["sample", "demo"])
def test_the_schemas_accept_the_files(name: str, folder: Path) -> None:
    validator(name).validate(plain(parse((folder / f"{name}.yaml").read_bytes(), name)))


def test_the_schema_accepts_the_cookbook() -> None:
    """Every sample of docs/routing.md, with what the first one says besides."""
    judge = validator("routing")
    house = COOKBOOK[0]
    assert len(COOKBOOK) > 25
    for sample in COOKBOOK:
        judge.validate({**house, **sample})


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("parley", "lisen: 1", []),
        ("parley", "sessions: {idle: 5}", ["sessions", "idle"]),
        (
            "parley",
            "channels: {a: {connector: webchat, config: {colour: red}}}",
            ["channels", "a", "config", "colour"],
        ),
        ("channels", "a: {connector: webhook, config: {secrets: [hunter2]}}", ["a", "config", "secrets", 0]),
        (
            "channels",
            "a: {connector: email, config: {address: a@b.example, imap: {host: x}}}",
            ["a", "config", "imap"],
        ),
        ("team", "agents: {ann: {skills: {a: 9}}}", ["agents", "ann", "skills", "a"]),
        ("routing", "queues: {}\nrules: [{name: a}]", ["rules", 0]),
    ],
)
def test_the_schemas_refuse_what_the_program_refuses(name: str, text: str, where: list[str | int]) -> None:
    found = [best(error) for error in validator(name).iter_errors(yaml.safe_load(text))]
    assert where in [list(error.absolute_path) for error in found]


def validator(name: str) -> Any:
    document = msgspec.json.decode((schema.FOLDER / f"{name}.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


def best(error: Any) -> Any:
    """The deepest reason below a choice of several schemas."""
    return max(
        (best(inner) for inner in error.context or []), key=lambda one: len(one.absolute_path), default=error
    )
