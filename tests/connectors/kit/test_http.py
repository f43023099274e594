"""The guarded client: where it does not go, how much it takes, and what it tells a sender. Loopback servers stand for the world."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from connectors.contract import SentUnknown, TryLater, Unsupported
from connectors.kit.http import GuardedClient, GuardedResolver
from tests.servers.web import web_server

PATIENCE = (
    3.0  # seconds: a connection on a busy machine is made within them, else it would count as never made
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class NameTable(AbstractResolver):
    """Answers each name with the next list of addresses that it was given for it."""

    def __init__(self, **names: list[list[str]]) -> None:
        self.names = {name.replace("_", "."): answers for name, answers in names.items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        answers = self.names[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in addresses
        ]

    async def close(self) -> None:
        pass


@contextlib.asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", handler)
    async with web_server(application) as port:
        yield f"127.0.0.1:{port}"


@contextlib.asynccontextmanager
async def client(*allowed: str, resolver: AbstractResolver | None = None) -> AsyncIterator[GuardedClient]:
    guarded = GuardedClient(allowed, resolver)
    await guarded.open()
    try:
        yield guarded
    finally:
        await guarded.close()


async def _ok(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="hello", headers={"X-One": "1"})


async def test_an_allowed_private_host_answers() -> None:
    async with serving(_ok) as host, client(host) as guarded:
        answer = await guarded.request("GET", f"http://{host}/")
    assert (answer.status, answer.body, answer.headers["x-one"], answer.truncated) == (
        200,
        b"hello",
        "1",
        False,
    )


async def test_a_private_host_is_refused_before_anything_is_sent() -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        seen.append(request.path)
        return web.Response()

    async with serving(handler) as host, client("127.0.0.1:1") as guarded:
        with pytest.raises(Unsupported, match="not a public one"):
            await guarded.request("GET", f"http://{host}/")
    assert not seen


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::ffff:169.254.169.254"], ["fe80::1"]]
)
async def test_a_name_is_refused_for_any_of_its_addresses(addresses: list[str]) -> None:
    async with client(resolver=NameTable(bad_example=[addresses])) as guarded:
        with pytest.raises(Unsupported, match=r"bad\.example leads to an address that is not public"):
            await guarded.request("GET", "http://bad.example/secret-path")


async def test_a_name_is_looked_up_once_so_that_it_cannot_change_its_mind() -> None:
    table = NameTable(rebind_example=[["127.0.0.1"], ["8.8.8.8"]])
    async with (
        serving(_ok) as host,
        client(f"rebind.example:{host.split(':')[1]}", resolver=table) as guarded,
    ):
        await guarded.request("GET", f"http://rebind.example:{host.split(':')[1]}/")
    assert table.asked == ["rebind.example"]


async def test_the_number_of_addresses_is_bounded() -> None:
    guarded = GuardedResolver(frozenset(), NameTable(many_example=[["8.8.8.8"] * 500]))
    assert len(await guarded.resolve("many.example", 80)) == 16


async def test_redirects_are_answers_not_orders() -> None:
    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "http://169.254.169.254/"})

    async with serving(handler) as host, client(host) as guarded:
        answer = await guarded.request("GET", f"http://{host}/")
    assert answer.status == 302


async def test_a_body_is_cut_at_its_limit() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            for _piece in range(1000):
                await response.write(b"x" * 10_000)
        return response

    async with serving(handler) as host, client(host) as guarded:
        answer = await guarded.request("GET", f"http://{host}/", max_body=25_000)
    assert answer.truncated
    assert len(answer.body) == 25_000


async def test_packed_bodies_are_not_unpacked() -> None:
    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"\x1f\x8b not really", headers={"Content-Encoding": "gzip"})

    async with serving(handler) as host, client(host) as guarded:
        assert (await guarded.request("GET", f"http://{host}/")).body == b"\x1f\x8b not really"


async def test_no_cookie_is_kept() -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("Cookie", ""))
        return web.Response(headers={"Set-Cookie": "a=b"})

    async with serving(handler) as host, client(host) as guarded:
        for _time in range(2):
            await guarded.request("GET", f"http://{host}/")
    assert seen == ["", ""]


async def test_refused_connections_mean_that_nothing_was_sent() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    async with client("127.0.0.1") as guarded:
        with pytest.raises(TryLater, match="cannot be reached"):
            await guarded.request("POST", f"http://127.0.0.1:{port}/token-in-path", body=b"x")


async def test_a_name_that_does_not_exist_means_that_nothing_was_sent() -> None:
    class Nowhere(NameTable):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            raise OSError(f"no {host} {port} {family}")

    async with client(resolver=Nowhere()) as guarded:
        with pytest.raises(TryLater, match="name not found"):
            await guarded.request("POST", "http://nowhere.example/", body=b"x")


@pytest.mark.parametrize("end", ["silence", "reset", "half an answer"])
async def test_a_lost_answer_means_that_we_cannot_know(end: str) -> None:
    got, done = asyncio.Event(), asyncio.Event()

    async def provider(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            got.set()
            if end == "half an answer":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
                await writer.drain()
            if end == "silence":
                await reader.read()
        finally:
            writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        done.set()

    server = await asyncio.start_server(provider, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, client("127.0.0.1") as guarded:
        with pytest.raises(SentUnknown, match="no whole answer") as caught:
            await guarded.request(
                "POST", f"http://127.0.0.1:{port}/bot-secret/send", body=b"x", timeout=PATIENCE
            )
        await done.wait()
    assert got.is_set()
    assert "bot-secret" not in str(caught.value)


async def test_a_closed_client_says_so() -> None:
    with pytest.raises(TryLater, match="closed"):
        await GuardedClient().request("GET", "https://example.org/")
