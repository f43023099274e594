"""Translation between the rooms' own types."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config import adapters
from config.catalogue import installed
from config.load import load
from config.opening import DEMO
from config.settings import Limits, Parley, Retention, Sessions
from connectors.health import Report
from inbox.ports import ChannelHealth, Duty, Opening
from router.hours import Hours
from router.plan import Closed, Queue, Shift
from stream.model import Agent
from tests.config.test_samples import ENVIRONMENT, SAMPLE, sample

__all__ = ["sample"]


@pytest.fixture(scope="module")
def demo() -> Any:
    """What is active, as far as the adapters look at it."""
    return SimpleNamespace(house=load(DEMO, ENVIRONMENT, installed()).house, version=3, hash="abc")


def test_the_house_as_people_see_it(demo: Any) -> None:
    facts = adapters.house_facts(demo)
    found = facts()
    assert (found.version, found.hash, found.visibility) == (3, "abc", "default")
    assert {queue.id: (queue.name, queue.team) for queue in found.queues} == {
        "support": ("Support", ""),
        "billing": ("Billing", "accounts"),
        "sales": ("Sales", "frontline"),
    }
    assert found.tags == ("billing", "technical", "sales", "urgent", "vip", "refund", "late")
    channel = found.channel("partner-api")
    assert channel is not None
    assert (channel.connector, channel.name, channel.max_body) == ("webhook", "Partner API", 8_388_608)
    assert list(channel.capabilities["transports"]) == ["webhook"]
    assert facts() is found


def test_the_clock_is_asked_again_when_duty_changes_or_another_file_is_active() -> None:
    week: Any = (((540, 1020),),) * 7
    hours = Hours(zone=ZoneInfo("UTC"), week=week)
    shift = Shift(name="day", hours=hours, agents=frozenset({"ann"}), teams=frozenset())
    active = SimpleNamespace(house=SimpleNamespace(plan=SimpleNamespace(shifts=(shift,))), version=1)
    now = [8 * 3_600.0]
    duty_of = adapters.duty_of(active, lambda: now[0])  # type: ignore[arg-type]  # as much of it as is looked at
    ann, ben = Agent(id="ann"), Agent(id="ben")
    assert duty_of(ann) == Duty(off="off shift", until=9 * 3_600.0)
    assert duty_of(ben) == Duty()
    now[0] = 9 * 3_600.0
    assert duty_of(ann) == Duty(until=17 * 3_600.0)
    active.house.plan.shifts, active.version = (), 2
    assert duty_of(ann) == Duty()


def test_a_queue_is_closed_by_its_hours_until_they_open_or_another_file_is_active() -> None:
    hours = Hours(zone=ZoneInfo("UTC"), week=(((540, 1020),),) * 7)
    queues = {"day": Queue(name="Day", hours=hours), "all": Queue(name="All")}
    active = SimpleNamespace(house=SimpleNamespace(plan=SimpleNamespace(queues=queues)), version=1)
    now = [8 * 3_600.0]
    opening_of = adapters.opening_of(active, lambda: now[0])  # type: ignore[arg-type]  # as much of it as is looked at
    assert opening_of("day") == Opening(closed=True, until=9 * 3_600.0, given=False)
    assert opening_of("all") == opening_of("none") == Opening()
    now[0] = 9 * 3_600.0
    assert opening_of("day") == Opening(until=17 * 3_600.0)
    now[0] = 18 * 3_600.0
    queues["day"], active.version = Queue(name="Day", hours=hours, closed=Closed(offer=True)), 2
    assert opening_of("day") == Opening(closed=True, until=33 * 3_600.0)


def test_channels_that_are_not_enabled_are_not_connected(sample: Any) -> None:
    house = load(sample, ENVIRONMENT, installed()).house
    assert "try-it" in house.channels
    found = {channel.name: channel for channel in adapters.channels_of(house)}
    assert set(found) == {"website", "support-mail", "bot", "partner-api"}
    assert found["website"].reopen_seconds == 7 * 86400.0


def test_an_agent_can_write_first_where_the_channel_can(sample: Any) -> None:
    reach = adapters.reach_of(_active(sample))
    started = reach("support-mail", "Kim <kim@example.org>", "")
    assert (started.to.scheme, started.to.value, started.to.display) == ("email", "kim@example.org", "Kim")
    assert started.conversation_key.startswith("start:")


@pytest.mark.parametrize(
    ("channel", "to", "said"),
    [
        ("support-mail", "nobody", "Write one address"),
        ("partner-api", "x", "the customer has to write first"),
        ("gone", "x", "There is no channel gone."),
    ],
)
def test_why_an_agent_cannot_write_first(sample: Any, channel: str, to: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        adapters.reach_of(_active(sample))(channel, to, "")


def _active(folder: Any) -> Any:
    return SimpleNamespace(house=load(folder, ENVIRONMENT, installed()).house)


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("connected", "ok"),
        ("starting", "unknown"),
        ("degraded", "degraded"),
        ("disconnected", "failing"),
        ("needs_operator", "failing"),
    ],
)
def test_health(state: Any, shown: str) -> None:
    report = Report(channel="mail", connector="email", state=state, reason="why")
    host: Any = SimpleNamespace(health=lambda: [report])
    assert adapters.health_of(host)("mail") == ChannelHealth(state=shown, sentence="why")
    assert adapters.health_of(host)("other").state == "unknown"


def test_every_limit_reaches_the_inbox() -> None:
    limits = Limits(**{name: 7 + index for index, name in enumerate(Limits.__struct_fields__)})
    parley = Parley(
        limits=limits, public_url="https://x.example", sessions=Sessions(idle=1.0, lifetime=2.0, link=3.0)
    )
    found = adapters.settings_of(parley, b"k", "1", "p")
    assert sorted(getattr(found.limits, name) for name in found.limits.__struct_fields__) == list(
        range(7, 7 + 13)
    )
    assert (found.session_idle, found.session_absolute, found.link_seconds, found.secure_cookie) == (
        1.0,
        2.0,
        3.0,
        True,
    )


def test_retention() -> None:
    given = Retention(
        raw_input=5.0,
        journal=6.0,
        dead_letters=1.0,
        dead_letters_most=2,
        parked_receipts=3.0,
        parked_receipts_most=4,
    )
    found = adapters.retention_of(Parley(retention=given))
    assert (found.dead_seconds, found.dead, found.parked_seconds, found.parked) == (1.0, 2, 3.0, 4)
    assert (found.raw_seconds, found.journal_seconds) == (5.0, 6.0)
    nothing = adapters.retention_of(Parley())
    assert (nothing.raw_seconds, nothing.journal_seconds) == (0.0, 0.0)


def test_the_sample_is_where_the_tests_look() -> None:
    assert SAMPLE.is_dir()
