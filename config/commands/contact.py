"""Contacts: erase a person, with everything that was said, their addresses, the raw input and dead letters."""

from __future__ import annotations

import argparse
import asyncio

from config.faults import Fault
from config.opening import Opened, demo_option, opened, options, store_of


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    text = "erase a person; their files go with the next sweep"
    action = actions.add_parser("erase", help=text, description=text, parents=[options()])
    demo_option(action)
    action.add_argument("id", help="the contact's id")
    action.add_argument("--reason", default="", help="kept in the place of what is erased")
    action.add_argument("--yes", action="store_true", help="do it: nothing brings it back but a backup")


def run(args: argparse.Namespace) -> int:
    """Do it on the store."""
    return asyncio.run(_erase(args, opened(args)))


async def _erase(args: argparse.Namespace, found: Opened) -> int:
    from stream.bus import open_bus
    from stream.erasing import NotErased, erase_contact
    from stream.journal import Journal
    from stream.model import Author

    if not args.yes:
        raise Fault(f"erasing {args.id} cannot be undone: add --yes")
    async with store_of(found.place) as store:
        bus = open_bus(found.place.bus)
        await bus.open()
        journal = Journal(store, bus)
        await journal.open()
        try:
            by = Author(kind="system", id="parley contact erase")
            done = await erase_contact(journal, args.id, by, args.reason)
        except (LookupError, NotErased) as fault:
            raise Fault(str(fault).strip("'\"")) from None
        finally:
            await journal.close()
            await bus.close()
    print(f"{done.contents} contents, {done.raw} raw inputs and {done.letters} dead letters are erased")
    return 0
