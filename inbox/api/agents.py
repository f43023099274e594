"""Agents: who is in the team, whether they are connected, and the status they chose; and what somebody has set for themselves."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from inbox import accounts
from inbox.call import Call, NoBody, NoQuery
from inbox.decode import Body
from inbox.errors import malformed, not_found
from inbox.policy import Own
from inbox.ports import StatusFacts
from inbox.verbs import Reason, refusal
from inbox.views import AgentView, agent_view
from stream import commands as cmd
from stream import reads
from stream.ids import new_token
from stream.model import Author

LARGEST_SETTINGS = 65_536


class Agents(msgspec.Struct, frozen=True, kw_only=True):
    """The team."""

    items: list[AgentView]


class StatusBody(Body, frozen=True, kw_only=True):
    """online takes new work, busy keeps what they have; away and offline are offered nothing."""

    status: Literal["online", "away", "busy", "offline"]
    reason: Reason = ""


class SettingsBody(Body, frozen=True, kw_only=True):
    """What somebody has chosen for themselves. `shortcuts`: single keys work; `page` is the page's own (pane widths and the like)."""

    signature: Annotated[str, Meta(max_length=5000)] = ""
    theme: Literal["system", "light", "dark"] = "system"
    language: Annotated[str, Meta(max_length=16)] = ""
    shortcuts: bool = True
    sound: bool = False
    notify: bool = False
    page: Annotated[dict[str, Any], Meta(max_length=100)] = msgspec.field(default_factory=dict)


async def read_list(call: Call[NoBody, NoQuery]) -> Agents:
    """The team."""
    connected = call.parts.keeper.company.connected()
    rows = await reads.agents(call.services.store, call.person.workspace)
    return Agents(
        items=[agent_view(row, call.services.duty(row), connected=row.id in connected) for row in rows]
    )


async def set_status(call: Call[StatusBody, NoQuery]) -> AgentView:
    """Choose a status."""
    login = call.arg()
    row = await reads.agent(call.services.store, login)
    if row is None or row.workspace != call.person.workspace:
        raise not_found("This agent")
    call.require("agent.status", Own(login, frozenset(row.teams)))
    _known_reason(call.body, call.services.house().statuses)
    result = await call.services.journal.submit(
        cmd.SetStatus(
            token=new_token(),
            workspace=call.person.workspace,
            agent=login,
            status=call.body.status,
            reason=call.body.reason,
            by=Author(kind="agent", id=call.person.login),
        )
    )
    if isinstance(result, cmd.Refused):
        raise await refusal(call.services, call.person, result)
    after = await reads.agent(call.services.store, login) or row
    connected = login in call.parts.keeper.company.connected()
    return agent_view(after, call.services.duty(after), connected=connected)


def _known_reason(body: StatusBody, statuses: Sequence[StatusFacts]) -> None:
    """Where the house has a list of reasons, only those of this status are taken (or none at all)."""
    names = [one.name for one in statuses if one.status == body.status]
    if not body.reason or not statuses or body.reason in names:
        return
    meant = difflib.get_close_matches(body.reason, names, n=1, cutoff=0.6)
    choices = f"choose one of: {', '.join(names)}" if names else f"{body.status} takes no reason"
    raise malformed(
        "reason",
        f'"{body.reason}" is no reason here; ' + (f'did you mean "{meant[0]}"?' if meant else choices),
    )


async def read_settings(call: Call[NoBody, NoQuery]) -> SettingsBody:
    """The caller's own settings."""
    stored = msgspec.json.decode(await accounts.setting(call.services.store, call.person.login))
    known = {name: value for name, value in stored.items() if name in SettingsBody.__struct_fields__}
    try:
        return msgspec.convert(known, SettingsBody)
    except msgspec.ValidationError:
        return SettingsBody()


async def save_settings(call: Call[SettingsBody, NoQuery]) -> SettingsBody:
    """Replace the caller's own settings."""
    body = msgspec.json.encode(call.body)
    if len(body) > LARGEST_SETTINGS:
        raise malformed("", f"Settings have at most {LARGEST_SETTINGS} bytes.")
    await accounts.save_setting(call.services.store, call.person.login, body)
    return call.body
