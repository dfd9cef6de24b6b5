"""Pace: the schedule of a rate, on a clock of the test's own."""

from __future__ import annotations

import pytest

from rmanalytics.send.pace import MOST_LAG_S, Pace


class Clock:
    """A clock that stands still until told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _sent_at(rate: float, sizes: list[int], overslept_s: float = 0.0) -> list[float]:
    """When requests of those sizes go, in seconds from the first, if every wait lasts a little too long."""
    clock = Clock()
    pace = Pace(rate, clock=clock)
    found = []
    for size in sizes:
        wait = pace.take(size)
        clock.now += wait + (overslept_s if wait else 0)
        found.append(clock.now - 1000)
    return found


SCHEDULES = {
    "one by one": (10, [1, 1, 1], [0, 0.1, 0.2]),
    "a request of n takes n places": (10, [5, 1, 2, 1], [0, 0.5, 0.6, 0.8]),
    "slower than one a second": (0.5, [1, 1], [0, 2]),
}


@pytest.mark.parametrize(("rate", "sizes", "expected"), SCHEDULES.values(), ids=SCHEDULES)
def test_schedule(rate: float, sizes: list[int], expected: list[float]) -> None:
    """Requests go when their first message's place comes."""
    assert _sent_at(rate, sizes) == pytest.approx(expected)


@pytest.mark.parametrize("rate", [3, 997, 1000])
def test_no_drift(rate: int) -> None:
    """Oversleeping every wait by a millisecond does not slow 60 seconds of sending."""
    last = _sent_at(rate, [1] * rate * 60, overslept_s=0.001)[-1]
    assert last == pytest.approx((rate * 60 - 1) / rate, abs=0.0111)


def test_short_stall_is_caught_up() -> None:
    """What a short stall lost is sent at once, so that the rate holds."""
    clock = Clock()
    pace = Pace(10, clock=clock)
    pace.take(1)
    clock.now += 0.4
    assert [pace.take(1) for _ in range(5)] == pytest.approx([0, 0, 0, 0, 0.1])


def test_long_stall_makes_no_burst() -> None:
    """After a long stall no more than the places of `MOST_LAG_S` go at once."""
    clock = Clock()
    pace = Pace(100, clock=clock)
    pace.take(1)
    clock.now += 3600
    waits = [pace.take(1) for _ in range(1000)]
    assert sum(wait == 0 for wait in waits) == pytest.approx(100 * MOST_LAG_S, abs=1)


def test_schedule_begins_with_the_first_message() -> None:
    """What comes before the first message makes no burst at the beginning."""
    clock = Clock()
    pace = Pace(10, clock=clock)
    clock.now += 0.4
    assert [pace.take(1) for _ in range(2)] == pytest.approx([0, 0.1])


def test_no_rate_never_waits() -> None:
    """Without a rate there is no limit."""
    pace = Pace(None)
    assert [pace.take(1000) for _ in range(3)] == [0, 0, 0]
