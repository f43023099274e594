"""Decisions once more from their records alone: what was recorded and the plan that was in force say who, from which step, and who went first.

Pure; it asks the engine nothing. What a record does not fit is told by a sentence or a `ValueError`.
"""

from __future__ import annotations

from typing import Any

from router import decisions as say
from router import stepping, witness
from router.inputs import Item
from router.needs import wants
from router.ordering import aged, key_of, slope_of
from router.picking import whole
from router.plan import Plan
from router.rules import Rule, Step
from stream.model import ServiceLevel, Target

HOLDS = "holds a conversation of the same contact"


def choice(record: dict[str, Any], plan: Plan) -> say.Offer | say.Push | str:
    """What follows from the record of a choice (how much is beyond a capacity left out); a text when it contradicts itself or the plan."""
    if "losers" not in record:
        return _first_contact(record, plan)
    rule = plan.rule(record["rule"], record["queue"]) if record["rule"] else None
    step = _step(record, plan)
    wrong = _needs_differ(record, rule, step) or _places_differ(record, plan, rule, step)
    if wrong:
        return wrong
    named = [record["winner"], *record["losers"]]
    if any(len(one["key"]) != len(_chain(record, plan)) + 1 for one in named):
        return "the chain is another one"
    first = min(named, key=lambda one: (*one["key"], one["agent"]))["agent"]
    keys = [
        (*key, login) for key, login in zip(record.get("also_keys", ()), record.get("also", ()), strict=True)
    ]
    if keys != sorted(keys) or len(keys) >= plan.ask(record["channel"], record["connector"]):
        return "the others who were asked do not come after one another"
    if record["winner"]["why"] == HOLDS and "sticky" not in plan.pick_of(record["queue"]):
        return "the chain does not ask who holds another"
    channel = plan.channel(record["channel"], record["connector"])
    facts: dict[str, Any] = {"id": "", "agent": first, "units": record["units"]}
    if channel.give == "push":
        return say.Push(**facts)
    until = record["at"] + plan.within(record["channel"], record["connector"])
    also = tuple((login, 0) for login in record.get("also", ()))
    return say.Offer(**facts, expires_at=until, also=also, replaces=record.get("replaces", ""))


def placed(record: dict[str, Any], plan: Plan) -> say.Queue:
    """Where the rules put it, and what it needs there."""
    rules = plan.canary.rules if "file" in record and plan.canary is not None else plan.rules
    match = rules.among({"lang": record["lang"], **witness.values(record["facts"])})
    if match is None:
        raise ValueError("no rule holds of these facts")
    rule, first = match.rule, match.rule.steps[0]
    home = plan.queues[rule.queue]
    return say.Queue(
        id="", queue=rule.queue if home.is_open(record["at"]) else home.closed.queue or rule.queue, waiting_since=record["since"],
        priority=max(rule.priority, record.get("priority", 0)), rule=rule.name, need=(*first.need, *match.need),
        units=plan.channel(record["channel"], record["connector"]).weight, team=first.team, tags=rule.tags, language=match.language,
    )  # fmt: skip


def moved(decision: say.Queue, plan: Plan, at: float) -> bool:
    """Whether the step that the reason names asks for this move, and had begun."""
    number, _, name = decision.reason.removeprefix("step ").partition(" of rule ")
    step = plan.rules.by_name[name].steps[int(number)]
    asked = not step.queue or decision.queue == step.queue
    return asked and decision.tags == step.tags and decision.waiting_since + step.after <= at


def _first_contact(record: dict[str, Any], plan: Plan) -> say.Push:
    rule = plan.rules.by_name[record["rule"]]
    return say.Push(id="", agent=rule.bot, units=record["units"])


def _step(record: dict[str, Any], plan: Plan) -> Step | None:
    """The step that counts at that moment, by the clock and what had been found open."""
    steps = _steps(record, plan)
    opened = frozenset(record.get("open_steps", ()))
    return steps[stepping.begun(steps, record["since"], record["at"], opened)] if steps else None


def _steps(record: dict[str, Any], plan: Plan) -> tuple[Step, ...]:
    return plan.steps(record["rule"], tuple(record["asked"]), record["queue"]) if record["rule"] else ()


def opened(record: dict[str, Any], plan: Plan, before: set[str]) -> set[str]:
    """The words of all steps that are open then, when those of `before` were: whose time had come, and of whose measures the condition held."""
    found = set(before)
    for index, step in enumerate(_steps(record, plan)):
        come = not index or record["since"] + step.after <= record["at"]
        if come and step.when is not None and step.when.holds(record["measured"]):
            found.add(stepping.word(index, step))
    return found


def mark(record: dict[str, Any], plan: Plan, told: tuple[str, ...]) -> say.ReachMark:
    """The mark of a service level that was come to, and all that follows from it."""
    marks = plan.levels[record["level"]].promises[record["target"]].marks
    found = next((one for one in marks if one.seconds == record["mark"]), None)
    if found is None:
        raise ValueError(f"the level has no mark at {record['mark']:g} s")
    deed = found.deed
    return say.ReachMark(
        id="", state=found.reached, target=record["target"], round=0, mark=found.seconds, moves=0, known=0, boost=deed.boost,
        priority=deed.priority, tags=deed.tags, queue=deed.queue, team=deed.team, need=deed.need, take=deed.take, tell=told,
    )  # fmt: skip


def _needs_differ(record: dict[str, Any], rule: Rule | None, step: Step | None) -> str:
    need = step.need if step is not None else tuple(record["asked"])
    if step is not None and step.team != record["team"]:
        return f"team {step.team}, not {record['team']}"
    if wants(need).words() == record["need"]:
        return ""
    who = f"agent:{record['winner']['agent']}"
    alone = rule is not None and rule.sticky is not None and record["at"] < record["since"] + rule.sticky.wait
    return "" if alone and wants((*need, who)).words() == record["need"] else f"it needs {need}"


def _places_differ(record: dict[str, Any], plan: Plan, rule: Rule | None, step: Step | None) -> str:
    boost, due = record.get("promised", (0.0, 0.0))
    target = Target(name="first_reply", within=1.0, since=1.0, due_at=due)
    item = Item(
        id="",
        queue=record["queue"],
        priority=record.get("priority", 0),
        waiting_since=record["since"],
        level=ServiceLevel(name="", targets=(target,) if due else (), boost=boost)
        if "promised" in record
        else None,
    )
    order = plan.order_of(item.queue)
    key, slope = key_of(order, item, rule, step), slope_of(order, item, rule)
    place = list((aged(key, slope, record["at"]) if slope else key)[:2])
    if place != record["place"]:
        return f"its place was {place}, not {record['place']}"
    after = record.get("next")
    return "" if after is None or place <= after["place"] else f"{after['conversation']} went before it"


def _chain(record: dict[str, Any], plan: Plan) -> tuple[str, ...]:
    chain = whole(plan.pick_of(record["queue"]))
    return ("preferred", *chain) if wants(tuple(record["need"])).wishes else chain
