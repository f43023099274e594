"""Local counting: buckets refill, networks are told apart as their owners are."""

import pytest

from connectors.webchat.limits import Bucket, network


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(3, 2)
    assert [bucket.take(10.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(10.5), bucket.take(10.5)] == [True, False]
    assert [bucket.take(1_000.0) for _ in range(4)] == [True, True, True, False]


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    bucket = Bucket(1, 1)
    assert bucket.take(10.0)
    assert not bucket.take(5.0)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2", True),
        (None, "unknown", True),
        ("/run/socket", "192.0.2.1", False),
    ],
)
def test_networks(one: str | None, other: str, same: bool) -> None:
    assert (network(one) == network(other)) is same
    assert "192.0.2" not in network(one)
