"""The `parley` command: which verbs there are, and how expected faults look. Each verb is a file in `config/commands`."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from config.faults import FAILED, OK, USAGE, Fault

COMMANDS = (
    "serve",
    "check",
    "reload",
    "explain",
    "automations",
    "diff",
    "replay",
    "simulate",
    "staff",
    "user",
    "token",
    "channels",
    "contact",
    "dead",
    "doctor",
    "healthcheck",
    "migrate",
    "backup",
    "restore",
    "key",
    "version",
)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    root = argparse.ArgumentParser(
        prog="parley", description="Omnichannel message router and agent inbox.", allow_abbrev=False
    )
    verbs = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        module = import_module(f"config.commands.{name}")
        text = (module.__doc__ or "").splitlines()[0]
        verb = verbs.add_parser(
            name, help=text, description=module.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
            parents=getattr(module, "parents", list)(),
        )  # fmt: skip
        module.add(verb)
        verb.set_defaults(run=module.run)
    return root


def main(argv: list[str] | None = None) -> int:
    """Run the command line; the exit code: 0 done, 1 failed, 2 wrong usage or configuration."""
    args = parser().parse_args(argv)
    try:
        return int(args.run(args) or OK)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED
    except Exception as fault:
        code = expected(fault)
        if code is None:
            raise
        from config.logs import REDACTOR

        print(
            REDACTOR.clean(f"parley: {fault}" if code != USAGE or isinstance(fault, Fault) else str(fault)),
            file=sys.stderr,
        )
        return code


def expected(fault: Exception) -> int | None:
    """The exit code of a fault that a person can mend; None for a defect of Parley's own."""
    from config.catalogue import BadConnector
    from config.errors import ConfigError
    from config.keys import KeyFault
    from config.lock import Locked
    from config.secrets import SecretFault
    from stream.store.ports import StoreError

    if isinstance(fault, Fault):
        return fault.code
    if isinstance(fault, ConfigError):
        return USAGE
    if isinstance(fault, KeyFault | Locked | SecretFault | StoreError | BadConnector | PermissionError):
        return FAILED
    return None


if __name__ == "__main__":
    raise SystemExit(main())
