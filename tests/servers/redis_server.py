"""A Redis of our own on loopback: memory only, no persistence. Emptying it between tests is the fixture's business."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from tests.servers.process import HOST, binary, folder, free_port, running, says


@dataclass(frozen=True, slots=True)
class RedisServer:
    """Where it listens; `pid` is ours to end and to pause."""

    host: str
    port: int
    url: str
    pid: int


@contextlib.contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Run Redis until the block ends; ServerMissing where it is not installed."""
    program = binary("redis", "redis-server", "valkey-server")
    port = free_port()
    with folder("redis") as home:
        options = [
            "--bind",
            HOST,
            "--port",
            str(port),
            "--dir",
            str(home),
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        with running(
            [program, *options], home / "redis.log", lambda: says(port, b"PING\r\n", b"+PONG")
        ) as pid:
            yield RedisServer(HOST, port, f"redis://{HOST}:{port}/0", pid)
