"""A lock file: one process at a time, whose id it holds; it is released however the process ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Taken(Exception):
    """Another process holds the lock; its text is that process's id."""


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock while the block runs; raise Taken when another process does, OSError for a file that cannot be."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Taken(os.read(fd, 32).decode(errors="replace").strip() or "unknown") from None
        try:
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from None
        yield
    finally:
        os.close(fd)
