"""Faults of configuration as a person reads them: `file:line:column: message (did you mean "…"?)`, all at once.

Finding the faults lives elsewhere (`yaml_positions`, `shape`, `crosscheck`); here is only how they look.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import NamedTuple

SHOWN = 200
"""At most so many faults are printed; a file that is wrong all over is not better understood by more."""


class Mark(NamedTuple):
    """A place in a file; `line` and `column` count from 1. Line 0: the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Problem(NamedTuple):
    """One fault: where, what is wrong and, if there is a likely one, what was meant."""

    mark: Mark
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        hint = f' (did you mean "{self.suggestion}"?)' if self.suggestion else ""
        return f"{self.mark}: {self.message}{hint}"


class ConfigError(Exception):
    """The configuration cannot be used. `problems` are all faults that were found, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems), key=lambda problem: problem.mark)
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """One line per fault, at most `SHOWN` and a line that counts the rest."""
        shown = [str(problem) for problem in self.problems[:SHOWN]]
        rest = len(self.problems) - len(shown)
        return [*shown, f"... and {rest} more"] if rest else shown


def nearest(word: str, choices: Iterable[str]) -> str:
    """The choice that `word` was probably meant to be, or an empty text."""
    known = {choice.casefold(): choice for choice in choices}
    found = difflib.get_close_matches(word.casefold(), known, n=1, cutoff=0.6)
    return known[found[0]] if found else ""
