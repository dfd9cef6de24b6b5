"""Many who wait, one fdatasync."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from rmanalytics.errors import JournalError
from rmanalytics.journal.writer import Writer


class GroupCommit:
    """Lets many coroutines share one fdatasync: all that wait while one is in progress form the next group.

    A segment that has become old is closed even if nothing more is committed, so that its seal lets others read it.
    """

    def __init__(self, writer: Writer, *, observe: Callable[[int, int, float], None] | None = None) -> None:
        """`observe` is called for each durable group: its lines, its bytes, the seconds of its fdatasync."""
        self._writer = writer
        self._observe = observe
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._lines: list[bytes] = []
        self._waiters: list[asyncio.Future[None]] = []
        self._flusher: asyncio.Task[None] | None = None
        self._ageing: asyncio.TimerHandle | None = None
        self.n_pending = 0
        """Lines that are not settled yet, those of the group in progress included."""
        self.pending_bytes = 0

    @property
    def n_waiting(self) -> int:
        """Lines that wait for the next group."""
        return len(self._lines)

    async def commit(self, record_line: bytes) -> None:
        """Return once the line is durable; raise JournalError when it is not.

        A caller that is cancelled meanwhile leaves its line: it is written all the same.
        """
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        self._lines.append(record_line)
        self._waiters.append(waiter)
        self.n_pending += 1
        self.pending_bytes += len(record_line)
        if self._flusher is None:
            self._flusher = loop.create_task(self._flush())
        await waiter

    async def close(self) -> None:
        """Wait for writes in progress and release the segment."""
        while self._flusher is not None:
            await asyncio.wait([self._flusher])
        if self._ageing is not None:
            self._ageing.cancel()
        self._thread.shutdown()
        self._writer.close()

    async def _flush(self) -> None:
        while self._lines:
            lines, waiters = self._lines, self._waiters
            self._lines, self._waiters = [], []
            error = await self._append(lines)
            n_bytes = sum(map(len, lines))
            self.n_pending -= len(lines)
            self.pending_bytes -= n_bytes
            if self._observe and error is None:
                self._observe(len(lines), n_bytes, self._writer.sync_s)
            _settle(waiters, error)
        self._flusher = None
        self._watch_age()

    def _watch_age(self) -> None:
        """Look again when the open segment is old, one timer for all that is written until then."""
        if self._ageing is None and (left_s := self._writer.left_s) is not None:
            self._ageing = asyncio.get_running_loop().call_later(left_s, self._close_old)

    def _close_old(self) -> None:
        """Close the segment, in the thread that writes; a younger one that took its place is watched instead."""
        self._ageing, loop = None, asyncio.get_running_loop()
        closing = loop.run_in_executor(self._thread, self._writer.close_if_old)
        closing.add_done_callback(lambda _closed: self._watch_age())

    async def _append(self, lines: list[bytes]) -> JournalError | None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._writer.append, lines)
        except JournalError as error:
            return error
        except Exception as error:  # whatever it is, those who wait must hear of it
            return JournalError(f"the journal could not be written: {error!r}")
        return None


def _settle(waiters: list[asyncio.Future[None]], error: JournalError | None) -> None:
    for waiter in waiters:
        if waiter.done():  # its coroutine was cancelled
            continue
        if error is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(error)
