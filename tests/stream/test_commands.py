"""Every command can go to a writer in another process and comes out as it went in."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from stream import commands as cmd
from stream.commands.base import Command
from stream.decide import _DECISIONS
from stream.writer import wire
from tests.making import ANN, message, team


def leaves(kind: type[Command]) -> set[type[Command]]:
    """The commands that somebody may make: classes without further ones below."""
    below = kind.__subclasses__()
    return {kind} if not below else set().union(*(leaves(one) for one in below))


def test_the_union_holds_every_command_that_is_decided() -> None:
    made = {kind for kind in leaves(Command) if kind.__module__.startswith("stream.")}
    assert set(get_args(cmd.AnyCommand)) == set(_DECISIONS) == made


@pytest.mark.parametrize(
    "command",
    [
        message("v1", "m1", "äöü", raw=b"\x00\xff", thread=("a", "b")),
        team(),
        cmd.SetTags(token="t", conversation="c", by=ANN, add=("a",)),
        cmd.ReceivePoison(token="t", channel="c", connector="x", source_key="k", raw=b"\x00", error="bad"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_command_survives_the_wire(command: cmd.AnyCommand) -> None:
    said = wire.question(wire.frame(wire.Append([command], 1.5))[wire.LENGTH.size :])
    assert isinstance(said, wire.Append)
    assert said.commands == [command]
    assert msgspec.structs.astuple(said.commands[0]) == msgspec.structs.astuple(command)
