"""The obvious engine's service levels: after every input everything is looked at. What a clock says at a moment is `router.levels`'s, tested by itself."""

from __future__ import annotations

from router import decisions as say
from router import keeping, levels
from stream.model import ServiceLevel
from tests.router.reference_offers import Offering
from tests.router.reference_state import Case


class Promising(Offering):
    """Clocks that have to be set, and marks that were come to."""

    def promises(self) -> None:
        for case in self.cases.values():
            moves = case.item.level.moves if case.item.level else 0
            under_way = case.patch or case.level_asked == moves
            if not under_way and case.state not in ("unplaced", "parked"):
                self.keep(case, moves)

    def keep(self, case: Case, moves: int) -> None:
        item, known, case.level_asked = case.item, case.item.level, -1
        terms = keeping.level_for(self.plan, item)
        wanted = keeping.as_wanted(self.plan, terms, item, self.now) if terms else None
        if wanted != known:
            case.level_asked, heard = moves, len(known.turns) if known else 0
            self.out.append(
                say.SetLevel(
                    id=item.id, level=wanted, moves=moves, heard=heard, asked_at=item.last_customer_at, answered_at=item.last_agent_at
                )
            )  # fmt: skip
        elif terms and wanted:
            found = levels.coming(terms, keeping.clock_of(self.plan, terms, item.queue), wanted)
            if found and found.at <= self.now:
                case.level_asked = moves
                self.reach(case, wanted, found)

    def reach(self, case: Case, known: ServiceLevel, found: levels.Next) -> None:
        deed, target = found.mark.deed, found.target
        self.out.append(
            say.ReachMark(
                id=case.item.id, state=found.mark.reached, target=target.name, round=target.round, mark=found.mark.seconds, moves=known.moves,
                known=len(known.turns), boost=deed.boost, priority=deed.priority, tags=deed.tags, queue=deed.queue, team=deed.team,
                need=deed.need, take=deed.take, tell=self.told(case, deed.tell),
            )
        )  # fmt: skip

    def told(self, case: Case, words: tuple[str, ...]) -> tuple[str, ...]:
        """Whom the words mean, each once."""
        everybody = sorted((p for p in self.people.values() if p.facts.active), key=lambda p: p.facts.id)
        found: list[str] = []
        for word in words:
            if word == "assignee":
                found += [case.item.assignee] if case.item.assignee else []
            elif word == "supervisors":
                found += self.supervisors(case)
            elif word.startswith("team:"):
                found += [p.facts.id for p in everybody if word[5:] in p.facts.teams]
            else:
                found.append(word.removeprefix("agent:"))
        return tuple(dict.fromkeys(found))[:20]

    def supervisors(self, case: Case) -> list[str]:
        """Of the team that it is with; else who serve its queue; else all."""
        lead = [p for p in self.people.values() if p.facts.active and p.facts.role in ("supervisor", "admin")]
        holder = self.people.get(case.item.assignee)
        teams = {*(holder.facts.teams if holder else ()), case.item.team} - {""}
        near = [p.facts.id for p in lead if teams & set(p.facts.teams)]
        serving = [p.facts.id for p in lead if case.item.queue in p.facts.queues]
        return sorted(near or serving or [p.facts.id for p in lead])
