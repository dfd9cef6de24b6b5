"""Closed segments: sealed where their writer could not, and compressed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import pyarrow as pa

from rmanalytics.journal.names import COMPRESSED, STREAMS, identity, is_compressed, segments, sync_directory
from rmanalytics.journal.reader import read_chunk
from rmanalytics.journal.seals import Seal, blocks, measure, read_seal, write_seal
from rmanalytics.support.literal import from_here

TIDY_S = 5.0
"""Seconds after which compressing is left to the next time."""


@dataclass(slots=True, kw_only=True)
class Tidied:
    """What was compressed, in segments and bytes, and which segments were left, and why."""

    n_segments: int = 0
    n_bytes: int = 0
    faults: dict[str, str] = field(default_factory=dict)


def tidy(
    directory: Path, offsets: Mapping[str, int], *, older_than_s: float, now: float, within_s: float = TIDY_S
) -> Tidied:
    """Compress closed segments that are wholly ingested and were last written `older_than_s` ago.

    `offsets` says how far each was ingested, `now` is in seconds since 1970. A segment that is damaged or that
    no room is left for stays as it is and is named.
    """
    done, deadline = Tidied(), monotonic() + within_s
    for path in (path for stream in STREAMS for path in segments(directory, stream)):
        if monotonic() > deadline:
            break
        try:
            if _is_due(path, offsets.get(identity(path), 0), now - older_than_s):
                n_bytes = path.stat().st_size
                if compress(path):
                    done.n_segments += 1
                    done.n_bytes += n_bytes
        except OSError as error:
            done.faults[identity(path)] = error.strerror or str(error)
    return done


def _is_due(path: Path, offset: int, before: float) -> bool:
    if is_compressed(path) or not (stat := path.stat()).st_size or stat.st_mtime > before:
        return False
    return not len(read_chunk(path, offset).lines)


@contextmanager
def _closed(path: Path) -> Iterator[bool]:
    """Yield whether no process writes the segment; while the block runs no other process can compress it."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def is_open(path: Path) -> bool:
    """Return whether a process writes the segment: it holds a lock on it, which ends with the process."""
    if is_compressed(path):
        return False
    with _closed(path) as closed:
        return not closed


def seal_closed(path: Path) -> Seal | None:
    """Return a closed segment's seal, written now where its writer was killed before it could; None for an open or
    empty one. Raises OSError for a segment or a seal that cannot be read."""
    if found := read_seal(path):
        return found
    with _closed(path) as closed:
        if not closed or not path.stat().st_size:
            return None
        write_seal(path, seal := measure(blocks(path)))
        return seal


def compress(path: Path) -> Path | None:
    """Return the compressed segment that took the place of `path`; None while it is written.

    Killed at any moment there is one good copy: the compressed one gets its name when it is durable and was
    read back, and only then the other one goes. Raises OSError, for a damaged segment too.
    """
    with _closed(path) as closed:
        if not closed:
            return None
        seal = measure(blocks(path))
        if (earlier := read_seal(path)) is None:
            write_seal(path, seal)
        elif earlier != seal:
            raise OSError("not compressed: content has changed since it was closed")
        packed = path.with_name(path.name + COMPRESSED)
        part = packed.with_name(f"{packed.name}.part")
        try:
            _pack(path, part)
            with pa.input_stream(from_here(part), compression="zstd") as stream:
                if measure(iter(lambda: bytes(stream.read(1 << 22)), b"")) != seal:
                    raise OSError("not compressed: what was read back differs")
            part.replace(packed)
        finally:
            part.unlink(missing_ok=True)
        sync_directory(path.parent)
        path.unlink()
        return packed


def _pack(path: Path, part: Path) -> None:
    """Write the compressed content, durable, with the times of the original."""
    with pa.CompressedOutputStream(pa.OSFile(from_here(part), "wb"), "zstd") as stream:
        for block in blocks(path):
            stream.write(block)
    stat = path.stat()
    os.utime(part, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    part.chmod(stat.st_mode & 0o777)
    with part.open("rb") as file:
        os.fsync(file.fileno())
