"""The shared time limit: who is late ends, who is not does not notice."""

from __future__ import annotations

import asyncio

import pytest

from rmanalytics.collect.deadline import Patience


async def nap(patience: Patience, seconds: float) -> str:
    """Sleep within the limit."""
    try:
        with patience.limited():
            await asyncio.sleep(seconds)
    except TimeoutError:
        return "late"
    await asyncio.sleep(0)
    return "done"


def test_who_is_late_ends() -> None:
    """Late ones end in order while others go on; afterwards the limit serves again."""

    async def run() -> list[list[str]]:
        patience = Patience(seconds=0.2)
        return [await asyncio.gather(*(nap(patience, s) for s in (30, 0, 30, 0.01))) for _ in range(2)]

    assert asyncio.run(run()) == [["late", "done", "late", "done"]] * 2


def test_a_cancel_by_others_stays_one() -> None:
    """Whoever is cancelled in time is cancelled, not late."""

    async def run() -> None:
        task = asyncio.create_task(nap(Patience(seconds=30), 30))
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())


async def shrug(patience: Patience) -> str:
    """Swallow the cancel within the limit, as a body that breaks off does."""
    with patience.limited():
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            return "broken"
    return "unreachable"


def test_a_swallowed_cancel_is_late_too() -> None:
    """A block that returns after the limit's own cancel is late, and its task is not left cancelled."""
    with pytest.raises(TimeoutError):
        asyncio.run(shrug(Patience(seconds=0.01)))
