"""A PostgreSQL cluster of our own on loopback, run by an unprivileged user. Schemas are made by the program's own migrations."""

import contextlib
import os
import pwd
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import HOST, ServerMissing, binary, folder, free_port, running

USER = "parley"
PASSWORD = "loopback-only"


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """Where it listens and whose it is; `url` names the maintenance database."""

    host: str
    port: int
    user: str
    password: str
    url: str
    pid: int

    def database_url(self, name: str) -> str:
        """Give the address of one database of this cluster."""
        return f"postgresql://{self.user}:{self.password}@{self.host}:{self.port}/{name}"


def _account() -> str | None:
    """Name the account that may run it: initdb refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in names:
            return name
    raise ServerMissing(
        "postgresql", "root may not run it and there is neither a postgres nor a nobody account"
    )


def _make_cluster(initdb: str, home: Path, account: str | None) -> None:
    data, secret = home / "data", home / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    command = [initdb, "-D", str(data), "-U", USER, "--pwfile", str(secret), "--auth=scram-sha-256"]
    command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    subprocess.run(
        command,
        check=True,
        capture_output=True,
        cwd=home,
        user=account,
        group=account,
        env={**os.environ, "HOME": str(home)},
    )


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data folder that can be started again and again: for tests that kill the server."""

    tools: Path
    home: Path
    port: int
    account: str | None
    durable: bool

    @contextlib.contextmanager
    def running(self) -> Iterator[PostgresServer]:
        """Run the server until the block ends, or somebody ends it."""
        home, port = self.home, self.port
        command = [
            str(self.tools / "postgres"),
            "-D",
            str(home / "data"),
            "-h",
            HOST,
            "-p",
            str(port),
            "-k",
            str(home),
        ]
        command += ["-c", "max_connections=120", "-c", "shared_buffers=64MB"]
        if not self.durable:
            command += ["-c", "fsync=off", "-c", "full_page_writes=off"]

        def ready() -> bool:
            probe = [str(self.tools / "pg_isready"), "-q", "-h", HOST, "-p", str(port)]
            return subprocess.run(probe, check=False).returncode == 0

        with running(command, home / "postgres.log", ready, user=self.account) as pid:
            url = f"postgresql://{USER}:{PASSWORD}@{HOST}:{port}/postgres"
            yield PostgresServer(HOST, port, USER, PASSWORD, url, pid)


@contextlib.contextmanager
def postgres_cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """Make a data folder, removed at the end; `durable` keeps its fsync on (bench), off is faster and survives our kills."""
    initdb = binary("postgresql", "initdb", "/usr/lib/postgresql/*/bin/initdb", "/usr/local/pgsql/bin/initdb")
    tools = Path(initdb).resolve().parent
    account = _account()
    port = free_port()
    with folder("pg", account) as home:
        _make_cluster(initdb, home, account)
        yield Cluster(tools, home, port, account, durable)


@contextlib.contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Run PostgreSQL until the block ends."""
    with postgres_cluster(durable=durable) as cluster, cluster.running() as server:
        yield server
