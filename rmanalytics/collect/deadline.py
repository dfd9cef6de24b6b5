"""A time limit shared by many requests: one timer for all, where asyncio.timeout makes one for each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Patience:
    """Cancels what takes longer than `seconds` at its await, and makes a TimeoutError of that.

    All have the same limit, so the oldest is the first that is due and the dict's order is that of the ends.
    """

    seconds: float
    _ends: dict[asyncio.Task[Any], float] = field(default_factory=dict)
    _expired: set[asyncio.Task[Any]] = field(default_factory=set)
    _is_set: bool = False

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Raise TimeoutError out of the block when its time is over, also where it made do with the cancel."""
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        if task is None:
            raise RuntimeError("only a task can be limited")
        self._ends[task] = loop.time() + self.seconds
        if not self._is_set:
            self._set(loop, self.seconds)
        try:
            yield
        except asyncio.CancelledError:
            if task not in self._expired:
                raise
        finally:
            self._ends.pop(task, None)
        if task in self._expired:
            self._expired.remove(task)
            task.uncancel()
            raise TimeoutError

    def _set(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._is_set = True
        loop.call_later(seconds, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cancel what is due; look again when the next is."""
        self._is_set = False
        now = loop.time()
        for task, end in list(self._ends.items()):
            if end > now:
                self._set(loop, end - now)
                return
            self._expired.add(task)
            del self._ends[task]
            task.cancel()
