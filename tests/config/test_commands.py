"""The `parley` command beside a running server and without one: every verb, from the outside."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from config.main import COMMANDS
from config.opening import DEMO
from tests.config.conftest import CANARY
from tests.config.served import parley, served

EVENT = {
    "type": "message",
    "conversation": "c1",
    "from": {"id": "u1", "name": "Uwe"},
    "text": "Meine Rechnung stimmt nicht",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A server on a copy of the demo, with one conversation and one dead letter; `run` is the command on it."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(DEMO, folder / "etc", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    secret = "whsec_c2VjcmV0IG9mIHRoZSBzYW1wbGUgYW5kIG9mIG5vYm9keQ=="
    place: list[str | Path] = ["--config", folder / "etc", "--data", folder / "data"]
    known = {"PARLEY_DEMO_WEBHOOK_SECRET": secret, "PARLEY_DEMO_PARTNER": "127.0.0.1:9"}
    with served("--config", folder / "etc", "--data", folder / "data", "--port", "0", **known) as server:
        assert server.hook("partner-api", secret, {**EVENT, "id": "m1"})[0] == 200
        assert server.hook("partner-api", secret, [{**EVENT, "id": "m2"}, {"type": "message"}])[0] == 200

        def run(*args: str, code: int | None = 0) -> str:
            return parley(*args, *place, code=code, env=known)

        yield SimpleNamespace(server=server, run=run, folder=folder, secret=secret, place=place, known=known)


def test_help_names_every_verb() -> None:
    said = parley("--help")
    for name in COMMANDS:
        assert re.search(rf"^    {name}\s", said, re.MULTILINE), name
        assert "usage: parley" in parley(name, "--help")


def test_version_and_key() -> None:
    assert parley("version").startswith("parley ")
    assert parley("key") != parley("key")


def test_no_configuration_at_all(tmp_path: Path) -> None:
    said = parley("check", cwd=tmp_path, code=2)
    assert (
        said
        == "parley: no configuration: name one with --config, add --demo for the demo's, or try `parley serve --demo`\n"
    )


def test_check_says_what_is_right_and_what_is_wrong(tmp_path: Path, folder: Path) -> None:
    assert "3 channels, 3 queues, 10 rules, 6 agents" in parley("check", "--demo", "--data", tmp_path)
    (folder / "parley.yaml").write_text("lisen: 1\n")
    said = parley("check", folder, code=2)
    assert f'{folder}/parley.yaml:1:1: unknown key "lisen" (did you mean "listen"?)' in said.splitlines()
    found = json.loads(parley("check", folder, "--json", code=2))
    assert {
        "file": f"{folder}/parley.yaml",
        "line": 1,
        "column": 1,
        "message": 'unknown key "lisen"',
        "suggestion": "listen",
    } in found["errors"]


def test_check_never_shows_a_secret(tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path / "etc", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    said = parley(
        "check",
        tmp_path / "etc",
        code=2,
        env={"PARLEY_DEMO_WEBHOOK_SECRET": CANARY, "PARLEY_DEMO_PARTNER": "127.0.0.1:9"},
    )
    assert "channels.yaml" in said
    assert CANARY not in said


def test_users(house: SimpleNamespace) -> None:
    run = house.run
    said = run("user", "add", "zoe", "--role", "supervisor", "--name", "Zoe")
    link = re.search(r"(http\S+)/sign-in#(\S+)", said)
    assert link is not None
    assert link[1] == house.server.base
    body = json.dumps({"token": link[2]}).encode()
    assert house.server.ask("/api/v1/session/link", "POST", body, Origin=house.server.base)[0] == 200
    assert "there is an account zoe already" in run("user", "add", "zoe", code=1)
    assert "is not a login" in run("user", "add", "Zo e", code=1)
    assert re.search(r"^zoe +supervisor +Zoe", run("user", "list"), re.MULTILINE)
    assert "127.0.0.1" in run("user", "sessions", "zoe")
    assert "every session of zoe is over" in run("user", "sessions", "zoe", "--end")
    assert run("user", "sessions", "zoe") == ""
    assert "/sign-in#" in run("user", "password", "zoe")
    assert "zoe is shut out" in run("user", "disable", "zoe")
    assert "zoe may sign in again" in run("user", "enable", "zoe")
    assert "there is no account nobody" in run("user", "disable", "nobody", code=1)


def test_tokens(house: SimpleNamespace) -> None:
    run, server = house.run, house.server
    assert run("token", "list") == "there are none\n"
    said = run("token", "add", "admin", "--name", "script", "--expires", "90d")
    ident, secret = re.findall(r"^(tok_\w+) \(shown once\): (parley_\S+)$", said, re.MULTILINE)[0]
    assert server.ask("/api/v1/config", Authorization=f"Bearer {secret}")[0] == 200
    listed = run("token", "list")
    assert ident in listed
    assert secret not in listed
    assert f"{ident} is over" in run("token", "revoke", ident)
    assert server.ask("/api/v1/config", Authorization=f"Bearer {secret}")[0] == 401
    assert "there is no token" in run("token", "revoke", ident, code=1)
    assert "--expires: expected a duration" in run(
        "token", "add", "admin", "--name", "x", "--expires", "9", code=1
    )


def test_dead_letters(house: SimpleNamespace) -> None:
    run = house.run
    letter = re.findall(r"^(dead_\w+) .* in +partner-api", run("dead", "list"), re.MULTILINE)[0]
    assert "raw bytes" in run("dead", "show", letter)
    assert '"type": "message"}]' in run("dead", "show", letter, "--raw")
    assert f"{letter}: still dead: " in run("dead", "replay", letter, code=1)
    assert f"{letter}: still dead: " in run("dead", "replay", "--channel", "partner-api", code=1)
    assert f"{letter} is dropped" in run("dead", "drop", letter)
    assert run("dead", "list") == "there are none\n"
    assert "there is no dead letter" in run("dead", "show", letter, code=1)
    assert "There is no dead letter" in run("dead", "replay", letter, code=1)
    assert "name one letter, or a channel" in run("dead", "replay", code=1)


def test_channels(house: SimpleNamespace) -> None:
    assert re.search(r"^website +webchat +Website chat$", house.run("channels", "list"), re.MULTILINE)
    said = house.run("channels", "health")
    assert [line.split()[:2] for line in said.splitlines()] == [
        ["ok", "website:"],
        ["ok", "partner-api:"],
        ["ok", "echo:"],
    ]
    assert '"send_secrets"' in parley("channels", "show", "webhook")
    assert "did you mean" in parley("channels", "show", "webhok", code=1)


def test_explain(house: SimpleNamespace) -> None:
    token = re.findall(r"(parley_\S+)$", house.run("token", "add", "admin", "--name", "x"), re.MULTILINE)[0]
    items = house.server.ask("/api/v1/conversations?view=all", Authorization=f"Bearer {token}")[1]["items"]
    said = house.run("explain", items[0]["id"])
    assert "conversation.queued" in said
    assert "everybody now" in said
    again = house.run("explain", items[0]["id"], "--verify")
    assert re.search(
        r"decided again from what is stored: [1-9]\d* agree, 0 differ, \d+ cannot be told", again
    )
    told = json.loads(house.run("explain", items[0]["id"], "--json", "--full"))
    assert told["decisions"][0]["type"] == "conversation.queued"
    assert {agent["name"] for agent in told["now"]["agents"]} == {
        "Admin",
        "Anna",
        "Ben",
        "Carmen",
        "Dora",
        "Marta",
    }
    assert "there is no conversation cnv_x" in house.run("explain", "cnv_x", code=1)


def test_replay(house: SimpleNamespace, tmp_path: Path) -> None:
    """What came is played under the active rules and under the file's; the journal stays as it is."""
    changed = tmp_path / "routing.yaml"
    changed.write_text((house.folder / "etc" / "routing.yaml").read_text())
    found = json.loads(house.run("replay", str(changed), "--since", "1d", "--json"))
    assert found["recorded"]["overall"]["conversations"] == 1
    assert found["moved"]["rule"] == 0
    assert found["before"]["rules"] == found["after"]["rules"]
    drawn = tmp_path / "drawn.svg"
    assert "another agent: 0 conversations" in house.run("replay", str(changed), "--plot", str(drawn))
    assert drawn.read_text().startswith("<svg")
    changed.write_text("rules: 1\n")
    assert f"{changed}:1:8: " in house.run("replay", str(changed), code=2)
    assert "nothing came" in house.run(
        "replay", str(house.folder / "etc" / "routing.yaml"), "--since", "0s", code=1
    )
    assert "is not a duration" in house.run(
        "replay", str(house.folder / "etc" / "routing.yaml"), "--since", "7", code=2
    )


