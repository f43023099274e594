"""A suite's verdicts as people and machines read them: a table, JUnit XML. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from connectors.conformance.suite import REQUIREMENTS, Result

_MARKS = {"pass": "ok", "fail": "FAIL", "exempt": "exempt", "n/a": "n/a"}


def table(results: Sequence[Result]) -> str:
    """One line per requirement; faults, exemptions and what could not be judged with their reasons; a sum."""
    lines = []
    for result in results:
        lines.append(f"{result.requirement}  {_MARKS[result.verdict]:<7} {REQUIREMENTS[result.requirement]}")
        if result.detail:
            lines.append(f"               {result.detail}")
    counts: Counter[str] = Counter(result.verdict for result in results)
    lines.append(", ".join(f"{counts[verdict]} {verdict}" for verdict in _MARKS if counts[verdict]))
    return "\n".join(lines)


def junit(name: str, results: Sequence[Result]) -> str:
    """JUnit XML: exempt and not applicable requirements count as skipped."""
    cases = []
    for result in results:
        inner = ""
        if result.verdict == "fail":
            inner = f"<failure message={quoteattr(result.detail)}/>"
        elif result.verdict != "pass":
            inner = f"<skipped message={quoteattr(f'{result.verdict}: {result.detail}')}/>"
        cases.append(f'<testcase classname={quoteattr(name)} name="{result.requirement}">{inner}</testcase>')
    failed = sum(result.verdict == "fail" for result in results)
    head = f'<testsuite name={quoteattr(name)} tests="{len(results)}" failures="{failed}">'
    return f'<?xml version="1.0" encoding="utf-8"?>\n{head}{"".join(cases)}</testsuite>\n'
