"""What `parley serve` says on standard output once it is ready: where it is, and one-time links for whoever has no password yet."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING

import msgspec

from config.opening import DEMO_SECRET
from inbox import accounts
from stream import reads
from stream.commands import SetStatus
from stream.ids import new_token
from stream.model import Author

if TYPE_CHECKING:
    from config.wiring import Process


async def welcome(process: Process, demo: str) -> None:
    """Print it; for the demo also make the accounts of its team, and start its customers."""
    base = address(process)
    lines = [f"Parley is ready at {base}"]
    if "inbox" in process.found.place.roles:
        lines += await _admin(process, base)
    if demo:
        lines += await _team(process, base)
        process.watch("demo shift", begin_shifts(process))
        lines += [f"  a customer's page: {base}/widget/website/page"]
        lines += [
            "  each of them in a browser profile or a private window of their own: a browser holds one session"
        ]
    lines += ["  stop with Ctrl-C"]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    if demo == "busy":
        await start_busy(process, base)


def address(process: Process) -> str:
    """Where a browser on this machine (or, with public_url, anywhere) finds it."""
    parley = process.found.loaded.parley
    if parley.public_url:
        return parley.public_url
    host = parley.listen.rpartition(":")[0]
    shown = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104  # shown, not bound
    return f"http://{shown}:{process.port}"


async def _admin(process: Process, base: str) -> list[str]:
    seconds = process.found.loaded.parley.sessions.link
    secret = await accounts.ensure_first_admin(process.store, time.time(), seconds)
    if secret is None:
        return []
    return [f"  first admin, sign in once: {accounts.link_url(base, secret)}"]


async def _team(process: Process, base: str) -> list[str]:
    """An account and a link for every agent of the demo."""
    now, lines = time.time(), []
    for agent in process.active.house.agents:
        if agent.agent == "admin":
            continue
        await accounts.add_account(process.store, agent.agent, now, name=agent.name, must_set=False)
        account = await accounts.account(process.store, agent.agent)
        if account is None or account.password or account.disabled_at:
            continue
        secret = await accounts.add_link(
            process.store, agent.agent, now, process.found.loaded.parley.sessions.link
        )
        can = ", ".join(f"{skill} {level}" for skill, level in agent.skills.items())
        lines.append(f"  {agent.name} ({agent.role}; {can}): {accounts.link_url(base, secret)}")
    return lines


async def begin_shifts(process: Process) -> None:
    """An agent of the demo who has never chosen a status goes online when their inbox is first seen; after that it is theirs."""
    waiting = {agent.agent for agent in process.active.house.agents if agent.capacity > 0}
    async for _topic, payload in process.bus.subscribe("presence"):
        seen = _Presence([]) if not payload else msgspec.json.decode(payload, type=_Presence)
        for login in waiting & set(seen.agents):
            waiting.discard(login)
            agent = await reads.agent(process.store, login)
            if agent is not None and agent.status == "offline" and not agent.status_at:
                command = SetStatus(
                    token=new_token(), agent=login, status="online", by=Author(kind="system", id="demo")
                )
                await process.journal.submit(command)


class _Presence(msgspec.Struct):
    """The part of the inbox's hint that counts here: who is connected to a process."""

    agents: list[str]


async def start_busy(process: Process, base: str) -> None:
    """The busy customers as a child; the pipe to its standard input ends with this process, and so does it."""
    secret = process.found.environment[DEMO_SECRET]
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "config.demo.busy",
        base,
        stdin=asyncio.subprocess.PIPE,
        env={**process.found.environment, DEMO_SECRET: secret},
        start_new_session=True,
    )
    process.keep(child)
