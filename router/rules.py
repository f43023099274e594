"""Rules compiled to predicates: the first that matches says where a conversation goes and what it needs. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from router.expressions import Expression, Fact
from router.hours import DAYS, Hours
from router.language import guess, plain
from router.needs import Closed, NeedError, clause
from router.witness import Looks
from router.words import Words, words

PLACE = re.compile(r"\{([a-z_]\w*(?:\.\w+)*)\}")
_UTC = ZoneInfo("UTC")
_NOTHING = words("")


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed from `after` seconds of waiting on; `team` "" is anyone of the queue.

    `boost` (seconds) and `priority` raise its place in line from then on. `when`: only once this is true of what is measured
    (`stepping`). Beginning it moves the item to `queue`, adds `tags` and says `say` to the customer. `derived` false leaves out what
    was needed beyond the rule. `recall`: an open offer goes to whoever is better from then on.
    """

    need: tuple[str, ...] = ()
    team: str = ""
    after: float = 0.0
    boost: float = 0.0
    priority: int = 0
    when: Expression | None = None
    queue: str = ""
    tags: tuple[str, ...] = ()
    say: str = ""
    derived: bool = True
    recall: bool = False


class Sticky(msgspec.Struct, frozen=True, kw_only=True):
    """Wait so many seconds for the agent who had the conversation last, if that was `within` so many seconds (0: ever)."""

    wait: float
    if_online: bool = True
    within: float = 0.0


class Derived(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed besides when a condition holds: requirements, in which {name} stands for a fact."""

    need: tuple[str, ...]
    when: Expression | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """`when` None matches everything. `steps` has at least one; the first begins at 0.

    `bot` has first contact while it is available; with `bot_again` also with whom people had before.
    For the order of its queue: `boost` seconds of head start, `slope` of ageing, `due` seconds to answer in (0: the queue's).
    `level` is its service level, if not the queue's.
    """

    name: str
    queue: str
    steps: tuple[Step, ...]
    when: Expression | None = None
    priority: int = 0
    boost: float = 0.0
    slope: float = 1.0
    due: float = 0.0
    sticky: Sticky | None = None
    level: str = ""
    tags: tuple[str, ...] = ()
    bot: str = ""
    bot_again: bool = False


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a conversation when the rules look at it. `at` is the moment; the text is personal and never recorded."""

    at: float
    channel: str = ""
    connector: str = ""
    language: str = ""
    text: str = ""
    subject: str = ""
    address: str = ""
    verified: str = "channel"
    returning: bool = False
    automatic: bool = False
    attachments: int = 0
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, str] = {}


class Match(msgspec.Struct, frozen=True):
    """The rule that matched, the language that was stated or guessed, what is needed beyond the rule, and by which facts."""

    rule: Rule
    language: str
    need: tuple[str, ...] = ()
    values: Mapping[str, Any] = {}


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The rules in their order. `reads` are all names that any of them asks for: only those are worked out; `looks` is for what."""

    rules: tuple[Rule, ...] = ()
    by_name: Mapping[str, Rule] = {}
    derived: tuple[Derived, ...] = ()
    closed: Closed = Closed()
    reads: frozenset[str] = frozenset()
    looks: Looks = Looks()
    zone: ZoneInfo = _UTC
    hours: Mapping[str, Hours] = {}

    def match(self, facts: Facts) -> Match | None:
        """The first rule that holds; None only when there are no rules at all (the last one always holds)."""
        return self.among(self.values(facts))

    def among(self, values: Mapping[str, Any]) -> Match | None:
        """The first rule that holds of facts under the names of the language."""
        for rule in self.rules:
            if rule.when is None or rule.when.holds(values):
                return Match(rule, values["lang"], self._besides(rule, values), values)
        return None

    def _besides(self, rule: Rule, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The derived requirements that name something which exists."""
        found: list[str] = []
        for one in self.derived:
            if one.when is None or one.when.holds(values):
                found.extend(filter(None, (self._filled(text, values) for text in one.need)))
        return tuple(text for text in dict.fromkeys(found) if text not in rule.steps[0].need)

    def _filled(self, text: str, values: Mapping[str, Any]) -> str:
        filled = PLACE.sub(lambda name: str(values.get(name[1], "")), text)
        try:
            return str(clause(filled, self.closed))
        except NeedError:
            return ""

    def values(self, facts: Facts) -> dict[str, Any]:
        """The facts under the names of the language, as far as any rule reads them."""
        said = words(f"{facts.subject}\n{facts.text}")
        values: dict[str, Any] = {
            "lang": plain(facts.language) or guess(said),
            "channel": facts.channel,
            "connector": facts.connector,
            "tags": frozenset(facts.tags),
            "address": facts.address.casefold(),
            "domain": facts.address.casefold().rpartition("@")[2] if "@" in facts.address else "",
            "verified": facts.verified,
            "returning": facts.returning,
            "automatic": facts.automatic,
            "attachments": float(facts.attachments),
            **_spoken("text", said),
            **_spoken("subject", words(facts.subject) if "subject" in self.reads else _NOTHING),
        }
        for name in self.reads:
            if name.startswith("contact."):
                values[name] = facts.attributes.get(name.removeprefix("contact."), "")
            elif name.startswith("open."):
                values[name] = self.hours[name.removeprefix("open.")].is_open(facts.at)
        if self.reads & _CLOCK.keys():
            values.update(clock(facts.at, self.zone))
        return values


def _spoken(name: str, said: Words) -> dict[str, Any]:
    return {f"{name}.flat": said.flat, f"{name}.each": said.each}


def clock(at: float, zone: ZoneInfo) -> dict[str, Any]:
    """The moment in parts, on the house's clocks."""
    here = datetime.fromtimestamp(at, zone)
    return {
        "time.weekday": DAYS[here.weekday()],
        "time.hour": float(here.hour),
        "time.clock": f"{here:%H:%M}",
        "time.date": f"{here:%Y-%m-%d}",
    }


_CLOCK: dict[str, Fact] = {
    "time.weekday": Fact("text", frozenset(DAYS), "weekday"),
    "time.hour": Fact("number"),
    "time.clock": Fact("text", what="time", form="09:30"),
    "time.date": Fact("text", what="date", form="2026-12-25"),
}


def names(
    channels: frozenset[str],
    connectors: frozenset[str],
    tags: frozenset[str],
    attributes: frozenset[str],
    hours: frozenset[str],
) -> dict[str, Fact]:
    """The closed list of names that a condition may use, with their kinds and closed values."""
    return {
        "lang": Fact("text"),
        "channel": Fact("text", channels, "channel"),
        "connector": Fact("text", connectors, "connector"),
        "tags": Fact("set", tags, "tag"),
        "text": Fact("words"),
        "subject": Fact("words"),
        "address": Fact("text"),
        "domain": Fact("text"),
        "verified": Fact("text", frozenset({"claimed", "channel", "signed", "agent"}), "verification"),
        "returning": Fact("flag"),
        "automatic": Fact("flag"),
        "attachments": Fact("number"),
        **_CLOCK,
        **{f"contact.{name}": Fact("text") for name in attributes},
        **{f"open.{name}": Fact("flag") for name in hours},
    }
