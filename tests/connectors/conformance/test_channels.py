"""Every channel of the tree against the conformance kit, one test per requirement."""

from __future__ import annotations

import pytest

from connectors.conformance.run import judge
from connectors.conformance.suite import REQUIREMENTS, Suite
from connectors.registry import IN_TREE
from tests.connectors.conformance.echo_suite import SUITE as ECHO
from tests.connectors.conformance.email_suite import SUITE as EMAIL
from tests.connectors.conformance.telegram_suite import SUITE as TELEGRAM
from tests.connectors.conformance.webchat_suite import SUITE as WEBCHAT
from tests.connectors.conformance.webhook_suite import SUITE as WEBHOOK

SUITES = {suite.manifest.id: suite for suite in (ECHO, WEBHOOK, WEBCHAT, EMAIL, TELEGRAM)}


def test_every_channel_of_the_tree_has_a_suite() -> None:
    assert set(SUITES) == set(IN_TREE)


@pytest.mark.parametrize("requirement", REQUIREMENTS)
@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
async def test_the_channel_meets(suite: Suite, requirement: str) -> None:
    result = await judge(suite, requirement)
    assert result.verdict != "fail", result.detail
