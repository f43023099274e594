"""`format=flowed` text (RFC 3676): lines that their sender's program broke, joined again. Quoted lines stay as they are.

Quoted lines are history, and history is shown as it came; with `DelSp=yes` they are joined too, as words were cut in their middle.
"""

from __future__ import annotations

SIGNATURE = "-- "


def unflow(text: str, *, delete_space: bool = False) -> str:
    """`text` with its soft line breaks taken out and its stuffed spaces removed. `delete_space` is the part's `DelSp=yes`."""
    out: list[str] = []
    open_depth = -1  # the quote depth of a line that goes on, or -1
    for line in text.split("\n"):
        depth, content = _quoted(line)
        content = content.removeprefix(" ")
        # A space before an empty line was typed, and a paragraph ends there whatever the rule says.
        if depth == open_depth and content and content != SIGNATURE:
            out[-1] += content
        else:
            out.append(
                f"{'>' * depth} {content}" if depth and delete_space else content if not depth else line
            )
        soft = content.endswith(" ") and content != SIGNATURE and (not depth or delete_space)
        open_depth = depth if soft else -1
        if soft and delete_space:
            out[-1] = out[-1][:-1]
    return "\n".join(out)


def is_flowed(params: dict[str, str]) -> bool:
    """Whether a text's parameters call it flowed."""
    return params.get("format", "").strip().lower() == "flowed"


def _quoted(line: str) -> tuple[int, str]:
    content = line.lstrip(">")
    return len(line) - len(content), content
