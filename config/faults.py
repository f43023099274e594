"""What may go wrong in a command without being a defect: it ends with a sentence and an exit code, never with a traceback."""

from __future__ import annotations

OK = 0
FAILED = 1
USAGE = 2


class Fault(Exception):
    """Expected: `str(fault)` says what is wrong and what to do; `code` is the exit code."""

    def __init__(self, sentence: str, code: int = FAILED) -> None:
        super().__init__(sentence)
        self.code = code
