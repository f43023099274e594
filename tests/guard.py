"""No test leaves the machine: a connection or a look-up beyond the loopback interface fails the test that made it.

Python's own sockets are seen by an audit hook, uvloop's connections (made in C) by a wrapped method. The page in the
browser is held back by Chromium's own resolver rules (servers/browser.py). Servers are not judged here.
"""

import contextlib
import ipaddress
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import uvloop

_broken: list[str] = []
_armed = False

_LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_CONTACTS = {"socket.connect", "socket.sendto", "socket.sendmsg"}


class LeftTheMachine(AssertionError):
    """A test tried to reach an address that is not on the loopback interface."""


def stays_here(host: object) -> bool:
    """Tell whether `host` (name, literal or None for the wildcard) is this machine without asking anyone."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in {None, "", "localhost", socket.gethostname()}:
        return True
    try:
        address = ipaddress.ip_address(str(host).split("%", 1)[0])
    except ValueError:
        return str(host).endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _refuse(host: object, what: str) -> None:
    _broken.append(f"{what} {host!r}")
    raise LeftTheMachine(f"tests stay on the loopback interface, but this one would {what} {host!r}")


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if not _armed:
        return
    if event in _CONTACTS:
        connection, address = arguments[0], arguments[1]
        if connection.family in {socket.AF_INET, socket.AF_INET6} and address and not stays_here(address[0]):
            _refuse(address[0], "connect to")
    elif event in _LOOKUPS and not _literal(arguments[0]) and not stays_here(arguments[0]):
        _refuse(arguments[0], "look up")


def _literal(host: object) -> bool:
    """Look-ups of addresses ask nobody, so that code may refuse them itself."""
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(str(host).split("%", 1)[0]))
    return False


def _watch_uvloop() -> None:
    connect = uvloop.Loop.create_connection

    async def create_connection(
        self: uvloop.Loop, factory: Any, host: Any = None, *rest: Any, **options: Any
    ) -> Any:
        if _armed and not stays_here(host):
            _refuse(host, "connect to")
        return await connect(self, factory, host, *rest, **options)

    uvloop.Loop.create_connection = create_connection  # type: ignore[method-assign, assignment]  # C code raises no audit event


@contextlib.contextmanager
def expected() -> Iterator[list[str]]:
    """Give what the guard refuses inside the block, without failing the test: for the guard's own tests."""
    before = len(_broken)
    seen: list[str] = []
    try:
        yield seen
    finally:
        seen.extend(_broken[before:])
        del _broken[before:]


def pytest_configure(config: pytest.Config) -> None:
    """Arm the guard once, for collection, fixtures and tests alike."""
    global _armed  # noqa: PLW0603  # an audit hook can never be removed, so it asks this switch
    if not _armed:
        sys.addaudithook(_watch)
        _watch_uvloop()
        _armed = True


@pytest.fixture(autouse=True)
def _loopback_only() -> Iterator[None]:
    """Fail the test also when the code under test swallowed the refusal."""
    yield
    broken, _broken[:] = list(_broken), []
    if broken:
        pytest.fail("left the loopback interface: " + "; ".join(broken), pytrace=False)
