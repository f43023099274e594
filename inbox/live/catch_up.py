"""How a socket begins: with a snapshot, or with what it has missed. Either way it ends up at one number and live from there.

A snapshot is read in one consistent transaction with the journal's head, so snapshot + events = state. A resume reads the journal
from any process; it is refused when the numbers are of another journal, too old, or when the rights have changed meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Literal

import msgspec

from inbox import metrics
from inbox.live import frames
from inbox.live.company import Company
from inbox.live.hub import Hub
from inbox.live.known import learn
from inbox.live.plan import frames_of, make_plan
from inbox.live.seat import RESUME, Seat
from inbox.loading import content_ids, read_people
from inbox.policy import Person, sees, visibility
from inbox.views import AgentView, Around, agent_view, conversation_view
from stream import events as ev
from stream import reads
from stream.fold import scope_of
from stream.model import Agent, Content, Conversation
from stream.store.program import Program, Sql

PAGE = 100
CALM_SECONDS = 60.0
CLOSE_ENOUGH = 200
"""With no more events than this to go, a resuming socket joins the live ones and gets the rest first."""
CLOCK_SLACK = 5.0
BEHIND_SECONDS = 10.0
"""How long a resume waits for this process to hear of what its socket knows from another one."""

_conversation = msgspec.json.Decoder(Conversation)
_content = msgspec.json.Decoder(Content)
_agent = msgspec.json.Decoder(Agent)
StartOver = Literal["epoch", "too_old", "rights"]


class State(msgspec.Struct):
    """Everything that a snapshot shows, as of number `n`."""

    n: int
    rows: list[Conversation]
    around: Around
    agents: list[Agent]
    waiting: dict[str, int]
    settings: Any
    more: bool


# --- the snapshot ----------------------------------------------------------------------------------------------------


def read_state(person: Person, limit: int) -> Program[State]:
    """The program of a snapshot: one consistent read. Own and offered conversations first, then those that wait, newest first."""
    n = (yield Sql("head"))[0][0]
    own = yield Sql("list_own", (person.login, person.workspace, limit))
    seen = visibility(person).params()
    everything: tuple[object, ...] = (person.workspace, ["open"], 0, "", 1, 0, [], 1e15, "~", limit)
    waiting = yield Sql("list_conversations", (*seen, *everything))
    rows = list({row[2]: _conversation.decode(row[0]) for row in [*own, *waiting]}.values())
    more = len(rows) > limit or len(own) == limit or len(waiting) == limit
    rows = rows[:limit]
    around = yield from _read_around(rows)
    agents = [_agent.decode(row[1]) for row in (yield Sql("load_all_agents"))]
    queues = {row[0]: row[1] for row in (yield Sql("waiting_by_queue", (person.workspace,)))}
    settings = yield Sql("setting", (person.login,))
    chosen = msgspec.json.decode(settings[0][0]) if settings else {}
    agents = sorted(
        (agent for agent in agents if agent.workspace == person.workspace), key=lambda agent: agent.id
    )
    return State(n, rows, around, agents, queues, chosen, more)


def _read_around(rows: list[Conversation]) -> Program[Around]:
    identities, contacts = yield from read_people(rows)
    wanted = content_ids(rows, identities, contacts)
    found = (yield Sql("contents", (wanted,))) if wanted else []
    return Around(identities, contacts, {ident: _content.decode(body) for ident, body in found})


def snapshot_of(state: State, person: Person, hub: Hub, company: Company) -> frames.Snapshot:
    """The frame. Pure, but for what the hub and the company know."""
    house = hub.services.house()
    here = company.connected() | {person.login}
    views = [
        agent_view(agent, hub.services.duty(agent), connected=agent.id in here) for agent in state.agents
    ]
    return frames.Snapshot(
        epoch=hub.services.journal.epoch,
        n=state.n,
        me=next((view for view in views if view.id == person.login), None) or outsider(person),
        conversations=[
            conversation_view(row, state.around) for row in state.rows if sees(person, scope_of(row))
        ],
        agents=views,
        queues=[
            frames.queue_view(queue, state.waiting.get(queue.id, 0), hub.services.opening(queue.id))
            for queue in house.queues
        ],
        channels=[
            frames.ChannelView(
                id=channel.id,
                connector=channel.connector,
                name=channel.name or channel.id,
                capabilities=channel.capabilities,
            )
            for channel in house.channels
        ],
        tags=house.tags,
        statuses=house.statuses,
        presence=dict.fromkeys(sorted(here), True),
        settings=state.settings,
        more=state.more,
    )


def outsider(person: Person, name: str = "") -> AgentView:
    """Somebody who signs in and is no agent of the team (an admin): nothing is offered to them."""
    row = Agent(id=person.login, name=name or person.login, role=person.role, active=False, capacity=0)
    return agent_view(row, connected=True)


async def begin(hub: Hub, company: Company, seat: Seat) -> None:
    """Answer a `start`. What happens while the snapshot is read is held; what the snapshot has already is then left out."""
    hub.detach(seat)
    hub.attach(seat)
    state = await hub.services.store.read(read_state(seat.person, seat.limits.snapshot))
    seat.restart(state.n)
    seat.missed(state.n, frames.encode(snapshot_of(state, seat.person, hub, company)))
    await _calm(seat)
    seat.release(state.n)
    metrics.resumes.labels("snapshot").inc()


# --- the resume ------------------------------------------------------------------------------------------------------


async def go_on(hub: Hub, seat: Seat, frame: frames.Resume) -> StartOver | None:
    """Answer a `resume`: everything missed, in order, then live. Answers a reason when the client has to start over instead."""
    hub.detach(seat)
    refused = await _refused(hub, seat, frame)
    if refused is None:
        seat.restart(frame.n)
        await _reopen(hub, seat, frame.open)
        refused = await _replay(hub, seat, frame.n)
    if refused is not None:
        hub.detach(seat)
        metrics.resumes.labels("refused").inc()
        return refused
    seat.missed(seat.floor, frames.resumed(seat.floor))
    await _calm(seat)
    seat.release()
    metrics.resumes.labels("resumed").inc()
    return None


async def _refused(hub: Hub, seat: Seat, frame: frames.Resume) -> StartOver | None:
    journal = hub.services.journal
    if frame.epoch != journal.epoch or not await _reached(hub, frame.n):
        return "epoch"
    if journal.head - frame.n > seat.limits.resume_events:
        return "too_old"
    last = await journal.read(max(0, frame.n - 1), 1)
    if frame.n and (not last or last[0].n != frame.n):
        return "too_old"
    return "rights" if last and seat.rights_at > last[0].at - CLOCK_SLACK else None


async def _reached(hub: Hub, n: int) -> bool:
    """Whether what happens after `n` can be told from here; another process may have told of `n` a moment before we hear of it."""
    if n > hub.reading and await hub.services.journal.reaches(n):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BEHIND_SECONDS):
                while n > hub.reading:  # noqa: ASYNC110  # the hub tells nobody, and this is rare
                    await asyncio.sleep(0.01)
    return n <= hub.reading


async def _replay(hub: Hub, seat: Seat, at: int) -> StartOver | None:
    """Send what was missed page by page, as fast as the client takes it; join the live ones for the last stretch."""
    while hub.reading - at > CLOSE_ENOUGH:
        page = await _page(hub, at, hub.reading)
        refused = await _send(hub, seat, page, at)
        if refused:
            return refused
        at = page[-1].n
        await _calm(seat)
    upto = hub.attach(seat)
    while at < upto and not seat.ended:
        page = await _page(hub, at, upto)
        refused = await _send(hub, seat, page, at)
        if refused:
            return refused
        at = page[-1].n
    return None


async def _page(hub: Hub, at: int, upto: int) -> list[ev.Recorded]:
    return await hub.services.journal.read(at, min(PAGE, upto - at))


async def _send(hub: Hub, seat: Seat, page: list[ev.Recorded], at: int) -> StartOver | None:
    if not page or page[0].n != at + 1:
        return "too_old"
    if any(_touches_rights(recorded.event, seat.person) for recorded in page):
        return "rights"

    def who(scope: ev.Scope) -> set[Seat]:
        return {seat} if sees(seat.person, scope) else set()

    plan = make_plan(page, who, {seat})
    known = await learn(hub.services, plan)
    for _seat, n, tail, lost, _patient in frames_of(plan, known, who):
        seat.missed(n, tail)
        if lost:
            hub.look_away(seat, lost)
    return None


def _touches_rights(event: ev.AnyEvent, person: Person) -> bool:
    """A configuration may have changed what everybody sees, an agent's facts what they and their supervisors see."""
    if isinstance(event, ev.ConfigApplied):
        return True
    return isinstance(event, ev.AgentConfigured) and (
        event.agent == person.login or person.role == "supervisor"
    )


async def _reopen(hub: Hub, seat: Seat, idents: tuple[str, ...]) -> None:
    """Open again what was on screen, as far as the person still sees it."""
    rows = await reads.conversations(hub.services.store, list(idents))
    for ident in idents:
        row = rows.get(ident)
        if row is not None and sees(seat.person, scope_of(row)):
            hub.look(seat, ident)


async def _calm(seat: Seat) -> None:
    """Wait until the client has taken what waits; one that takes nothing for a minute is ended."""
    seat.calm.clear()
    if not seat.queue or seat.ended:
        return
    try:
        await asyncio.wait_for(seat.calm.wait(), CALM_SECONDS)
    except TimeoutError:
        seat.end(RESUME)
