"""The names in the tests of `routing.yaml` are of its closed lists too: a typo there would make a test that tests nothing. Pure.

What is expected needs no such look: what is never so is told when the test is run.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from router.routing import Known, Path, Routing
from router.sections import Notes
from router.trial_entries import IT, AgentEntry, GivenEntry


def check(notes: Notes, content: Routing, known: Known) -> None:
    """Every test's conversations and agents."""
    names = _Names(notes, content, known)
    for index, test in enumerate(content.tests):
        path: Path = ("tests", index)
        names.given((*path, "given"), test.given)
        if IT in test.others:
            said = f'"{IT}" is the conversation under `given`: call this one something else'
            notes.note((*path, "others", IT), said, key=True)
        for other, one in test.others.items():
            names.given((*path, "others", other), one)
        for login, agent in test.agents.items():
            names.agent((*path, "agents", login), agent)
    for index, rehearsal in enumerate(content.automation_tests):
        names.given(("automation_tests", index, "given"), rehearsal.given)


def with_connector(given: GivenEntry, channels: Mapping[str, str]) -> GivenEntry:
    """What names its channel only comes over that channel's connector."""
    if given.connector or given.channel not in channels:
        return given
    return msgspec.structs.replace(given, connector=channels[given.channel])


class _Names:
    def __init__(self, notes: Notes, content: Routing, known: Known) -> None:
        self.notes, self.content, self.known = notes, content, known
        self.connectors = known.connectors | set(known.channels.values())

    def given(self, path: Path, entry: GivenEntry) -> None:
        if entry.channel:
            self.notes.one_of((*path, "channel"), "channel", entry.channel, self.known.channels)
        if entry.connector:
            self.notes.one_of((*path, "connector"), "connector", entry.connector, self.connectors)
        for index, tag in enumerate(entry.tags):
            self.notes.one_of((*path, "tags", index), "tag", tag, self.content.tags)
        for name in entry.contact:
            self.notes.one_of((*path, "contact", name), "attribute", name, self.content.attributes, key=True)

    def agent(self, path: Path, entry: AgentEntry) -> None:
        for skill, level in entry.skills.items():
            if self.notes.one_of((*path, "skills", skill), "skill", skill, self.content.skills, key=True):
                most = self.content.skills[skill].levels
                self.notes.between((*path, "skills", skill), level, 1, most)
        for what, names, closed in (
            ("queue", entry.queues, self.content.queues),
            ("team", entry.teams, self.known.teams),
        ):
            for index, name in enumerate(names):
                self.notes.one_of((*path, f"{what}s", index), what, name, closed)
        for connector in entry.caps:
            self.notes.one_of((*path, "caps", connector), "connector", connector, self.connectors, key=True)
