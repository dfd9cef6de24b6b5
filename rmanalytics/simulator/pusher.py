"""DLRs delivered over HTTP: each at its time, over persistent connections, tried again, counted when lost."""

from __future__ import annotations

import asyncio
import heapq
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

import aiohttp
from yarl import URL

from rmanalytics.simulator.callback import AcceptedMessage, Callback
from rmanalytics.simulator.fate import PlannedDlr

AGENT = "rmanalytics-simulator (simulated)"
TAKEN = frozenset({200, 202})
"""Route Mobile: "codes other than 200 or 202 ... such requests are considered failed"."""
CLOSE_S = 0.5
"""Seconds that callbacks under way get when we stop; a slow one takes longer and is cut."""

SETTLE_S = 0.05
"""Real seconds that a DLR waits at least, so that the submit response is there first."""
GRAIN_S = 0.005
_MOST_S = 10.0
"""Real seconds after which a callback that was not answered has failed."""

Pair = tuple[AcceptedMessage, PlannedDlr]
Say = Callable[[str], None]


@dataclass(slots=True)
class Pushes:
    """What happened to the callbacks so far; Unix times, 0 for never.

    `n_failing` wait for a further try, `failure` is why the last try failed, at `failed_at`; `lost_at` is when the last
    callback was given up.
    """

    n_planned: int = 0
    n_pushed: int = 0
    n_retried: int = 0
    n_failing: int = 0
    n_lost: int = 0
    failure: str = ""
    failed_at: float = 0.0
    lost_at: float = 0.0


class _Job(NamedTuple):
    due: float
    order: int
    sent: AcceptedMessage
    report: PlannedDlr
    n_before: int = 0


class Pusher:
    """Pushes reports to one callback URL; `speed` divides every delay. Lives inside one event loop."""

    def __init__(
        self,
        url: str,
        compose: Callable[[AcceptedMessage, PlannedDlr], Callback],
        *,
        speed: float,
        retries_s: Sequence[float],
        slow_s: float = 0.0,
        say: Say,
        width: int = 32,
    ) -> None:
        self.counts = Pushes()
        self._url = URL(url, encoded=True)
        self._query_start = f"{url}{'&' if '?' in url else '?'}"
        self._compose = compose
        self._speed = speed
        self._retries_s = retries_s
        self._slow_s = slow_s
        self._say = say
        self._width = width
        self._loop = asyncio.get_running_loop()
        self._session = _session(width)
        self._later: list[_Job] = []
        self._now: asyncio.Queue[_Job | None] = asyncio.Queue()
        self._order = count()
        self._alarm: asyncio.TimerHandle | None = None
        self._said: set[str] = set()
        self._workers = [self._loop.create_task(self._work()) for _ in range(width)]
        self._is_closing = False

    @property
    def n_pending(self) -> int:
        """Callbacks that are neither pushed nor lost."""
        return self.counts.n_planned - self.counts.n_pushed - self.counts.n_lost

    @property
    def next_s(self) -> float:
        """Real seconds until the next one is due, 0 where one is being pushed or none is left."""
        return max(0.0, self._later[0].due - self._loop.time()) if self._later else 0.0

    def plan(self, pairs: Iterable[Pair], earliest_s: float = 0.0) -> None:
        """Push each report when its time has come, none before `earliest_s` real seconds from now."""
        now = self._loop.time()
        for sent, report in pairs:
            wait = max(report.delay_s / self._speed, earliest_s + SETTLE_S)
            heapq.heappush(self._later, _Job(now + wait, next(self._order), sent, report))
            self.counts.n_planned += 1
        self._set_alarm()

    async def push_now(self, pairs: Iterable[Pair]) -> None:
        """Push the reports at once, in order, and return when each was tried once."""
        for sent, report in pairs:
            self.counts.n_planned += 1
            await self._push(_Job(self._loop.time(), next(self._order), sent, report))

    async def close(self, drain_s: float = 0.0) -> int:
        """Stop, after pushing all that is left for at most `drain_s` seconds; return how many are left."""
        if drain_s > 0:
            self._hurry()
            await asyncio.wait([self._loop.create_task(self._now.join())], timeout=drain_s)
        self._is_closing = True
        if self._alarm:
            self._alarm.cancel()
        while not self._now.empty():
            self._now.get_nowait()
        for _ in self._workers:
            self._now.put_nowait(None)
        await asyncio.wait(self._workers, timeout=CLOSE_S)
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await self._session.close()
        return self.n_pending

    def _hurry(self) -> None:
        for job in sorted(self._later):
            self._now.put_nowait(job)
        self._later.clear()

    def _set_alarm(self) -> None:
        """Wake at the next due time, but not sooner than a grain from now: many DLRs share one waking."""
        if self._is_closing or not self._later:
            return
        when = max(self._later[0].due, self._loop.time() + GRAIN_S)
        if self._alarm and self._alarm.when() <= when:
            return
        if self._alarm:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(when, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        now = self._loop.time()
        while self._later and self._later[0].due <= now:
            self._now.put_nowait(heapq.heappop(self._later))
        self._set_alarm()

    async def _work(self) -> None:
        while (job := await self._now.get()) is not None:
            try:
                await self._push(job)
            finally:
                self._now.task_done()

    async def _push(self, job: _Job) -> None:
        """Push once; on failure plan the next try, or count the callback as lost."""
        fault = await self._request(self._compose(job.sent, job.report))
        self.counts.n_failing -= job.n_before > 0
        if fault is None:
            self.counts.n_pushed += 1
            return
        self.counts.failure, self.counts.failed_at = fault, time.time()
        self._once(f"a DLR callback failed ({fault}); each is tried {len(self._retries_s) + 1} times")
        if job.n_before == len(self._retries_s):
            self.counts.n_lost += 1
            self.counts.lost_at = time.time()
            return
        self.counts.n_retried += 1
        self.counts.n_failing += 1
        due = self._loop.time() + self._retries_s[job.n_before]
        heapq.heappush(self._later, job._replace(due=due, n_before=job.n_before + 1))
        self._set_alarm()

    async def _request(self, callback: Callback) -> str | None:
        """Return why the callback was not taken, or None."""
        try:
            async with self._send(callback) as response:
                await response.read()
                return None if response.status in TAKEN else f"HTTP {response.status}"
        except TimeoutError:
            return "no answer in time"
        except aiohttp.ClientConnectorError as error:
            return os.strerror(error.errno).lower() if error.errno and error.errno > 0 else "no connection"
        except (aiohttp.ClientError, OSError):
            return "the connection broke"

    def _send(self, callback: Callback) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        if callback.is_post:
            headers = {"Content-Type": callback.content_type, "Content-Length": str(len(callback.content))}
            return self._session.post(
                self._url,
                data=self._in_halves(callback.content) if callback.is_slow else callback.content,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=_MOST_S + self._slow_s * callback.is_slow),
            )
        url = URL(self._query_start + callback.content.decode(), encoded=True)
        return self._session.get(url, allow_redirects=False)

    async def _in_halves(self, content: bytes) -> AsyncIterator[bytes]:
        """Yield the content with a long pause in it."""
        half = len(content) // 2
        yield content[:half]
        await asyncio.sleep(self._slow_s)
        yield content[half:]

    def _once(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._say(text)


def _session(width: int) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=width),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=_MOST_S),
        headers={"User-Agent": AGENT},
    )
