"""Places in line: what each order of a queue makes of an item's age, priority and rule. Pure, and fixed while the item waits.

strict      higher priority first, then older
fifo        older first
head_start  as if it had waited longer: by its rule's boost, its step's boost and so much per point of priority
due         what has to be answered first goes first: when its service level is due, else age plus the rule's time to answer
ageing      waiting weighs more for some: slope times waiting; the only one whose comparison moves with the clock, so such items
            wait in one line per slope and only the heads are compared

Every order but `strict` answers with a moment, so that items of different queues compare: the one who has waited longer, head starts
and slopes counted, goes first; the head start that a service level gave counts in all of them. Points of priority in a `strict` queue go before all of that.
"""

from __future__ import annotations

from router import levels
from router.inputs import Item
from router.plan import Order
from router.queues import Key
from router.rules import Rule, Step

LEAST_SLOPE = 0.001


def key_of(order: Order, item: Item, rule: Rule | None, step: Step | None) -> Key:
    """The place within a line."""
    kind, level = order.kind, item.level
    priority = item.priority if step is None else max(item.priority, step.priority)
    since = item.waiting_since - (level.boost if level is not None else 0.0)
    if kind == "strict":
        return (-priority, since if step is None else since - step.boost, item.id)
    if kind == "head_start":
        since -= (rule.boost if rule else 0.0) + order.per_priority * priority
    elif kind == "due":
        promised = levels.due(level)
        since += promised - item.waiting_since if promised else (rule.due if rule else 0.0) or order.due
    if step is not None and kind != "ageing":
        since -= step.boost
    return (0, since, item.id)


def slope_of(order: Order, item: Item, rule: Rule | None) -> float:
    """How fast it ages; 0 when the order does not ask."""
    if order.kind != "ageing":
        return 0.0
    return max(LEAST_SLOPE, (rule.slope if rule else 1.0) + order.per_priority * item.priority)


def aged(key: Key, slope: float, now: float) -> Key:
    """The key of the head of an ageing line at this moment: when it would have come if everybody aged alike."""
    return (key[0], now - slope * (now - key[1]), key[2])
