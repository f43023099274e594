"""Dead letters: what could not be taken in or sent. List them, look at one, try it again, or drop it."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from typing import TYPE_CHECKING

from config.faults import Fault
from config.opening import Opened, demo_option, opened, options, store_of

if TYPE_CHECKING:
    from stream.store.ports import Store

PAGE = 100
_HELP = {
    "list": "the newest first",
    "show": "one, with its raw bytes",
    "replay": "try one again, or all of a channel",
    "drop": "forget one",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, text in _HELP.items():
        action = actions.add_parser(name, help=text, description=text, parents=[options()])
        demo_option(action)
        if name == "list":
            action.add_argument("--limit", type=int, default=PAGE)
        else:
            action.add_argument("id", nargs="?" if name == "replay" else None)
        if name == "replay":
            action.add_argument("--channel", help="every letter of this channel")
        if name == "show":
            action.add_argument("--raw", action="store_true", help="only the raw bytes, to standard output")


def run(args: argparse.Namespace) -> int:
    """Do it on the store."""
    return asyncio.run(_run(args, opened(args)))


async def _run(args: argparse.Namespace, found: Opened) -> int:
    if args.action == "replay":
        from config.replaying import replay

        return await replay(found, args.id or "", args.channel or "", print)
    async with store_of(found.place) as store:
        await {"list": _list, "show": _show, "drop": _drop}[args.action](args, store)
    return 0


async def _list(args: argparse.Namespace, store: Store) -> None:
    from stream.dead import list_dead

    letters = await list_dead(store, limit=max(1, min(args.limit, 1000)))
    for one in letters:
        print(f"{one.id}  {_when(one.at)}  {one.direction:3} {one.channel:20} {one.error}")
    if not letters:
        print("there are none")


async def _show(args: argparse.Namespace, store: Store) -> None:
    from stream.dead import show_dead

    letter = await show_dead(store, args.id)
    if letter is None:
        raise _unknown(args.id)
    if args.raw:
        sys.stdout.buffer.write(letter.raw)
        return
    print(
        f"{letter.id}\n  {letter.direction} on {letter.channel}, {_when(letter.at)}\n  reference: {letter.ref}\n  {letter.error}"
    )
    print(f"  {len(letter.raw)} raw bytes" + ("; --raw writes them" if letter.raw else ""))


async def _drop(args: argparse.Namespace, store: Store) -> None:
    from stream.dead import drop_dead, show_dead

    if await show_dead(store, args.id) is None:
        raise _unknown(args.id)
    await drop_dead(store, args.id)
    print(f"{args.id} is dropped")


def _unknown(ident: str) -> Fault:
    return Fault(f"there is no dead letter {ident}; `parley dead list` shows them")


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
