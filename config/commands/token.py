"""API tokens: add, list, revoke. A token's secret is printed once and kept only as a digest."""

from __future__ import annotations

import argparse
import asyncio
import time
from typing import TYPE_CHECKING

from config.faults import Fault
from config.opening import Opened, demo_option, opened, options, store_of

if TYPE_CHECKING:
    from stream.store.ports import Store


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, text in (
        ("add", "make a token and print it"),
        ("list", "all tokens"),
        ("revoke", "end a token"),
    ):
        action = actions.add_parser(name, help=text, description=text, parents=[options()])
        demo_option(action)
        if name == "add":
            action.add_argument("login", help="whose rights it has")
            action.add_argument("--name", required=True, help="what it is for")
            action.add_argument(
                "--role", default="", choices=["", "agent", "supervisor", "admin"], help="no more than this"
            )
            action.add_argument("--expires", default="", metavar="DURATION", help="such as 90d; else never")
        if name == "revoke":
            action.add_argument("id")


def run(args: argparse.Namespace) -> int:
    """Do it on the store."""
    return asyncio.run(_run(args, opened(args)))


async def _run(args: argparse.Namespace, found: Opened) -> int:
    async with store_of(found.place) as store:
        await {"add": _add, "list": _list, "revoke": _revoke}[args.action](args, store)
    return 0


async def _add(args: argparse.Namespace, store: Store) -> None:
    from config.units import duration
    from inbox import accounts

    try:
        seconds = duration(args.expires) if args.expires else 0.0
    except ValueError as fault:
        raise Fault(f"--expires: {fault}") from None
    if await accounts.account(store, args.login) is None:
        raise Fault(f"there is no account {args.login}; `parley user add {args.login}` makes one")
    ident, secret = await accounts.add_token(
        store, args.login, args.name, time.time(), role=args.role, seconds=seconds
    )
    print(f"{ident} (shown once): {secret}")


async def _list(_args: argparse.Namespace, store: Store) -> None:
    from inbox import accounts

    found = await accounts.tokens(store)
    if not found:
        print("there are none")
    for one in found:
        ends = time.strftime("until %Y-%m-%d", time.localtime(one.expires_at)) if one.expires_at else "no end"
        print(f"{one.id}  {one.login:20} {one.role or 'as owner':10} {ends:18} {one.name}")


async def _revoke(args: argparse.Namespace, store: Store) -> None:
    from inbox import accounts

    if not await accounts.drop_token(store, args.id):
        raise Fault(f"there is no token {args.id}; `parley token list` shows them")
    print(f"{args.id} is over")
