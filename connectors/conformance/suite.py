"""What an author hands to the kit, and what the kit hands back. Data only; the checks are in the modules beside this one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from connectors.contract import Manifest, Response

REQUIREMENTS: dict[str, str] = {
    "C0101": "the manifest has a plain id, a name, the host's contract version and its documentation",
    "C0102": "importing the connector is quick and starts neither threads nor connections",
    "C0103": "a webhook has a parse function and is verified",
    "C0104": "the configuration exports a JSON schema",
    "C0201": "the example configuration is accepted",
    "C0202": "every required key is missed by name",
    "C0203": "a value of a wrong type is refused",
    "C0204": "an unknown key is refused",
    "C0205": "no secret is shown by the configuration or its errors",
    "C0301": "a genuine request passes, also with each of several secrets",
    "C0302": "a changed, truncated or emptied body is not genuine",
    "C0303": "a missing, foreign or stale signature is not genuine",
    "C0401": "one input always becomes the same items",
    "C0402": "different inputs have different deduplication keys",
    "C0403": "a request delivered many times, also at once, is kept once",
    "C0501": "items delivered together become the same as items delivered alone",
    "C0502": "a poisoned item does not hide its neighbours",
    "C0601": "unknown fields change nothing",
    "C0602": "an unknown kind of event is kept as unmapped",
    "C0701": "whatever the body is, the codec answers with items or Malformed, and soon",
    "C0801": "a send that the provider accepts is accepted with its ids",
    "C0802": "scripted answers have the outcomes that the author expects",
    "C0803": "nothing was sent: the send is tried again; no answer came: it is unknown unless repeats are harmless",
    "C0804": "whatever the provider answers, the outcome is one of the contract's",
    "C0901": "a plan is deterministic and its parts have stable keys",
    "C0902": "a long text is split into parts that fit",
    "C0903": "what cannot be sent is said",
    "C1001": "no secret appears in a log line, an outcome or an error",
    "C1101": "opening, probing and closing leave nothing behind",
}
"""Numbered once and never renumbered, so that a report names one requirement for ever."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook request without its signature (the kit signs it as the manifest declares). `kinds` are the tags of its items, in order."""

    name: str
    body: bytes
    kinds: tuple[str, ...]
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    path: str = "/hooks/channel"


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """A send with the provider's scripted answers, and the kind of outcome that it must have.

    `raised`: "try_later" and so on when the connector may raise one of the contract's errors instead.
    """

    name: str
    answers: tuple[Response, ...]
    outcome: Literal["accepted", "rejected", "retry", "unknown", "try_later", "needs_operator"]
    text: str = "Hello"


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the kit needs to know of a connector that it never saw.

    `module` is imported to measure. `config` is an example `config:` block, `others` further values for its secrets' rotation. `batch` puts
    several bodies into one of the provider's shape. `unknown` is a body with a kind of event that does not exist. `accepts` are the answers
    of a provider that takes a message. `conversation_key` and `address` are those of a customer to write to. `exempt` names requirements
    with the reason, which is printed.
    """

    module: str
    manifest: Manifest
    config: dict[str, Any]
    requests: tuple[Request, ...] = ()
    batch: Callable[[Sequence[bytes]], bytes] | None = None
    poison: bytes = b""
    unknown: bytes = b""
    accepts: tuple[Response, ...] = ()
    sends: tuple[Send, ...] = ()
    conversation_key: str = "customer"
    address: tuple[str, str] = ("conformance", "customer")
    exempt: dict[str, str] = {}


class Result(msgspec.Struct, frozen=True):
    """One requirement's verdict. `detail` says what is wrong, or why it was not judged."""

    requirement: str
    verdict: Literal["pass", "fail", "exempt", "n/a"]
    detail: str = ""


class Broken(AssertionError):
    """A check found a fault; its text goes into the report."""


class NotApplicable(Exception):
    """There is nothing to judge: the connector has no such side."""
