"""Run Parley: every role in one process, or with --roles some of them.

--demo starts the demo: nothing to configure, a team with skills, a customer's page; --demo busy adds a stream of customers.
"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from config.demo import stage
from config.faults import USAGE, Fault
from config.opening import Opened, opened, options

if TYPE_CHECKING:
    from config.wiring import Process

ROLES = ("connectors", "router", "inbox")


def parents() -> list[argparse.ArgumentParser]:
    """Inherit the configuration's options."""
    return [options()]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--demo", nargs="?", const="quiet", choices=["quiet", "busy"], help="the demo; busy: with customers"
    )
    parser.add_argument(
        "--roles",
        type=_roles,
        metavar="ROLE,...",
        default=os.environ.get("PARLEY_ROLES") or None,
        help=f"some of {', '.join(ROLES)} (else PARLEY_ROLES)",
    )
    parser.add_argument(
        "--listen",
        type=_listen,
        metavar="HOST:PORT",
        default=os.environ.get("PARLEY_LISTEN") or None,
        help="instead of the configured address (else PARLEY_LISTEN)",
    )
    parser.add_argument("--host", help="instead of the configured address' host")
    parser.add_argument("--port", type=_port, help="instead of the configured address' port")


def run(args: argparse.Namespace) -> int:
    """Serve until asked to stop."""
    from config.commands.version import program
    from config.logs import set_up
    from config.serving import run as serve

    set_up("info", "auto")
    if args.demo == "busy" and args.roles and "connectors" not in args.roles:
        raise Fault(
            "--demo busy needs the role connectors: its customers come through the front doors", USAGE
        )
    partner = stage.partner_socket(os.environ) if args.demo else None
    found = _moved(opened(args, serving=True), args)
    set_up(found.loaded.parley.log.level, found.loaded.parley.log.format)

    async def announce(process: Process) -> None:
        from config.welcome import address, welcome

        base, more = address(process), list[str]()
        if partner is not None:
            more = await stage.begin(process, base, partner, busy=args.demo == "busy")
        await welcome(process, base, more)

    return serve(found, program(), announce)


def _moved(found: Opened, args: argparse.Namespace) -> Opened:
    """With --host and --port taken into account, and what the options ask for checked against the file, which is right by itself."""
    import msgspec

    from config.crosscheck import process as contradictions

    parley = found.loaded.parley
    host, _, port = parley.listen.rpartition(":")
    parley = msgspec.structs.replace(
        parley, listen=f"{args.host or host}:{port if args.port is None else args.port}"
    )
    for wrong in contradictions(parley, found.loaded.files.main):
        asked = (
            f"--roles {','.join(args.roles)} (or PARLEY_ROLES)" if args.roles else f"--listen {parley.listen}"
        )
        raise Fault(f"{asked}: {wrong.message}", USAGE)
    return msgspec.structs.replace(found, loaded=msgspec.structs.replace(found.loaded, parley=parley))


def _roles(text: str) -> tuple[str, ...]:
    roles = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    unknown = [role for role in roles if role not in ROLES]
    if unknown or not roles:
        raise argparse.ArgumentTypeError(f"expected some of {', '.join(ROLES)}; got {text!r}")
    return roles


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535; got {text!r}")
    return int(text)


def _listen(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
        raise argparse.ArgumentTypeError(f"expected HOST:PORT; got {text!r}")
    return text
