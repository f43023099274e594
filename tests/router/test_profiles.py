"""Profiles and signatures: who fits what, by brute force and by bits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from router.inputs import Colleague
from router.needs import Need, Wants
from router.profiles import Ask, Classes, Signature, bits

SKILLS = st.dictionaries(st.sampled_from("abc"), st.integers(1, 5))
AGENTS = st.builds(
    lambda number, skills, queues, teams: Colleague(
        id=str(number), skills=skills, queues=tuple(queues), teams=tuple(teams)
    ),
    st.integers(),
    SKILLS,
    st.sets(st.sampled_from("qr")),
    st.sets(st.sampled_from("tu")),
)
WANTS = st.tuples(st.sampled_from("qr"), st.sampled_from(["", "t", "u"]), SKILLS)


@given(st.integers(0, 2**300), st.integers(0, 2**20))
def test_bits_of_any_mask(wide: int, narrow: int) -> None:
    for mask in (wide, narrow, 1 << 2_000, 0):
        assert bits(mask) == [position for position in range(mask.bit_length()) if mask >> position & 1]


@given(st.lists(st.one_of(AGENTS, WANTS), max_size=30))
def test_whoever_comes_first_the_table_is_right(
    mixed: list[Colleague | tuple[str, str, dict[str, int]]],
) -> None:
    classes = Classes()
    agents: list[Colleague] = []
    wants: list[tuple[str, str, dict[str, int]]] = []
    for one in mixed:
        if isinstance(one, Colleague):
            agents.append(one)
            classes.count(classes.profile(one), 1, 1)
        else:
            wants.append(one)
            _signature(classes, one)
    for want in wants:
        signature = _signature(classes, want)
        queue, team, need = want
        fitting = 0
        for agent in agents:
            fits = queue in agent.queues and (not team or team in agent.teams)
            fits = fits and all(agent.skills.get(skill, 0) >= level for skill, level in need.items())
            assert bool(signature.profiles >> classes.profile(agent).index & 1) is fits
            assert (not classes.lacking(classes.profile(agent), signature)) is fits
            fitting += fits
        assert signature.members == signature.available == fitting


def _signature(classes: Classes, want: tuple[str, str, dict[str, int]]) -> Signature:
    queue, team, need = want
    needs = tuple(sorted(Need(skill, level) for skill, level in need.items()))
    ask = Ask(queue, team, Wants(needs), (1, "chat", ("longest_idle",)))
    return classes.by_ask.get(ask) or classes.signature(ask, ("sticky", "longest_idle"))
