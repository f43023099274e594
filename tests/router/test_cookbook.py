"""Every sample of the cookbook is compiled, and its own tests are run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from router import rehearsing, trying
from router.compiling import compile_routing
from router.routing import Known, Routing

PAGE = Path(__file__).parents[2] / "docs/routing.md"
KNOWN = Known(
    channels={"website": "webchat", "support-mail": "email"},
    connectors=frozenset({"webchat", "email"}),
    live=frozenset({"webchat"}),
    teams=frozenset({"red"}),
)


def samples() -> list[tuple[str, dict[str, Any]]]:
    """Heading and content of every sample."""
    found = re.finditer(r"^## (.+?)$|^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    heading, blocks = "", []
    for one in found:
        if one[1]:
            heading = one[1]
        else:
            blocks.append((heading, yaml.safe_load(one[2])))
    return blocks


SAMPLES = samples()


@pytest.mark.parametrize(("heading", "content"), SAMPLES, ids=[heading for heading, _ in SAMPLES])
def test_a_sample_does_what_it_says(heading: str, content: dict[str, Any]) -> None:
    whole = msgspec.convert({**SAMPLES[0][1], **content}, Routing)
    plan, problems = compile_routing(whole, KNOWN)
    assert plan is not None, problems
    assert whole.tests or whole.automation_tests
    assert trying.run(plan, whole.tests) == []
    assert rehearsing.run(plan, whole.automation_tests) == []


def test_the_page_names_every_word_of_the_settings() -> None:
    page = PAGE.read_text("utf-8")
    words = {"strict", "fifo", "head_start", "ageing", "due", "sticky", "round_robin", "opportunity"}
    assert not [word for word in words if f"`{word}`" not in page and word not in page]
