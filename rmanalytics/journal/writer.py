"""Appending: what `append` returned for is on disk."""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Self

import orjson

from rmanalytics.errors import JournalError
from rmanalytics.journal.names import sync_directory
from rmanalytics.journal.seals import Seal, write_seal

SEGMENT_BYTES = 256 << 20
SEGMENT_S = 3600.0
_NEW_SEGMENT = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC


def line(record: Any) -> bytes:
    """Return the record as one journal line, newline included; UTC datetimes become RFC 3339 with `Z`."""
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


class Writer:
    """Appends to a segment of its own; what `append` returned for is on disk."""

    def __init__(
        self,
        directory: Path,
        stream: str,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        segment_s: float = SEGMENT_S,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """A segment of that size or age is followed by another at the next append, or closed by `close_if_old`."""
        self._directory = directory
        self._stream = stream
        self._segment_bytes = segment_bytes
        self._segment_s = segment_s
        self._now = now
        self._clock = clock
        self._fd = -1
        self._size = 0
        self._whole = 0
        self._n_lines = 0
        self._opened = 0.0
        self._digest = sha256()
        self._named_at = datetime.min.replace(tzinfo=UTC)
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
            if self._is_over():
                self._open()
            self._write(data)
            self._sync()
        except OSError as error:
            self._undo()
            where = self.path or self._directory
            raise JournalError(
                f"{where}: {error.strerror}: nothing was written; free or repair the disk"
            ) from None
        if ends := data.rfind(b"\n") + 1:
            self._whole = self._size + ends
        self._size += len(data)
        self._n_lines += data.count(b"\n")
        self._digest.update(data)

    @property
    def left_s(self) -> float | None:
        """Seconds until the segment is old; None where none is open."""
        return None if self._fd < 0 else max(0.0, self._opened + self._segment_s - self._clock())

    def close_if_old(self) -> None:
        """Release the segment when it is old: where nothing is appended any more, nobody else would."""
        if self.left_s == 0:
            self.close()

    def close(self) -> None:
        """Release the segment, sealed where the disk has room for that."""
        if self._fd >= 0:
            self._seal()
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _is_over(self) -> bool:
        is_old = self._clock() - self._opened >= self._segment_s
        return self._fd < 0 or self._size >= self._segment_bytes or (is_old and self._size > 0)

    def _open(self) -> None:
        """Begin a segment; its name sorts behind the one before, also when the clock went back."""
        self.close()
        self._directory.mkdir(parents=True, exist_ok=True)
        self._named_at = max(self._now(), self._named_at + timedelta(microseconds=1))
        name = f"{self._stream}-{self._named_at:%Y%m%dT%H%M%S%f}Z-{secrets.token_hex(4)}.jsonl"
        self.path = self._directory / name
        self._fd = os.open(self.path, _NEW_SEGMENT, 0o640)
        with suppress(OSError):  # a file system without locks: such a segment is never compressed
            fcntl.flock(self._fd, fcntl.LOCK_EX)  # waits for whoever looks at this moment whether it is open
        self._size, self._whole, self._n_lines, self._digest = 0, 0, 0, sha256()
        self._opened = self._clock()
        sync_directory(self._directory)

    def _seal(self) -> None:
        if self._size and self.path is not None:
            seal = Seal(
                n_bytes=self._size,
                n_whole_bytes=self._whole,
                n_lines=self._n_lines,
                sha256=self._digest.hexdigest(),
            )
            with suppress(OSError):
                write_seal(self.path, seal)

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
