"""The tests inside `routing.yaml` as typed structs. Part of `routing.Routing`."""

from __future__ import annotations

from typing import Literal

import msgspec

from router.automation_entries import EffectEntry, OccasionEntry
from stream.model import Verification

IT = "it"
"""The conversation of a test that the test is about, among its others."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything here."""


class GivenEntry(Part, frozen=True, kw_only=True):
    """A conversation of a test: what the customer wrote, where, and what is known of them. `ago`: it came so long before."""

    channel: str = ""
    connector: str = ""
    lang: str = ""
    text: str = ""
    subject: str = ""
    address: str = ""
    verified: Verification = "channel"
    contact: dict[str, str] = {}
    tags: list[str] = []
    returning: bool = False
    automatic: bool = False
    attachments: int = 0
    of: str = ""
    last_agent: str = ""
    last_agent_ago: str = "1h"
    ago: str = "0s"


class AgentEntry(Part, frozen=True, kw_only=True):
    """An agent of a test; without queues they serve all. `idle`: since when they have had nothing new."""

    skills: dict[str, int] = {}
    queues: list[str] = []
    teams: list[str] = []
    capacity: int | None = None
    caps: dict[str, int] = {}
    status: Literal["online", "away", "busy", "offline"] = "online"
    idle: str = "1m"
    bot: bool = False


class ExpectEntry(Part, frozen=True, kw_only=True):
    """Where the conversation must stand; what is left out may be anything. `agent: ""` waits; `reply` is a part of what was said.

    `level`: states of its targets, such as `first_reply: at_risk`.
    """

    rule: str | None = None
    queue: str | None = None
    need: list[str] | None = None
    priority: int | None = None
    team: str | None = None
    tags: list[str] | None = None
    step: int | None = None
    agent: str | None = None
    reply: str | None = None
    level: dict[str, str] | None = None


class TestEntry(Part, frozen=True, kw_only=True):
    """A test: `given` comes `at` a moment with `agents` there (without: the whole team), and `after` a while it must be as expected."""

    __test__ = False

    name: str
    given: GivenEntry
    expect: ExpectEntry
    at: str = ""
    after: str = "0s"
    agents: dict[str, AgentEntry] = {}
    others: dict[str, GivenEntry] = {}
    expect_others: dict[str, str] = {}


class AutomationTest(Part, frozen=True, kw_only=True):
    """A test of the automation: `happens` to the conversation `given`, `at` a moment, and what the rules must have done then."""

    name: str
    given: GivenEntry
    happens: OccasionEntry
    expect: EffectEntry
    at: str = ""
