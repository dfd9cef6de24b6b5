"""The journal: append-only JSON lines, durable before anybody is answered.

One process writes one segment of one stream, named `<stream>-<UTC time>-<random>.jsonl`, so writers never
share a file and a segment is read by anything that reads JSON lines. The last line of a segment may be
torn when its writer was killed: whoever reads takes whole lines only.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
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
_NEWLINE = 10


def line(record: Any) -> bytes:
    """Return the record as one journal line, newline included; aware datetimes become RFC 3339 with `Z`."""
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

    def append(self, lines: Iterable[bytes]) -> None:
        """Write the lines in order and return once they are durable (one fdatasync).

        Raises JournalError when they are not; then none of them is in the segment.
        """
        data = b"".join(lines)
        try:
            if self._fd < 0 or self._size >= self._segment_bytes:
                self._open()
            self._write(data)
            os.fdatasync(self._fd)
        except OSError as error:
            self._undo()
            raise JournalError(f"{self.path or self._directory}: {error.strerror}: nothing was taken in") from None
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
        self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o640)
        self._size = 0
        _sync_directory(self._directory)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]

    def _undo(self) -> None:
        """Cut a half-written tail; where even that fails, never append to this segment again."""
        if self._fd < 0:
            return
        try:
            os.ftruncate(self._fd, self._size)
        except OSError:
            self.close()


class GroupCommit:
    """Lets many coroutines share one fdatasync: all that wait while one is under way form the next group."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._waiting: list[bytes] = []
        self._group: asyncio.Future[None] | None = None
        self._flusher: asyncio.Task[None] | None = None

    @property
    def n_waiting(self) -> int:
        """Lines that wait for the next group."""
        return len(self._waiting)

    async def commit(self, record_line: bytes) -> None:
        """Return once the line is durable; raise JournalError when it is not."""
        loop = asyncio.get_running_loop()
        if self._group is None:
            self._group = loop.create_future()
        self._waiting.append(record_line)
        group = self._group
        if self._flusher is None:
            self._flusher = loop.create_task(self._flush(loop))
        await asyncio.shield(group)

    async def close(self) -> None:
        """Wait for what is under way and let go of the segment."""
        while self._flusher is not None:
            await asyncio.wait([self._flusher])
        self._thread.shutdown()
        self._writer.close()

    async def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._group is not None:
            lines, group = self._waiting, self._group
            self._waiting, self._group = [], None
            try:
                await loop.run_in_executor(self._thread, self._writer.append, lines)
            except JournalError as error:
                group.set_exception(error)
                group.exception()  # seen here, so that a group whose callers left is not reported as forgotten
            else:
                group.set_result(None)
        self._flusher = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Whole lines of a segment: `lines` as Arrow text, and the offset of the byte after them."""

    lines: pa.LargeStringArray
    next_offset: int


def segments(directory: Path, stream: str) -> list[Path]:
    """Return the segments of a stream, oldest first; empty when there is no journal yet."""
    return sorted(directory.glob(f"{stream}-*.jsonl"))


def read_chunk(path: Path, offset: int, limit: int = 64 << 20) -> Chunk:
    """Return the whole lines from `offset` on, about `limit` bytes of them; none when only a torn line is left.

    Bytes that are no UTF-8 are replaced, so that the line counts as malformed instead of stopping the reader.
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


def _split(data: bytes) -> pa.LargeStringArray:
    """Return the lines as Arrow text without copying the bytes."""
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == _NEWLINE) + 1
    offsets = np.concatenate([np.zeros(1, np.int64), ends])
    lines = pa.LargeStringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        return pa.array([part.decode(errors="replace") for part in data.split(b"\n")[:-1]], pa.large_string())
    return lines


def _sync_directory(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
