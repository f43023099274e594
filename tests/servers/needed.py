"""Which servers were missing: a skip with its reason, one line of summary at the end, and a failure on CI. Starts nothing."""

import contextlib
import os
from collections.abc import Generator, Iterator

import pytest

from tests.servers.process import ServerMissing

_missing: dict[str, str] = {}
_skipped: set[str] = set()


def on_ci() -> bool:
    """Tell whether skipping for a missing server is a failure (CI=true)."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


@contextlib.contextmanager
def skipping_when_missing() -> Iterator[None]:
    """Turn ServerMissing into a skip that the summary names; on CI into a failure."""
    try:
        yield
    except ServerMissing as missing:
        skip_for(missing)


def skip_for(missing: ServerMissing) -> None:
    """Skip the current test for this missing server, or fail it on CI."""
    _missing[missing.name] = missing.reason
    if on_ci():
        pytest.fail(f"on CI every server must run; {missing}", pytrace=False)
    pytest.skip(f"missing server {missing}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember which file lost tests to a missing server."""
    report = yield
    if report.skipped and "missing server" in str(report.longrepr):
        _skipped.add(item.location[0])
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what was not tested and why."""
    if _missing and not on_ci():
        reasons = "; ".join(f"{name} ({reason})" for name, reason in sorted(_missing.items()))
        suites = ", ".join(sorted(_skipped))
        terminalreporter.write_line(f"SKIPPED SUITES: {suites} for want of {reasons}", yellow=True, bold=True)