def test_staff_from_what_was_recorded(house: SimpleNamespace, tmp_path: Path) -> None:
    drawn = tmp_path / "staff.svg"
    said = house.run("staff", "--since", "1d", "--plot", str(drawn), "--set", "judge=200")
    (hour,) = json.loads(said)["hours"].values()
    assert hour["total"] >= 1
    assert drawn.read_text().startswith("<svg")
    assert "there is nothing to count" in house.run("staff", "--since", "0s", code=1)
    assert "is not a duration" in house.run("staff", "--since", "7", code=2)
    assert "name a file of volumes, or --since" in house.run("staff", code=2)
    assert 'unknown key "juge"' in house.run("staff", "--since", "1d", "--set", "juge=3", code=2)


def test_doctor(house: SimpleNamespace) -> None:
    said = house.run("doctor")
    for about in ("database", "master key", "clock", "router", "bus", "channel website", "server"):
        assert re.search(rf"^ok +{about}: ", said, re.MULTILINE), said
    found = [json.loads(line) for line in house.run("doctor", "--json").splitlines()]
    assert {"about", "state", "sentence"} == set(found[0])
    assert house.secret not in said


def test_doctor_fails_with_another_key(house: SimpleNamespace) -> None:
    said = parley("doctor", *house.place, code=1, env={**house.known, "PARLEY_KEY": parley("key").strip()})
    assert re.search(r"^fail +master key: .* was sealed under the master key", said, re.MULTILINE)


