"""Judging what a connector declares: manifest, import, configuration (C01, C02)."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any, get_type_hints

import msgspec

from connectors.conformance.suite import Broken, NotApplicable, Suite
from connectors.contract import CONTRACT_VERSION, NoConfig, Secret, decode_secret

_IMPORT = """
import sys, threading, time
import connectors.contract, connectors.kit.html, connectors.kit.http
sys.addaudithook(lambda name, _: name in ("socket.connect", "socket.bind", "socket.getaddrinfo") and sys.exit("it used the network"))
started = time.process_time()
__import__(sys.argv[1])
seconds = time.process_time() - started
if threading.active_count() > 1: sys.exit("it started a thread")
if seconds > 1.0: sys.exit(f"it took {seconds:.2f} s of processor time")
"""


def config_of(suite: Suite, block: dict[str, Any] | None = None) -> Any:
    """The configuration as the host reads it. Raises `msgspec.ValidationError`."""
    given = suite.config if block is None else block
    return msgspec.convert(given, suite.manifest.config, dec_hook=decode_secret)


def secrets_of(value: Any) -> list[str]:
    """The texts of all secrets in a configuration."""
    if isinstance(value, Secret):
        return [value.reveal()]
    if isinstance(value, msgspec.Struct):
        return [text for name in value.__struct_fields__ for text in secrets_of(getattr(value, name))]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in secrets_of(inner)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in secrets_of(inner)]
    return []


def _c0101(suite: Suite) -> None:
    face = suite.manifest
    if not re.fullmatch(r"[a-z][a-z0-9_-]{1,40}", face.id):
        raise Broken(f"the id {face.id!r} is not plain")
    if not face.name.strip() or not face.docs.strip():
        raise Broken("the manifest has no name, or names no documentation")
    if face.contract != CONTRACT_VERSION:
        raise Broken(f"it is made for contract {face.contract}; this is {CONTRACT_VERSION}")


def _c0102(suite: Suite) -> None:
    done = subprocess.run(  # noqa: S603  # the author's own module, on their own machine
        [sys.executable, "-c", _IMPORT, suite.module], capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode:
        raise Broken((done.stderr.strip().splitlines() or ["it cannot be imported"])[-1])


def _c0103(suite: Suite) -> None:
    face = suite.manifest
    if "webhook" not in face.capabilities.transports:
        raise NotApplicable("no webhook")
    if face.parse is None:
        raise Broken("there is a webhook but no parse function")
    if face.verification.scheme == "none":
        raise Broken("anybody who reaches the webhook may write")
    if face.verification.secret not in getattr(face.config, "__struct_fields__", ()):
        raise Broken(f"the configuration has no field {face.verification.secret!r} for the secret")


def _c0104(suite: Suite) -> None:
    def hook(kind: type) -> dict[str, Any]:
        if kind is Secret:
            return {"type": "string"}
        raise NotImplementedError(kind)

    schema = msgspec.json.schema(suite.manifest.config, schema_hook=hook)
    if not (schema.get("$defs") or schema.get("type")):
        raise Broken("the schema is empty")


def _c0201(suite: Suite) -> None:
    config_of(suite)


def _c0202(suite: Suite) -> None:
    for field in msgspec.structs.fields(suite.manifest.config):
        if field.required:
            block = {name: value for name, value in suite.config.items() if name != field.encode_name}
            _must_fail(suite, block, field.encode_name, f"without {field.encode_name}")


def _c0203(suite: Suite) -> None:
    for field in msgspec.structs.fields(suite.manifest.config):
        wrong: object = {"no": "such"} if field.type is not dict else 7
        if _takes_anything(suite.manifest.config, field.name):
            continue
        _must_fail(
            suite, {**suite.config, field.encode_name: wrong}, "", f"with an object for {field.encode_name}"
        )


def _takes_anything(config: type, name: str) -> bool:
    hint = get_type_hints(config).get(name)
    return (
        hint is Any
        or "dict" in str(hint)
        or (isinstance(hint, type) and issubclass(hint, msgspec.Struct))
        or "list" in str(hint)
    )


def _c0204(suite: Suite) -> None:
    _must_fail(suite, {**suite.config, "no_such_key": 1}, "no_such_key", "with an unknown key")


def _must_fail(suite: Suite, block: dict[str, Any], names: str, what: str) -> None:
    try:
        config_of(suite, block)
    except msgspec.ValidationError as error:
        if names and names not in str(error):
            raise Broken(f"{what} the error does not name it: {error}") from None
        return
    raise Broken(f"{what} it is accepted")


def _c0205(suite: Suite) -> None:
    config = config_of(suite)
    secrets = secrets_of(config)
    if not secrets and suite.manifest.config is NoConfig:
        raise NotApplicable("no configuration")
    shown = [repr(config), str(config)]
    for field in msgspec.structs.fields(suite.manifest.config):
        try:
            config_of(suite, {**suite.config, field.encode_name: [*secrets, 7]})
        except msgspec.ValidationError as error:
            shown.append(str(error))
    for secret in secrets:
        if any(secret in text for text in shown):
            raise Broken("a secret is shown")


CHECKS = (_c0101, _c0102, _c0103, _c0104, _c0201, _c0202, _c0203, _c0204, _c0205)
