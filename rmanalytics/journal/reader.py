"""Whole lines out of segments, compressed or not."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from rmanalytics.journal.names import STREAMS, identity, is_compressed, open_at, segments
from rmanalytics.journal.seals import blocks, read_seal

_NEWLINE = 10
_MARK = "rmanalytics.journal.mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Whole lines of a segment: `lines` as Arrow text, and the offset of the byte after them."""

    lines: pa.LargeStringArray
    next_offset: int

    def starts(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Return where each line begins, in bytes from the chunk's first."""
        return np.frombuffer(self.lines.buffers()[1], dtype=np.int64)[: len(self.lines)]


def read_chunk(path: Path, offset: int, limit: int = 64 << 20) -> Chunk:
    """Return the whole lines from `offset` on, about `limit` bytes of them; none if only a torn line is left.

    Each line keeps its newline. Bytes that are no UTF-8 (our writers never write any) become `?`, one for
    one, so that they stop nobody and the lines' offsets hold.
    """
    if is_compressed(path) and (seal := read_seal(path)) and offset >= seal.n_whole_bytes:
        return Chunk(lines=_split(b""), next_offset=offset)
    with open_at(path, offset) as segment:
        data = segment.read(limit)
        while data and b"\n" not in data[-limit:] and (more := segment.read(limit)):
            data += more
    end = data.rfind(b"\n") + 1
    return Chunk(lines=_split(data[:end]), next_offset=offset + end)


def tail_bytes(path: Path, offset: int) -> int:
    """Return how many bytes lie behind `offset`: a torn line, when no process writes the segment any more."""
    return max(0, _size(path) - offset)


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.with_name(identity(path)).stat().st_size
    seal = read_seal(path)
    return seal.n_bytes if seal else sum(map(len, blocks(path)))


def backlog_bytes(directory: Path, offsets: Mapping[str, int]) -> int:
    """Return how many bytes lie behind the offsets (by segment name) that were reached."""
    n_bytes = 0
    for path in (path for stream in STREAMS for path in segments(directory, stream)):
        with suppress(OSError):  # ingest names what cannot be read
            n_bytes += tail_bytes(path, offsets.get(identity(path), 0))
    return n_bytes


def ends_in_newline(path: Path) -> bool:
    """Return whether the segment's last line is whole."""
    last = b"\n"
    for block in blocks(path):
        last = block[-1:]
    return last == b"\n"


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
