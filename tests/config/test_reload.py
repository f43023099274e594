"""Reloading on a real journal: everything or nothing, followed by every process at the same number."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.active import Active, NoConfig
from config.catalogue import Catalogue
from config.load import load
from config.references import Sources
from config.reload import Reloader, changed_keys
from config.settings import Parley
from stream import reads
from stream.bus import open_bus
from stream.events import ConfigApplied
from stream.journal import Journal
from stream.store import open_store
from tests.bench.rules import measure
from tests.config.conftest import CANARY, ENVIRONMENT, HERE

KEY = bytes(32)


@dataclass
class House:
    """A journal, files, and a process that follows."""

    journal: Journal
    folder: Path
    catalogue: Catalogue
    reloader: Reloader

    def active(self, environment: dict[str, str]) -> Active:
        return Active(self.journal, Sources(environment=environment, folder=self.folder), self.catalogue)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)


@pytest.fixture
async def house(tmp_path: Path, folder: Path, catalogue: Catalogue) -> AsyncIterator[House]:
    store, bus = open_store(f"sqlite:///{tmp_path}/parley.db"), open_bus("memory:")
    await store.open()
    await bus.open()
    journal = Journal(store, bus)
    await journal.open()
    reloader = Reloader(
        journal, folder, dict(ENVIRONMENT), catalogue, KEY, load(folder, ENVIRONMENT, catalogue).parley
    )
    yield House(journal, folder, catalogue, reloader)
    await journal.close()
    await bus.close()
    await store.close()


async def test_the_first_one_is_applied_and_the_same_again_is_not(house: House) -> None:
    first = await house.reloader.reload("test")
    again = await house.reloader.reload("test")
    assert (first.version, first.changed, first.errors) == (1, True, ())
    assert (again.version, again.hash, again.changed) == (1, first.hash, False)


@pytest.mark.parametrize(
    "name", ["team-unknown-skill", "routing-unknown-queue", "channels-own-check", "parley-tab"]
)
async def test_a_bad_file_changes_nothing_and_says_why(house: House, name: str) -> None:
    await house.reloader.reload()
    before = (house.journal.head, await reads.agents(house.journal.store))
    shutil.copyfile(HERE / f"broken/{name}.yaml", house.folder / f"{name.partition('-')[0]}.yaml")
    outcome = await house.reloader.reload()
    assert outcome.errors
    assert outcome.errors[0].startswith(f"{house.folder}/{name.partition('-')[0]}.yaml:")
    assert (house.journal.head, await reads.agents(house.journal.store)) == before


async def test_an_agent_taken_out_is_drained_and_not_deleted(house: House) -> None:
    await house.reloader.reload()
    house.write("team.yaml", "teams: {front: {queues: [support]}}\nagents: {sam: {teams: [front]}}\n")
    await house.reloader.reload()
    assert {agent.id: agent.active for agent in await reads.agents(house.journal.store)} == {
        "ann": False,
        "sam": True,
    }


async def test_a_follower_changes_with_the_journal_and_tells_its_listeners(house: House) -> None:
    await house.reloader.reload()
    active, told = house.active(ENVIRONMENT), []

    async def listener(now: Active) -> None:
        told.append((now.version, len(now.house.agents)))

    async def broken(_now: Active) -> None:
        raise RuntimeError("a listener's defect")

    active.listen(broken)
    active.listen(listener)
    await active.open()
    following = asyncio.ensure_future(active.follow())
    assert (active.version, active.house.plan.hash) == (1, active.hash)
    house.write("team.yaml", (house.folder / "team.yaml").read_text() + "  eve: {}\n")
    outcome = await house.reloader.reload()
    assert await active.wait_for(outcome.version, 5.0)
    assert told == [(2, 3)]
    assert active.hash == outcome.hash == active.house.plan.hash
    following.cancel()


async def test_what_was_applied_before_following_began_is_not_missed(house: House) -> None:
    await house.reloader.reload()
    active = house.active(ENVIRONMENT)
    await active.open()
    house.write("team.yaml", (house.folder / "team.yaml").read_text() + "  eve: {}\n")
    await house.reloader.reload()
    following = asyncio.ensure_future(active.follow())
    assert await active.wait_for(2, 5.0)
    following.cancel()


async def test_a_process_without_the_secret_stays_behind_and_says_why(house: House) -> None:
    await house.reloader.reload()
    active = house.active({"DESK_TOKEN": "x"})
    await active.open()
    following = asyncio.ensure_future(active.follow())
    house.write(
        "channels.yaml", (house.folder / "channels.yaml").read_text().replace("DESK_TOKEN", "OTHER_TOKEN")
    )
    (house.folder / "token").write_text(CANARY)
    house.reloader = Reloader(
        house.journal, house.folder, {**ENVIRONMENT, "OTHER_TOKEN": CANARY}, house.catalogue, KEY, Parley()
    )
    outcome = await house.reloader.reload()
    assert (outcome.version, outcome.errors) == (2, ())
    assert not await active.wait_for(2, 5.0)
    assert active.behind == "version 2 cannot be used here: " + f"configuration {outcome.hash[:12]}: " + (
        "the environment variable OTHER_TOKEN is not set"
    )
    assert active.version == 1
    following.cancel()


async def test_a_new_secret_behind_the_same_reference_is_a_new_version(house: House) -> None:
    await house.reloader.reload()
    other = Reloader(
        house.journal, house.folder, {**ENVIRONMENT, "DESK_TOKEN": "new"}, house.catalogue, KEY, Parley()
    )
    assert (await other.reload()).version == 2


async def test_no_secret_is_in_the_journal_or_the_database(house: House, tmp_path: Path) -> None:
    await house.reloader.reload()
    events = await house.journal.read(0, 100)
    assert any(isinstance(recorded.event, ConfigApplied) for recorded in events)
    assert CANARY not in repr(events)
    await house.journal.close()
    assert CANARY.encode() not in b"".join(path.read_bytes() for path in sorted(tmp_path.glob("parley.db*")))  # noqa: ASYNC240  # small, local


async def test_reloads_come_one_after_the_other(house: House) -> None:
    outcomes = await asyncio.gather(*(house.reloader.reload() for _ in range(5)))
    assert [outcome.version for outcome in outcomes] == [1] * 5
    assert sum(outcome.changed for outcome in outcomes) == 1


async def test_before_the_first_one_there_is_nothing_to_follow(house: House) -> None:
    with pytest.raises(NoConfig, match="run `parley reload`"):
        await house.active(ENVIRONMENT).open()


def test_keys_that_need_a_restart() -> None:
    assert changed_keys(Parley(), Parley(visibility="all")) == ()
    assert changed_keys(Parley(), Parley(listen="127.0.0.1:1", drain=1.0)) == ("listen", "drain")


async def test_a_thousand_rules_are_live_soon() -> None:
    """Six thousand lines: a second on an idle machine (`make bench` says how long); here only that nothing grows with the square."""
    found = await measure(1_000)
    assert found["lines"] >= 6_000
    assert found["cpu_s"] < 8.0, found
