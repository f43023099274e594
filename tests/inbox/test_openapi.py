"""The OpenAPI document: valid, whole, and true: requests made from it never break the server and answers have its shapes."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import aiohttp
import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from inbox.call import shape_of
from inbox.openapi import document
from inbox.routes import API, ROUTES
from stream.model import Agent, Conversation, Message
from tests.inbox.world import World, open_world, serve

DOCUMENT = msgspec.json.decode(msgspec.json.encode(document(ROUTES, "1.0")))


def test_it_is_valid_openapi() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []
    assert DOCUMENT["openapi"] == "3.1.0"


def test_no_pattern_lets_a_last_line_break_pass() -> None:
    """For Python `$` also stands before it."""
    found = re.findall(r'"pattern":"((?:[^"\\]|\\.)*)"', msgspec.json.encode(DOCUMENT).decode())
    assert len(found) > 5
    assert [one for one in found if "$" in one and not one.endswith("$(?!\\\\n)")] == []


def test_every_route_is_in_it_with_a_summary_and_an_answer() -> None:
    listed = {
        (method.upper(), path) for path, operations in DOCUMENT["paths"].items() for method in operations
    }
    assert listed == {(route.method, API + route.path) for route in ROUTES}
    for operations in DOCUMENT["paths"].values():
        for operation in operations.values():
            assert operation["summary"]
            assert not operation["summary"].endswith(".")
            assert any(status.startswith("2") for status in operation["responses"])
    names = [operation["operationId"] for path in DOCUMENT["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


def test_views_have_every_field_of_the_model() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for model, view in ((Conversation, "ConversationView"), (Message, "MessageView"), (Agent, "AgentView")):
        assert set(model.__struct_fields__) <= set(schemas[view]["properties"])


def test_bodies_refuse_fields_that_nobody_named() -> None:
    for route in ROUTES:
        shape = shape_of(route.handler)
        assert shape.body.__struct_config__.forbid_unknown_fields, route.path
        assert shape.query.__struct_config__.forbid_unknown_fields, route.path


async def test_it_is_served(served: World, http: aiohttp.ClientSession) -> None:
    async with http.get(served.url("/api/v1/openapi.json")) as answer:
        assert (await answer.json())["paths"].keys() == DOCUMENT["paths"].keys()


# --- driven from the document ------------------------------------------------------------------------------------------


class Running:
    """A served world on a loop of its own, for a client that blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self.url = ""
        self.headers: dict[str, dict[str, str]] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with open_world(self._folder) as world, serve(world):
            for number in range(3):
                await world.assigned("ada", f"c{number}")
            for login in ("ada", "ann"):
                self.headers[login] = await world.bearer(login)
            self.url = world.url("/")
            self._ready.set()
            await self._stop.wait()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with ExitStack() as stack:
        yield stack.enter_context(Running(tmp_path_factory.mktemp("api")))


schema = schemathesis.openapi.from_dict(DOCUMENT)


@schema.parametrize()
@settings(
    max_examples=12,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_requests_made_from_it(case: schemathesis.Case[Any], running: Running) -> None:
    who = "ada" if "/users" in case.path or "/tokens" in case.path else "ann"
    case.call_and_validate(
        base_url=running.url,
        headers=running.headers[who],
        checks=[not_a_server_error, status_code_conformance, response_schema_conformance],
    )