def test_healthcheck(house: SimpleNamespace) -> None:
    listen = house.server.base.removeprefix("http://")
    assert parley("healthcheck", "--listen", listen) == ""
    assert parley("healthcheck", "--listen", listen, "--live") == ""
    assert "refused" in parley("healthcheck", "--listen", "127.0.0.1:1", code=1)
    assert "expected HOST:PORT" in parley("healthcheck", "--listen", "x", code=2)


def test_migrate(house: SimpleNamespace) -> None:
    assert "the schema is up to date" in house.run("migrate")


def test_reload(house: SimpleNamespace) -> None:
    run, server, team = house.run, house.server, house.folder / "etc/team.yaml"
    assert "version 1 " in run("reload")
    right = team.read_text()
    team.write_text(right + "  eve:\n    name: Eve\n    teams: [frontlin]\n")
    said = run("reload", code=2)
    assert 'unknown team "frontlin" (did you mean "frontline"?)' in said
    assert server.ask("/readyz")[1]["config_version"] == 1
    team.write_text(right + "  eve:\n    name: Eve\n    teams: [frontline]\n")
    assert "version 2 " in run("reload")
    assert server.ask("/readyz")[1]["config_version"] == 2
    team.write_text(right)
    assert "version 3 " in run("reload")


def test_reload_says_what_needs_a_restart(house: SimpleNamespace) -> None:
    file = house.folder / "etc/parley.yaml"
    right = file.read_text()
    file.write_text(right + "drain: 5s\n")
    assert "these take effect with the next start: drain" in house.run("reload")
    file.write_text(right)


def test_backup_and_restore(house: SimpleNamespace, tmp_path: Path) -> None:
    said = house.run("backup", str(tmp_path / "b"))
    assert "is not in it: keep it apart" in said
    assert not [path.name for path in (tmp_path / "b").glob("parley.db-*")]
    assert "is not empty" in house.run("backup", str(tmp_path / "b"), code=1)
    assert "intact" in parley("restore", tmp_path / "b", "--verify")
    everything = b"".join(path.read_bytes() for path in (tmp_path / "b").rglob("*") if path.is_file())
    assert (house.folder / "data/master.key").read_bytes().strip() not in everything

    place = ["--config", house.folder / "etc", "--data", tmp_path / "new"]
    said = parley("restore", tmp_path / "b", *place, env=house.known)
    assert "belongs to the master key" in said
    assert not (tmp_path / "new/master.key").exists()
    assert "exists already" in parley("restore", tmp_path / "b", *place, code=1, env=house.known)
    shutil.copy(house.folder / "data/master.key", tmp_path / "new/master.key")
    with served(*place, "--port", "0", **house.known) as restored:
        again = restored.hook("partner-api", house.secret, {**EVENT, "id": "m1"})
        assert again == house.server.hook("partner-api", house.secret, {**EVENT, "id": "m1"})
        assert epoch_of(tmp_path / "new") != epoch_of(house.folder / "data")


