"""A corpus of broken files (`broken.txt`): each is told of at the right line and column, with a sentence that helps.

A block is a name, a `routing.yaml`, and the lines that must be said; queues and rules are added below where the block has none.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.catalogue import installed
from config.errors import ConfigError
from config.load import load

USUAL = {
    "queues": "queues: {support: {}, billing: {}}\n",
    "rules": "rules: [{name: all, queue: support}]\n",
}
BESIDE = {
    "parley.yaml": "version: 1\n",
    "channels.yaml": "website: {connector: webchat}\nmail: {connector: echo}\n",
    "team.yaml": "teams: {support: {queues: [support]}}\nagents:\n  anna: {teams: [support]}\n",
}


def blocks() -> list[tuple[str, str, list[str]]]:
    """Name, file and what must be said."""
    text = (Path(__file__).parent / "broken.txt").read_text("utf-8")
    found = []
    for block in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        name, _, rest = block.partition("\n")
        body, *said = re.split(r"^>>> ", rest, flags=re.MULTILINE)
        found.append((name, body, [line.rstrip("\n") for line in said]))
    return found


BLOCKS = blocks()


def test_there_are_enough_of_them() -> None:
    assert len(BLOCKS) >= 75
    assert len({name for name, _, _ in BLOCKS}) == len(BLOCKS)


@pytest.mark.parametrize(("name", "body", "said"), BLOCKS, ids=[block[0] for block in BLOCKS])
def test_it_is_told_where_and_how(tmp_path: Path, name: str, body: str, said: list[str]) -> None:
    for beside, text in BESIDE.items():
        (tmp_path / beside).write_text(text)
    usual = "" if name == "not a document" else "".join(
        text for key, text in USUAL.items() if not re.search(rf"^{key}:", body, re.MULTILINE)
    )  # fmt: skip
    (tmp_path / "routing.yaml").write_text(body + usual)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, {}, installed())
    told = [line.removeprefix(f"{tmp_path}/") for line in caught.value.lines()]
    assert told == said
    for line in told:
        points_at_the_word(body + usual, line)


def points_at_the_word(text: str, line: str) -> None:
    """Where a name is said to be unknown, the file has it at that place."""
    found = re.match(r'routing\.yaml:(\d+):(\d+): (?:unknown [a-z ]+ |expected .* got )?"([^"]+)"', line)
    assert re.match(r"routing\.yaml:[1-9]\d*:[1-9]\d*: \S", line)
    if found is not None and " stands here " not in line:
        rest = text.splitlines()[int(found[1]) - 1][int(found[2]) - 1 :]
        assert rest.lstrip("\"'{").startswith(found[3]), (rest, line)
