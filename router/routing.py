"""`routing.yaml` as typed structs, and `compile_routing`: these structs to a `Plan`, with every problem and its place.

Whether the file has the right shape (types, unknown keys) is checked before, by whoever read it; here is checked what the values
mean: closed lists, durations, hours, conditions, steps. The checks of each section live in `router.sections`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from router import canary
from router.automation_entries import AutomationEntry, GuardEntry
from router.trial_entries import AutomationTest, TestEntry

Path = tuple[str | int, ...]


class Problem(msgspec.Struct, frozen=True):
    """Something that is wrong at `path` (keys and list indexes from the top), `offset` characters into its text.

    A problem of a key itself (not of its value) has `key` set. `suggestion` is the nearest known name, or "".
    """

    path: Path
    message: str
    suggestion: str = ""
    offset: int = 0
    key: bool = False


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything that stands in the file."""


class SkillEntry(Entry, frozen=True, kw_only=True):
    """A skill has levels 1 to `levels`."""

    levels: int = 5


class HoursEntry(Entry, frozen=True, kw_only=True):
    """Weekly times as `mon-fri: ["09:00-17:30"]`; `holidays` are closed days; `dates` gives single days their own times."""

    timezone: str = ""
    week: dict[str, list[str]] = {}
    holidays: list[str] = []
    dates: dict[str, list[str]] = {}


class ClosedEntry(Entry, frozen=True, kw_only=True):
    """Out of hours: `reply` is sent once per closing ({opens} is the next opening); `offer: true` gives work out all the same.

    `queue` takes what arrives meanwhile.
    """

    reply: str = ""
    offer: bool = False
    queue: str = ""


Kind = Literal["strict", "fifo", "head_start", "ageing", "due"]
Word = Literal[
    "sticky",
    "longest_idle",
    "round_robin",
    "spare",
    "fullest",
    "proficiency",
    "opportunity",
    "least_skilled",
    "most_skilled",
]


class OrderEntry(Entry, frozen=True, kw_only=True):
    """How a queue lines up what waits. `per_priority`: what a point of priority is worth as a head start; `due`: the usual time to answer.

    `slope_per_priority`: how much faster a point of priority ages.
    """

    kind: Kind = "strict"
    per_priority: str = "0s"
    slope_per_priority: float = 0.0
    due: str = "1h"


Pause = Literal["closed", "customer", "snoozed"]


class DeedEntry(Entry, frozen=True, kw_only=True):
    """What follows `when` a target is at risk or breached, or so long `after` that while nothing has fulfilled it; `of`: of these targets only.

    Its place in line: `boost`, `priority`. Where it goes: another `queue` or `team`, needing only `need` there, and with `take` also
    from the agent who has it. Who is told (`notify`): assignee, supervisors, team:NAME, agent:LOGIN.
    """

    when: Literal["at_risk", "breached"]
    after: str = "0s"
    of: list[Literal["first_reply", "next_reply", "resolution"]] = []
    boost: str = "0s"
    priority: int = 0
    tags: list[str] = []
    queue: str = ""
    team: str = ""
    need: list[str] = []
    take: bool = False
    notify: list[str] = []


class LevelEntry(Entry, frozen=True, kw_only=True):
    """A service level: how long the first reply, each next one, and the resolution may take, and what happens `then`.

    `at_risk`: a share of the target (`80%`) or a time before it is due (`10m`). The clocks `pause` while the hours are closed (`hours`,
    if not the queue's), while we wait for the customer (resolution), and while it is snoozed.
    """

    first_reply: str = ""
    next_reply: str = ""
    resolution: str = ""
    at_risk: str = "80%"
    hours: str = ""
    pause: list[Pause] = msgspec.field(default_factory=lambda: ["closed", "customer"])
    then: list[DeedEntry] = []


class QueueEntry(Entry, frozen=True, kw_only=True):
    """A queue; without `hours` it is always open. `order` and `pick`: other than the house's."""

    name: str = ""
    hours: str = ""
    closed: ClosedEntry = ClosedEntry()
    order: Kind | OrderEntry | None = None
    pick: list[Word] = []
    service_level: str = ""


class ChannelEntry(Entry, frozen=True, kw_only=True):
    """By connector (`webchat`) or by channel (`support-chat`): how its conversations count and are given.

    `weight` in units; `max` at once per agent (connectors only); `live` ones go back when their agent is gone; `give: push` does not ask.
    `accept_within`: how long an offer of it stands, if not as long as the others; `ask`: how many are asked at once, if not as many.
    `idle_release`: an answered customer who is silent for so long takes no room until they write again.
    `wrap_up`: nothing new for a while after one was resolved. `yields_to`: for work of these connectors it does not count (connectors only).
    """

    weight: int = 1
    max: int | None = None
    live: bool | None = None
    give: Literal["offer", "push"] = "offer"
    accept_within: str = ""
    ask: int | None = None
    idle_release: str = ""
    wrap_up: str = "0s"
    yields_to: list[str] = []


class RampEntry(Entry, frozen=True, kw_only=True):
    """Somebody new: from the day `begins` their capacity is each of `units` for a while (`every`), then all of it."""

    begins: str
    units: list[int]
    every: str = "7d"


