"""An S3-compatible server on loopback with one empty bucket. Kept in its memory; buckets per test are the fixture's business."""

import contextlib
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from tests.servers.process import HOST, ServerMissing, folder, free_port, running, says

BUCKET = "parley"


@dataclass(frozen=True, slots=True)
class S3Server:
    """Where it listens (`url` is the endpoint), an existing bucket and credentials."""

    host: str
    port: int
    url: str
    bucket: str
    region: str
    access_key: str
    secret_key: str
    pid: int

    def make_bucket(self, name: str) -> None:
        """Make one more bucket; the server takes unsigned requests."""
        with urllib.request.urlopen(
            urllib.request.Request(f"{self.url}/{name}", method="PUT"), timeout=10
        ) as answer:
            answer.read()


@contextlib.contextmanager
def s3_server() -> Iterator[S3Server]:
    """Run the server until the block ends; ServerMissing where the test extras are not installed."""
    if find_spec("moto") is None or find_spec("flask") is None:
        raise ServerMissing("s3", "the test extras are not installed (make install-test)")
    port = free_port()
    with folder("s3") as home:
        command = [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(port)]
        ask = b"GET /moto-api/ HTTP/1.0\r\n\r\n"
        with running(command, home / "s3.log", lambda: says(port, ask, b"HTTP/1", timeout=5.0)) as pid:
            server = S3Server(
                HOST, port, f"http://{HOST}:{port}", BUCKET, "us-east-1", "test-key", "test-secret", pid
            )
            server.make_bucket(BUCKET)
            yield server
