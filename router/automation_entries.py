"""The automation of `routing.yaml` as typed structs: on what happens, when a condition holds, do something. Part of `routing.Routing`."""

from __future__ import annotations

from typing import Literal

import msgspec

Happening = Literal[
    "started",
    "received",
    "replied",
    "queued",
    "assigned",
    "tagged",
    "resolved",
    "reopened",
    "snoozed",
    "woken",
]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything here."""


class DoEntry(Part, frozen=True, kw_only=True):
    """What a rule does, in this order. `webhook` names channels of the connector webhook; `snooze` is a time from now."""

    tag: list[str] = []
    untag: list[str] = []
    priority: int | None = None
    note: str = ""
    reply: str = ""
    webhook: list[str] = []
    queue: str = ""
    team: str = ""
    snooze: str = ""
    resolve: bool = False


class AutomationEntry(Part, frozen=True, kw_only=True):
    """on each `event`, or once a time has passed: `waiting` in its queue, `no_reply` to the customer, `silent` customer.

    `when` is a condition like those of the rules, with some more names. `stop: true`: none of the rules after it look at this.
    """

    name: str
    do: DoEntry
    event: list[Happening] = []
    waiting: str = ""
    no_reply: str = ""
    silent: str = ""
    when: str = ""
    stop: bool = False


class GuardEntry(Part, frozen=True, kw_only=True):
    """How far rules may lead to rules (`depth`), and how often they may act on one conversation (`runs` `within` a time)."""

    depth: int = 3
    runs: int = 20
    within: str = "10m"


class OccasionEntry(Part, frozen=True, kw_only=True):
    """What happens to the conversation of a test, and how it stands: an `event`, or after a `waiting`, `no_reply`, `silent` time."""

    event: Happening | None = None
    waiting: str = ""
    no_reply: str = ""
    silent: str = ""
    by: Literal["customer", "agent", "bot", "system", "rule"] = "customer"
    added: list[str] = []
    removed: list[str] = []
    queue: str = ""
    agent: str = ""
    priority: int = 0
    status: Literal["open", "snoozed", "resolved"] = "open"
    messages: int = 1


class EffectEntry(Part, frozen=True, kw_only=True):
    """What the automation must have done; what is left out may be anything. `note` and `reply` are parts of what was written."""

    ran: list[str] | None = None
    tags: list[str] | None = None
    priority: int | None = None
    queue: str | None = None
    team: str | None = None
    note: str | None = None
    reply: str | None = None
    webhooks: list[str] | None = None
    status: Literal["open", "snoozed", "resolved"] | None = None
