"""What the server does for the demo, and for nothing else: its data folder and secret, its partner's address, accounts and shifts.

The customers and the partner are `busy`, a child process; here it is only started.
"""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import socket
import sys
import time
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from config.wiring import Process

FOLDER = Path(__file__).parent
SECRET = "PARLEY_DEMO_WEBHOOK_SECRET"  # noqa: S105  # the variable's name, not its value
PARTNER = "PARLEY_DEMO_PARTNER"
"""host:port where the demo's partner takes the partner channel's messages."""
NOWHERE = "127.0.0.1:9"


def prepare(environment: MutableMapping[str, str], data: str) -> str:
    """Put what the demo's files refer to into the environment; the data folder, which is made."""
    folder = Path(data or _folder(environment))
    environment[SECRET] = _secret(folder)
    environment.setdefault(PARTNER, NOWHERE)
    return str(folder)


def _folder(environment: MutableMapping[str, str]) -> Path:
    """./data where it can be written, else the user's own folder for data."""
    here = Path("data")
    if os.access(here if here.exists() else Path(), os.W_OK):
        return here
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "parley"


def _secret(data: Path) -> str:
    """The partner channel's secret, made once, readable by its user only."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = data / "demo-webhook.secret"
    if not path.exists():
        text = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.write(text + "\n")
    return path.read_text("utf-8").strip()


def partner_socket(environment: MutableMapping[str, str]) -> socket.socket:
    """The socket on which the partner will listen, bound already: the configuration names its address before anybody runs."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(64)
    environment[PARTNER] = f"127.0.0.1:{listening.getsockname()[1]}"
    return listening


async def begin(process: Process, base: str, listening: socket.socket, *, busy: bool) -> list[str]:
    """Accounts, shifts and the child; what to say about them."""
    lines = await _team(process, base)
    process.watch("demo shift", begin_shifts(process))
    await _start_child(process, base, listening, busy=busy)
    return [
        *lines,
        f"  a customer's page: {base}/widget/website/page",
        "  each of them in a browser profile or a private window of their own: a browser holds one session",
    ]


async def _team(process: Process, base: str) -> list[str]:
    """An account and a link for every agent of the demo."""
    from inbox import accounts

    now, lines = time.time(), []
    for agent in process.active.house.agents:
        if agent.agent == "admin":
            continue
        await accounts.add_account(process.store, agent.agent, now, name=agent.name, must_set=False)
        account = await accounts.account(process.store, agent.agent)
        if account is None or account.password or account.disabled_at:
            continue
        seconds = process.found.loaded.parley.sessions.link
        secret = await accounts.add_link(process.store, agent.agent, now, seconds)
        can = ", ".join(f"{skill} {level}" for skill, level in agent.skills.items())
        lines.append(f"  {agent.name} ({agent.role}; {can}): {accounts.link_url(base, secret)}")
    return lines


class _Presence(msgspec.Struct):
    """The part of the inbox's hint that counts here: who is connected to a process."""

    agents: list[str]


async def begin_shifts(process: Process) -> None:
    """An agent of the demo who has never chosen a status goes online when their inbox is first seen; after that it is theirs."""
    from stream import reads
    from stream.commands import SetStatus
    from stream.ids import new_token
    from stream.model import Author

    by = Author(kind="system", id="demo")
    waiting = {agent.agent for agent in process.active.house.agents if agent.capacity > 0}
    async for _topic, payload in process.bus.subscribe("presence"):
        seen = msgspec.json.decode(payload, type=_Presence) if payload else _Presence([])
        for login in waiting & set(seen.agents):
            waiting.discard(login)
            agent = await reads.agent(process.store, login)
            if agent is not None and agent.status == "offline" and not agent.status_at:
                await process.journal.submit(
                    SetStatus(token=new_token(), agent=login, status="online", by=by)
                )


async def _start_child(process: Process, base: str, listening: socket.socket, *, busy: bool) -> None:
    """The pipe to the child's standard input ends with this process, and so does the child."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "config.demo.busy",
        base,
        str(listening.fileno()),
        "busy" if busy else "quiet",
        stdin=asyncio.subprocess.PIPE,
        env=process.found.environment,
        pass_fds=(listening.fileno(),),
        start_new_session=True,
    )
    listening.close()
    process.keep(child)
