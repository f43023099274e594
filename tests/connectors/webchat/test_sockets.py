"""The register of open sockets: counted, bounded, told, closed."""

import asyncio

from connectors.webchat.codec import Hint
from connectors.webchat.sockets import Seat, Sockets


class Somebody:
    """A socket that only remembers."""

    def __init__(self) -> None:
        self.heard: list[Hint | None] = []
        self.ends: list[int] = []
        self.seat = Seat(hang_up=lambda code, reason: self.ends.append(code), hear=self.heard.append)


async def test_hints_reach_their_visitor_and_a_loss_everybody() -> None:
    sockets, (one, two) = Sockets(9, 9), (Somebody(), Somebody())
    sockets.introduce("v_1", one.seat)
    sockets.introduce("v_2", two.seat)
    sockets.tell(Hint(key="v_1"))
    sockets.tell(Hint(key="v_3"))
    sockets.tell(None)
    assert one.heard == [Hint(key="v_1"), None]
    assert two.heard == [None]
    sockets.leave("v_1", one.seat)
    sockets.tell(Hint(key="v_1"))
    assert len(one.heard) == 2


async def test_the_oldest_goes_and_the_channel_fills() -> None:
    sockets, people = Sockets(3, 2), [Somebody() for _ in range(3)]
    for one in people:
        assert not sockets.full
        sockets.enter(one.seat)
        sockets.introduce("v_1", one.seat)
    assert sockets.full
    assert [one.ends for one in people] == [[4009], [], []]
    for one in people:
        sockets.leave("v_1", one.seat)
    assert len(sockets) == 0
    assert sockets._by_visitor == {}


async def test_closing_asks_everybody_and_waits_only_so_long() -> None:
    sockets, one = Sockets(3, 2), Somebody()
    sockets.enter(one.seat)
    before = asyncio.get_running_loop().time()
    await sockets.close(0.05)
    assert 0.04 < asyncio.get_running_loop().time() - before < 2
    assert one.ends == [4000]
    assert sockets.full
    sockets.leave("", one.seat)
    await sockets.close(5.0)