class CapacityEntry(Entry, frozen=True, kw_only=True):
    """Units of an agent who has no number of their own; `ramps` by login."""

    units: int = 10
    ramps: dict[str, RampEntry] = {}


class ShiftEntry(Entry, frozen=True, kw_only=True):
    """These agents and teams get work only within `hours`, and not in their `breaks` (weekly times)."""

    hours: str
    breaks: dict[str, list[str]] = {}
    agents: list[str] = []
    teams: list[str] = []


class OfferEntry(Entry, frozen=True, kw_only=True):
    """How long an offer stands, after how many silent ones in a row the agent is set away, when a decliner may be asked again.

    `ask`: how many agents are asked at once; who accepts first has it.
    """

    accept_within: str = "25s"
    ask: int = 1
    silent_after: int = 2
    ask_again_after: str = "2m"


class StatusEntry(Entry, frozen=True, kw_only=True):
    """A reason that agents may give for a status: away (nothing new, and what is live may go back) or busy (they keep all they have)."""

    name: str
    status: Literal["away", "busy"] = "away"


class HandBackEntry(Entry, frozen=True, kw_only=True):
    """How long a gone agent keeps live conversations; `asynchronous: true` gives back the others too."""

    after: str = "60s"
    asynchronous: bool = False


class StepEntry(Entry, frozen=True, kw_only=True):
    """What is needed `for` a while; the last step has no `for`. `boost` and `priority` raise its place in line from this step on.

    `if`: only once this holds of what is measured. Beginning it moves to `queue`, sets `tags`, and says `say` to the customer.
    `derived: false` drops what was needed beyond the rule; `narrow: true` allows to ask for more than the step before.
    `recall: true`: an offer that still stands goes to whoever is better from this step on.
    """

    need: list[str] = []
    team: str = ""
    wait: str = msgspec.field(default="", name="for")
    boost: str = "0s"
    priority: int = 0
    only: str = msgspec.field(default="", name="if")
    queue: str = ""
    tags: list[str] = []
    say: str = ""
    derived: bool = True
    narrow: bool = False
    recall: bool = False


class StickyEntry(Entry, frozen=True, kw_only=True):
    """Wait so long (`for`) for the agent who had the conversation last: only if they are online, and if it was not too long ago."""

    wait: str = msgspec.field(name="for")
    if_online: bool = True
    within: str = "0s"


class NeedEntry(Entry, frozen=True, kw_only=True):
    """What is needed besides, `when` the condition holds (without one: always). `{lang}` and other facts may stand in the names."""

    need: list[str]
    when: str = ""


class RuleEntry(Entry, frozen=True, kw_only=True):
    """Where a conversation goes `when` the condition holds (without one: always), and what it needs: `need`, or timed `steps`.

    Its place in line: `priority`, a `boost` of head start, the `slope` of its ageing, the time until which an answer is `due`.
    `bot`: a bot has first contact; with `bot_again` also of conversations that are opened again.
    """

    name: str
    queue: str
    when: str = ""
    need: list[str] = []
    team: str = ""
    steps: list[StepEntry] = []
    priority: int = 0
    boost: str = "0s"
    slope: float = 1.0
    due: str = ""
    sticky: StickyEntry | None = None
    service_level: str = ""
    tags: list[str] = []
    bot: str = ""
    bot_again: bool = False


class CanaryEntry(Entry, frozen=True, kw_only=True):
    """Changed `rules` (and `needs`) for a `share` (0 to 1) of contacts: those of a `file` beside this one, or written here.

    Raise `attempt` to try again after it was given up. `tests` are run with these rules.
    """

    name: str
    share: float
    guard: canary.GuardEntry
    by: Literal["contact", "conversation"] = "contact"
    attempt: int = 1
    file: str = ""
    rules: list[RuleEntry] = []
    needs: list[NeedEntry] | None = None
    tests: list[TestEntry] = []


class Routing(Entry, frozen=True, kw_only=True):
    """The whole file. `attributes` are the contacts' attributes that conditions may name as `contact.<attribute>`."""

    version: Literal[1] = 1
    timezone: str = "UTC"
    skills: dict[str, SkillEntry] = {}
    tags: list[str] = []
    attributes: list[str] = []
    hours: dict[str, HoursEntry] = {}
    service_levels: dict[str, LevelEntry] = {}
    queues: dict[str, QueueEntry]
    channels: dict[str, ChannelEntry] = {}
    capacity: CapacityEntry = CapacityEntry()
    offer: OfferEntry = OfferEntry()
    hand_back: HandBackEntry = HandBackEntry()
    statuses: list[StatusEntry] = []
    shifts: dict[str, ShiftEntry] = {}
    order: Kind | OrderEntry = "strict"
    pick: list[Word] = []
    needs: list[NeedEntry] = []
    rules: list[RuleEntry]
    canary: CanaryEntry | None = None
    automations: list[AutomationEntry] = []
    automation_guard: GuardEntry = GuardEntry()
    tests: list[TestEntry] = []
    automation_tests: list[AutomationTest] = []


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the other files declare: configured channels with their connectors, connectors whose conversations are live, teams, agents, which of them are bots.

    An empty set of agents: their names are not known here, so any may stand.
    """

    channels: Mapping[str, str] = {}
    connectors: frozenset[str] = frozenset()
    live: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()
    bots: frozenset[str] = frozenset()
