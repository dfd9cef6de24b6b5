"""The journal: append-only JSON lines, durable before anybody is answered.

One process writes one segment of one stream, named `<stream>-<UTC time>-<random>.jsonl`, so writers never
share a file and a segment is read by anything that reads JSON lines. The last line of a segment may be
torn when its writer was killed: whoever reads takes whole lines only.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Self

import numpy as np
import orjson
import pyarrow as pa

from rmanalytics.errors import JournalError

CALLBACKS = "callbacks"
MESSAGES = "messages"
SUBMISSIONS = "submissions"
STREAMS = (MESSAGES, SUBMISSIONS, CALLBACKS)
"""In the order in which they are ingested: a DLR finds a message that was read before it."""

SEGMENT_BYTES = 256 << 20
_NEW_SEGMENT = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
_NEWLINE = 10
_MARK = "rmanalytics.journal.mark"


def line(record: Any) -> bytes:
    """Return the record as one journal line, newline included; UTC datetimes become RFC 3339 with `Z`."""
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


class Writer:
    """Appends to a segment of its own; what `append` returned for is on disk."""

    def __init__(self, directory: Path, stream: str, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._directory = directory
        self._stream = stream
        self._segment_bytes = segment_bytes
        self._fd = -1
        self._size = 0
        self.path: Path | None = None
        self.sync_s = 0.0
        """Seconds that the latest fdatasync took."""

    def append(self, lines: Iterable[bytes]) -> None:
        """Write the lines in order and return once they are durable (one fdatasync).

        Raises JournalError when they are not; then none of them is in the journal, and the next call starts
        a new segment: a reader may have seen the lines that were taken back, and the pages behind a failed
        fdatasync cannot be trusted.
        """
        data = b"".join(lines)
        try:
            if self._fd < 0 or self._size >= self._segment_bytes:
                self._open()
            self._write(data)
            self._sync()
        except OSError as error:
            self._undo()
            where = self.path or self._directory
            raise JournalError(
                f"{where}: {error.strerror}: nothing was taken in; free or repair the disk"
            ) from None
        self._size += len(data)

    def close(self) -> None:
        """Let go of the segment."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> None:
        self.close()
        self._directory.mkdir(parents=True, exist_ok=True)
        name = f"{self._stream}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z-{secrets.token_hex(4)}.jsonl"
        self.path = self._directory / name
        self._fd = os.open(self.path, _NEW_SEGMENT, 0o640)
        self._size = 0
        _sync_directory(self._directory)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]

    def _sync(self) -> None:
        start = perf_counter()
        os.fdatasync(self._fd)
        self.sync_s = perf_counter() - start

    def _undo(self) -> None:
        """Take back what was half written and leave the segment; one without any line goes away."""
        if self._fd < 0 or self.path is None:
            return
        with suppress(OSError):
            os.ftruncate(self._fd, self._size)
            if not self._size:
                self.path.unlink()
        self.close()


class GroupCommit:
    """Lets many coroutines share one fdatasync: all that wait while one is under way form the next group."""

    def __init__(self, writer: Writer, *, observe: Callable[[int, int, float], None] | None = None) -> None:
        """`observe` is told of each durable group: its lines, its bytes, the seconds of its fdatasync."""
        self._writer = writer
        self._observe = observe
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._lines: list[bytes] = []
        self._waiters: list[asyncio.Future[None]] = []
        self._flusher: asyncio.Task[None] | None = None
        self.n_pending = 0
        """Lines that are not settled yet, those of the group under way included."""
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
        """Wait for what is under way and let go of the segment."""
        while self._flusher is not None:
            await asyncio.wait([self._flusher])
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Whole lines of a segment: `lines` as Arrow text, and the offset of the byte after them."""

    lines: pa.LargeStringArray
    next_offset: int

    def starts(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Return where each line begins, in bytes from the chunk's first."""
        return np.frombuffer(self.lines.buffers()[1], dtype=np.int64)[: len(self.lines)]


def segments(directory: Path, stream: str) -> list[Path]:
    """Return the segments of a stream, oldest first; empty when there is no journal yet."""
    return sorted(directory.glob(f"{stream}-*.jsonl"))


def read_chunk(path: Path, offset: int, limit: int = 64 << 20) -> Chunk:
    """Return the whole lines from `offset` on, about `limit` bytes of them; none if only a torn line is left.

    Each line keeps its newline. Bytes that are no UTF-8 (our writers never write any) become `?`, one for
    one, so that they stop nobody and the lines' offsets hold.
    """
    with path.open("rb", buffering=0) as segment:
        segment.seek(offset)
        data = segment.read(limit)
        while data and b"\n" not in data[-limit:] and (more := segment.read(limit)):
            data += more
    end = data.rfind(b"\n") + 1
    return Chunk(lines=_split(data[:end]), next_offset=offset + end)


def tail_bytes(path: Path, offset: int) -> int:
    """Return how many bytes lie behind `offset`: a torn line, when nobody writes the segment any more."""
    return max(0, path.stat().st_size - offset)


def backlog_bytes(directory: Path, offsets: Mapping[str, int]) -> int:
    """Return how many bytes lie behind the offsets (by segment name) that were reached."""
    paths = (path for stream in STREAMS for path in segments(directory, stream))
    return sum(tail_bytes(path, offsets.get(path.name, 0)) for path in paths)


def _split(data: bytes) -> pa.LargeStringArray:
    """Return the lines as Arrow text without copying the bytes."""
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == _NEWLINE) + 1
    offsets = np.concatenate([np.zeros(1, np.int64), ends])
    lines = pa.LargeStringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        return _split(data.decode(errors=_MARK).encode())
    return lines


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "?" * (error.end - error.start), error.end


codecs.register_error(_MARK, _mark)


def _sync_directory(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
