"""A clock that never goes back and is not fooled by jumps."""

from __future__ import annotations

from router.clock import LASTING, Clock


class Two:
    """Two clocks that the test sets."""

    def __init__(self) -> None:
        self.wall, self.steady = 1000.0, 0.0

    def pass_(self, seconds: float, wall: float | None = None) -> None:
        self.steady += seconds
        self.wall += seconds if wall is None else wall


def test_it_follows_the_wall_over_small_differences() -> None:
    two = Two()
    clock = Clock(lambda: two.wall, lambda: two.steady)
    two.pass_(10.0, 11.0)
    assert clock.now() == 1011.0
    two.pass_(1.0, 2.0)
    assert abs(clock.now() - 1012.1) < 1e-9


def test_a_jump_counts_only_once_it_has_lasted() -> None:
    two = Two()
    clock = Clock(lambda: two.wall, lambda: two.steady)
    two.pass_(1.0, 3601.0)
    assert clock.now() == 1001.0
    two.pass_(LASTING + 1)
    assert clock.now() == two.wall


def test_it_never_goes_back() -> None:
    two = Two()
    clock = Clock(lambda: two.wall, lambda: two.steady)
    last = clock.now()
    for seconds in (1.0, -5000.0, 30.0, 200.0, -3.0, 1.0):
        two.pass_(1.0, seconds)
        two.pass_(70.0)
        assert clock.now() >= last
        last = clock.now()
