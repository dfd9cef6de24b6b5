"""Segments in a folder: their names, their two forms, and their bytes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from rmanalytics.support.literal import from_here

CALLBACKS = "callbacks"
MESSAGES = "messages"
SUBMISSIONS = "submissions"
STREAMS = (MESSAGES, SUBMISSIONS, CALLBACKS)
"""In the order in which they are ingested: a DLR finds a message that was read before it."""

COMPRESSED = ".zst"
BLOCK = 4 << 20


def identity(path: Path) -> str:
    """Return a segment's name, which stays the same when it is compressed.

    >>> identity(Path("journal/callbacks-1.jsonl.zst")), identity(Path("callbacks-1.jsonl"))
    ('callbacks-1.jsonl', 'callbacks-1.jsonl')
    """
    return path.name.removesuffix(COMPRESSED)


def segments(directory: Path, stream: str) -> list[Path]:
    """Return the segments of a stream, oldest first, each in one form; empty when there is no journal yet."""
    there = names(directory)
    plain = {name for name in there if name.startswith(f"{stream}-") and name.endswith(".jsonl")}
    packed = {
        name for name in there if name.startswith(f"{stream}-") and name.endswith(f".jsonl{COMPRESSED}")
    }
    forms = {name.removesuffix(COMPRESSED): name for name in packed} | {name: name for name in plain}
    return [directory / forms[name] for name in sorted(forms)]


def across(directories: Sequence[Path], stream: str) -> list[Path]:
    """Return the segments of a stream in several folders, oldest first, each once: the first folder's."""
    found = {identity(path): path for folder in reversed(directories) for path in segments(folder, stream)}
    return [found[name] for name in sorted(found)]


def names(directory: Path) -> list[str]:
    """Return the names of all files of a journal; none when there is no journal yet."""
    try:
        with os.scandir(directory) as entries:
            return [entry.name for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return []


def is_compressed(path: Path) -> bool:
    """Return whether the path is that of a compressed segment."""
    return path.name.endswith(COMPRESSED)


class OpenSegment(Protocol):
    """An open segment."""

    def read(self, limit: int) -> bytes:
        """Return up to `limit` bytes of content; none at the end."""

    def __enter__(self) -> OpenSegment:
        """Keep it open for a block."""

    def __exit__(self, *_: object) -> None:
        """Close it."""


def open_at(path: Path, offset: int = 0) -> OpenSegment:
    """Return the segment's content from a byte on, also when it was compressed since it was listed.

    Raises OSError where there is no such segment, and while reading one that is cut.
    """
    plain = path.with_name(identity(path))
    try:
        source: Any = plain.open("rb", buffering=0)
        source.seek(offset)
    except FileNotFoundError:
        source = pa.input_stream(from_here(path.with_name(plain.name + COMPRESSED)), compression="zstd")
        while offset and (skipped := len(source.read(min(offset, BLOCK)))):
            offset -= skipped
    found: OpenSegment = source
    return found


def sync_directory(directory: Path) -> None:
    """Return once the folder's entries are durable."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
