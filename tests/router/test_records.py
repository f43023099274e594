"""A record that is written out late says what was true when the choice was made."""

from __future__ import annotations

from msgspec.structs import replace

from router import inputs
from router.submitting import trimmed
from tests.router.test_explain import AT, office, person


def test_a_record_says_what_was_true_whenever_it_is_read() -> None:
    team = [person("ann", 3, idle_since=AT - 60), person("ben", 3, idle_since=AT - 20), person("cid", 1)]
    _, (early,) = office(team)
    assert early.explain is not None
    told = dict(early.explain)
    engine, (late,) = office(team)
    for changed in (*team, person("dan", 1)):
        engine.handle(inputs.AgentChanged(replace(changed, name="other", status="away")), AT + 9)
    engine.handle(inputs.ItemGone("c1"), AT + 10)
    assert late.explain is not None
    assert dict(late.explain) == told
    assert (told["waited"], told["agents"]["available"], told["winner"]["name"]) == (7.0, 2, "Ann")


def test_a_record_is_stored_as_it_reads() -> None:
    _, (offer,) = office([person("ann", 3)])
    assert offer.explain is not None
    assert trimmed(offer.explain) == dict(offer.explain)
    assert len(offer.explain) == len(dict(offer.explain))
