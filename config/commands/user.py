"""Accounts: add, disable, enable, set a password, list sessions and end them. Skills and teams of agents are in team.yaml."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
import time
from typing import TYPE_CHECKING

from config.faults import Fault
from config.opening import Opened, demo_option, opened, options, store_of

if TYPE_CHECKING:
    from stream.store.ports import Store


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, text in _HELP.items():
        action = actions.add_parser(name, help=text, description=text, parents=[options()])
        demo_option(action)
        if name != "list":
            action.add_argument("login")
        if name == "add":
            action.add_argument("--name", default="", help="how colleagues see them")
            action.add_argument(
                "--role",
                default="",
                choices=["", "agent", "supervisor", "admin"],
                help="else as team.yaml says",
            )
            action.add_argument(
                "--password",
                action="store_true",
                help="ask for a password instead of printing a sign-in link",
            )
        if name == "sessions":
            action.add_argument("--end", action="store_true", help="end them all")


def run(args: argparse.Namespace) -> int:
    """Do it on the store."""
    found = opened(args)
    return asyncio.run(_run(args, found))


async def _run(args: argparse.Namespace, found: Opened) -> int:
    async with store_of(found.place) as store:
        await _ACTIONS[args.action](args, found, store)
    return 0


async def _list(_args: argparse.Namespace, found: Opened, store: Store) -> None:
    from inbox import accounts

    roles = {agent.agent: agent.role for agent in found.loaded.house.agents}
    for one in await accounts.accounts(store):
        state = "disabled" if one.disabled_at else "no password" if not one.password else ""
        print(f"{one.login:24} {one.role or roles.get(one.login, 'agent'):12} {one.name:24} {state}".rstrip())


async def _add(args: argparse.Namespace, found: Opened, store: Store) -> None:
    from inbox import accounts

    hashed = await _ask(args.login) if args.password else ""
    try:
        login = accounts.normal_login(args.login)
        made = await accounts.add_account(
            store, login, time.time(), name=args.name, role=args.role, password=hashed, must_set=not hashed
        )
    except ValueError as fault:
        raise Fault(str(fault)) from None
    if not made:
        raise Fault(f"there is an account {login} already; `parley user password {login}` lets them in again")
    print(f"{login} was added")
    if not hashed:
        await _link(found, store, login)


async def _disable(args: argparse.Namespace, _found: Opened, store: Store) -> None:
    await _switch(args.login, store, disabled=True)


async def _enable(args: argparse.Namespace, _found: Opened, store: Store) -> None:
    await _switch(args.login, store, disabled=False)


async def _switch(login: str, store: Store, *, disabled: bool) -> None:
    from inbox import accounts

    if not await accounts.disable(store, login, time.time(), disabled=disabled):
        raise _nobody(login)
    print(
        f"{login} is shut out; every session, link and token is over"
        if disabled
        else f"{login} may sign in again"
    )


async def _password(args: argparse.Namespace, found: Opened, store: Store) -> None:
    """A new password at the terminal, or a one-time link when standard input is none."""
    from inbox import accounts

    if await accounts.account(store, args.login) is None:
        raise _nobody(args.login)
    if not sys.stdin.isatty():
        await _link(found, store, args.login)
        return
    await accounts.set_password(store, args.login, await _ask(args.login))
    print(f"{args.login} has a new password; every session is over")


async def _sessions(args: argparse.Namespace, _found: Opened, store: Store) -> None:
    from inbox import accounts

    if args.end:
        await accounts.drop_sessions(store, args.login)
        print(f"every session of {args.login} is over")
        return
    for one in await accounts.sessions_of(store, args.login):
        seen = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.seen_at))
        print(f"{one.hash[:12]}  last seen {seen}  {one.address}  {one.browser[:60]}")


async def _link(found: Opened, store: Store, login: str) -> None:
    from inbox import accounts

    parley = found.loaded.parley
    secret = await accounts.add_link(store, login, time.time(), parley.sessions.link)
    minutes = round(parley.sessions.link / 60)
    print(f"sign in once within {minutes} minutes: {accounts.link_url(base_url(found), secret)}")


def base_url(found: Opened) -> str:
    """Where a browser reaches this Parley."""
    listening = found.listening.replace("0.0.0.0:", "127.0.0.1:").replace("[::]:", "[::1]:")
    return found.loaded.parley.public_url or f"http://{listening}"


async def _ask(login: str) -> str:
    from inbox.passwords import Passwords, weakness

    first = getpass.getpass("password: ")
    if said := weakness(first, login):
        raise Fault(f"{said} Nothing was changed.")
    if getpass.getpass("again: ") != first:
        raise Fault("the two are not equal; nothing was changed")
    return await Passwords().hash(first)


def _nobody(login: str) -> Fault:
    return Fault(
        f"there is no account {login}; `parley user list` shows them, `parley user add {login}` makes one"
    )


_HELP = {
    "list": "all accounts",
    "add": "make an account and print a one-time sign-in link",
    "disable": "shut an account out at once, with every session and token",
    "enable": "let it in again",
    "password": "set a new password (without a terminal: print a one-time sign-in link)",
    "sessions": "the sessions of an account",
}
_ACTIONS = {
    "list": _list,
    "add": _add,
    "disable": _disable,
    "enable": _enable,
    "password": _password,
    "sessions": _sessions,
}
