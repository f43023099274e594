"""Rows kept between groups: they answer as the tables would, and count no more once somebody else has written."""

from __future__ import annotations

from stream.append import append
from stream.recent import Recent
from tests.stream.desk import Desk

READS = {"load_threads", "load_lookups", "load_conversation", "load_identity"}


def read(desk: Desk, who: str) -> set[str]:
    """What of the kept kinds is read for one more message of `who`."""
    desk.shelf.log.clear()
    desk.submit(desk.message(who))
    return READS & set(desk.shelf.log)


def test_a_customer_who_goes_on_costs_no_reading() -> None:
    desk = Desk(recent=Recent())
    assert read(desk, "v1") == {"load_threads", "load_lookups"}
    assert read(desk, "v1") == set()
    desk.recent = None
    assert read(desk, "v1") == READS


def test_somebody_elses_append_empties_it() -> None:
    desk = Desk(recent=Recent())
    read(desk, "v1")
    desk.shelf.run(append([desk.message("v2")], desk.now))
    assert read(desk, "v1") == READS
    assert read(desk, "v1") == set()


def test_it_holds_so_many_and_no_more() -> None:
    recent = Recent(limit=10)
    desk = Desk(recent=recent)
    for number in range(50):
        read(desk, f"v{number}")
        assert max(len(recent.rows), len(recent.threads), len(recent.lookups)) <= 10
    assert read(desk, "v49") == set()
    assert read(desk, "v0") == READS


def test_a_transaction_that_failed_leaves_nothing() -> None:
    recent = Recent()
    desk = Desk(recent=recent)
    read(desk, "v1")
    recent.clear()
    assert (recent.head, recent.rows, recent.threads, recent.lookups) == (-1, {}, {}, {})
    assert read(desk, "v1") == READS