def epoch_of(data: Path) -> str:
    with sqlite3.connect(f"file:{data}/parley.db?mode=ro", uri=True) as connection:
        epoch = str(connection.execute("SELECT epoch FROM journal_head").fetchone()[0])
    connection.close()
    return epoch


def test_a_damaged_backup_is_told(house: SimpleNamespace, tmp_path: Path) -> None:
    house.run("backup", str(tmp_path / "b"))
    database = tmp_path / "b/parley.db"
    database.write_bytes(database.read_bytes()[:-4096] + b"\0" * 4096)
    said = parley("restore", tmp_path / "b", "--verify", code=1)
    assert "parley.db: has changed since the backup" in said
    assert "is not a backup" in parley("restore", tmp_path, "--verify", code=1)


def test_a_command_before_the_first_start(tmp_path: Path) -> None:
    said = parley("user", "list", "--demo", "--data", tmp_path / "d", code=1)
    assert "there is no database yet" in said
    assert "`parley serve` makes it" in said


def test_roles_need_a_database_for_many(tmp_path: Path) -> None:
    said = parley("serve", "--demo", "--data", tmp_path, "--roles", "router", code=2)
    assert "a SQLite database belongs to one process" in said
    assert "expected some of connectors, router, inbox" in parley("serve", "--roles", "ruter", code=2)


def test_the_environment_stands_between_flags_and_files(tmp_path: Path) -> None:
    said = parley("serve", "--demo", "--data", tmp_path, code=2, env={"PARLEY_ROLES": "router"})
    assert "a SQLite database belongs to one process" in said
    with served("--demo", PARLEY_DATA=str(tmp_path / "there"), PARLEY_LISTEN="127.0.0.1:0") as server:
        assert server.ask("/readyz")[0] == 200
        assert (tmp_path / "there/parley.db").exists()
    assert "expected HOST:PORT" in parley("serve", "--demo", code=2, env={"PARLEY_LISTEN": "8080"})


def test_every_command_is_documented() -> None:
    text = (DEMO.parent.parent / "docs/configuration.md").read_text()
    for name in COMMANDS:
        assert re.search(rf"^\| `{name}\b", text, re.MULTILINE) or f"`{name} " in text, name


def test_a_person_is_erased_beside_the_running_server(house: SimpleNamespace) -> None:
    run = house.run
    with sqlite3.connect(f"file:{house.folder}/data/parley.db?mode=ro", uri=True) as connection:
        ((contact,),) = connection.execute("SELECT contact FROM identity LIMIT 1")
    assert "add --yes" in run("contact", "erase", contact, code=1)
    assert "there is no contact nobody" in run("contact", "erase", "nobody", "--yes", code=1)
    assert re.match(r"[1-9]\d* contents, [1-9]\d* raw inputs", run("contact", "erase", contact, "--yes"))
    with sqlite3.connect(f"file:{house.folder}/data/parley.db?mode=ro", uri=True) as connection:
        kept = str(connection.execute("SELECT body FROM content").fetchall())
        raw = str(connection.execute("SELECT raw FROM inbound WHERE raw IS NOT NULL").fetchall())
    assert "Uwe" not in kept + raw
    assert "Meine Rechnung" not in kept + raw


def test_what_an_option_asks_for_is_blamed_on_the_option(tmp_path: Path) -> None:
    place: list[str | Path] = ["--data", tmp_path]
    assert "--port: expected a port from 0 to 65535; got '99999'" in parley(
        "serve", "--demo", *place, "--port", "99999", code=2
    )
    assert "--listen: expected HOST:PORT" in parley("serve", "--demo", *place, "--listen", "a:99999", code=2)
    said = parley("serve", "--demo", *place, "--roles", "router", code=2)
    assert said.startswith(
        "parley: --roles router (or PARLEY_ROLES): roles in several processes need a PostgreSQL store"
    ), said
