"""No function over 40 lines (docstring not counted), no Python or JavaScript file over 400; medians of 10 and 150 in the product."""

import statistics
from pathlib import Path

import pytest

from tests.house import tree

FUNCTION_LINES = 40
FILE_LINES = 400


@pytest.mark.parametrize("path", tree.ours(".py", ".js", ".mjs"), ids=tree.label)
def test_a_file_fits(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= FILE_LINES, f"{tree.label(path)} has {lines} lines: split it by noun"


@pytest.mark.parametrize("path", tree.ours(".py"), ids=tree.label)
def test_functions_fit(path: Path) -> None:
    long = [
        f"{tree.label(path)}:{node.lineno} {node.name} has {lines} lines"
        for node, lines in tree.functions(path)
        if lines > FUNCTION_LINES
    ]
    assert not long, "\n".join(long)


def test_the_product_reads_in_small_pieces() -> None:
    paths = tree.ours(".py", under=tree.ROOMS)
    functions = [lines for path in paths for _, lines in tree.functions(path)]
    files = [len(path.read_text("utf-8").splitlines()) for path in paths]
    assert statistics.median(functions or [0]) <= 10
    assert statistics.median(files) <= 150
