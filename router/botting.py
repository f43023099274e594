"""Bots: first contact where a rule says so. A bot serves no queue, so nothing else ever reaches it; what it gives up waits for people."""

from __future__ import annotations

from router.board import Board
from router.decisions import Push
from router.items import Entry, Phase
from router.rules import Rule


def first_contact(board: Board, entry: Entry, rule: Rule) -> bool:
    """Give an item that has just found its queue to the rule's bot; False when there is none, or it is not there or full.

    People keep whom they had: only what nobody had before goes to a bot, unless the rule says `bot_again`; never what it had last.
    """
    item = entry.item
    if not rule.bot or item.last_agent == rule.bot or (item.last_agent and not rule.bot_again):
        return False
    bot = board.agents.get(rule.bot)
    if bot is None or not bot.facts.bot or not bot.available or not bot.room(item.units, item.connector):
        return False
    board.lift(entry)
    entry.stamp = board.stamp()
    board.hold(entry, Phase.RESERVED, bot, item.units)
    board.touch(bot)
    name = bot.facts.name or bot.facts.id
    why = f"first contact by the rule {rule.name}"
    record = {
        "v": 1,
        "at": board.now,
        "config": board.plan.hash,
        "rule": rule.name[:200],
        "queue": item.queue[:200],
        "units": item.units,
        "winner": {"agent": bot.facts.id, "name": name, "why": why},
    }
    board.decisions.append(
        Push(
            id=item.id, agent=bot.facts.id, units=item.units, reason=f"{why}: the bot {name}", explain=record
        )
    )
    return True
