"""Coverage-guided fuzzing of the codec: `python -m tests.connectors.email.fuzzing -max_total_time=60 FOLDER` (libFuzzer's options).

FOLDER holds the mails to start from and receives those that reach new code. A mail that breaks a promise of `parse` ends the run with a
report, and is kept as `crash-…` in `-artifact_prefix`. `test_never_raises` starts it; what is promised is said in `check` there.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Instruments what `codec` is made of, and runs until the time is over or a promise is broken."""
    import atheris

    with atheris.instrument_imports(
        include=["connectors.email", "connectors.kit"], enable_loader_override=False
    ):
        import connectors.email.codec  # noqa: F401  # instrumented by this import
    from tests.connectors.email.promises import check

    atheris.Setup(sys.argv, lambda data: check(bytes(data)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
