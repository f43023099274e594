"""The guard of the network refuses what leaves the machine, by sockets, datagrams, look-ups and uvloop, and lets loopback be."""

import asyncio
import socket

import pytest
import uvloop

from tests import guard

OUTSIDE = "192.0.2.1"  # RFC 5737: documentation only, routed nowhere


def test_a_connection_to_elsewhere_is_refused() -> None:
    with guard.expected() as refused, socket.socket() as client, pytest.raises(guard.LeftTheMachine):
        client.connect((OUTSIDE, 443))
    assert refused == [f"connect to '{OUTSIDE}'"]


def test_a_datagram_to_elsewhere_is_refused() -> None:
    with (
        guard.expected(),
        socket.socket(type=socket.SOCK_DGRAM) as client,
        pytest.raises(guard.LeftTheMachine),
    ):
        client.sendto(b"?", (OUTSIDE, 53))


def test_a_look_up_is_refused() -> None:
    with guard.expected(), pytest.raises(guard.LeftTheMachine):
        socket.getaddrinfo("outside.example", 443)


async def test_a_connection_of_the_event_loop_is_refused() -> None:
    with guard.expected(), pytest.raises(guard.LeftTheMachine):
        await asyncio.open_connection(OUTSIDE, 443)


@pytest.mark.parametrize("host", [OUTSIDE, "outside.example"])
def test_a_connection_of_uvloop_is_refused(host: str) -> None:
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    with guard.expected(), runner, pytest.raises(guard.LeftTheMachine):
        runner.run(asyncio.open_connection(host, 443))


def test_loopback_is_allowed() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "widget.localhost", None, ""])
def test_these_stay_here(host: str | None) -> None:
    assert guard.stays_here(host)


@pytest.mark.parametrize("host", [OUTSIDE, "10.0.0.1", "2001:db8::1", "parley.example", "169.254.169.254"])
def test_these_do_not(host: str) -> None:
    assert not guard.stays_here(host)
