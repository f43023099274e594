"""The OpenAPI 3.1 document, made from the sitemap and the handlers' annotations: it cannot say anything else than the code does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from aiohttp import web

from inbox.call import NoBody, NoQuery, Raw, Route, Shape, shape_of
from inbox.errors import CODE_OF_STATUS, ErrorAnswer
from inbox.routes import API

REF = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"{(\w+)}")


def document(routes: Iterable[Route], version: str) -> dict[str, Any]:
    """The whole document."""
    listed = [(route, shape_of(route.handler)) for route in routes]
    names, components = _components(listed)
    paths: dict[str, dict[str, Any]] = {}
    for route, shape in listed:
        paths.setdefault(API + route.path, {})[route.method.lower()] = _operation(route, shape, names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Parley",
            "version": version or "0",
            "summary": "Conversations of every channel: lists, messages, work, contacts, search.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "an API token, `parley_…`"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "parley",
                    "description": "a browser's session; what changes something carries X-CSRF-Token (`__Host-parley` under https)",
                },
            },
        },
    }


def _components(listed: list[tuple[Route, Shape]]) -> tuple[dict[type[Any], dict[str, Any]], dict[str, Any]]:
    """The schema of each type that routes name, and the shared components."""
    types: list[type[Any]] = [ErrorAnswer]
    for _route, shape in listed:
        for found in (shape.body, shape.answer):
            if _is_struct(found) and found not in types and found not in {NoBody, Raw}:
                types.append(found)
    schemas, components = msgspec.json.schema_components(types, ref_template=REF)
    return dict(zip(types, schemas, strict=True)), components


def _is_struct(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, msgspec.Struct)


def _operation(route: Route, shape: Shape, names: dict[type[Any], dict[str, Any]]) -> dict[str, Any]:
    summary = (route.handler.__doc__ or "").strip().splitlines()[0].rstrip(".")
    noun = route.path.strip("/").split("/")[0]
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": summary,
        "tags": [noun],
        "parameters": [*_path_parameters(route), *_query_parameters(shape.query)],
        "responses": _responses(route, shape, names),
        "security": [{"token": []}, {"session": []}] if route.verb else [],
    }
    if shape.body is Raw:
        operation["requestBody"] = {"required": True, "content": {"application/octet-stream": {"schema": {}}}}
    elif shape.body is not NoBody:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": names[shape.body]}},
        }
    return operation


def _operation_id(route: Route) -> str:
    words = [part for part in re.split(r"[/{}_-]+", route.path) if part]
    return route.method.lower() + "".join(word.capitalize() for word in words)


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    schema = {"type": "string", "minLength": 1, "maxLength": 128}
    return [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name in _PARAMETER.findall(route.path)
    ]


def _query_parameters(query: type[Any]) -> list[dict[str, Any]]:
    if query is NoQuery:
        return []
    (_schema,), components = msgspec.json.schema_components([query], ref_template=REF)
    shape = components[query.__name__]
    required = set(shape.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in shape["properties"].items()
    ]


def _responses(route: Route, shape: Shape, names: dict[type[Any], dict[str, Any]]) -> dict[str, Any]:
    if _is_struct(shape.answer):
        content = {"application/json": {"schema": names[shape.answer]}}
    else:
        content = {"*/*": {"schema": {}}}
    answers: dict[str, Any] = {str(route.status): {"description": "done", "content": content}}
    error = {"application/json": {"schema": names[ErrorAnswer]}}
    for status in _errors_of(route, shape):
        answers[str(status)] = {"description": CODE_OF_STATUS[status], "content": error}
    return answers


def _errors_of(route: Route, shape: Shape) -> list[int]:
    found = {400, 401, 403, 429, 503}
    if "{" in route.path:
        found.add(404)
    if route.method != "GET":
        found |= {404, 409, 413, 422}
    if shape.query is NoQuery and shape.body is NoBody and "{" not in route.path and route.method == "GET":
        found -= {429}
    return sorted(found)


def serve(routes: Iterable[Route], version: str) -> Any:
    """The handler of `/api/v1/openapi.json`."""
    body = msgspec.json.format(msgspec.json.encode(document(routes, version)), indent=1)

    async def handle(_request: web.Request) -> web.Response:
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=body, content_type="application/json", headers=headers)

    return handle
