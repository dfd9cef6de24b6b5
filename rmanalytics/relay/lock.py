"""One relay at a time per home: two would not know what the other has in flight."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rmanalytics.errors import RelayFault


@contextmanager
def exclusive(directory: Path) -> Iterator[None]:
    """Hold the lock of the relay's folder; raise RelayFault when another process does."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        fd = os.open(directory / "relay.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise RelayFault(f"{directory}: {error.strerror}: choose another home with --home") from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.read(fd, 32).decode(errors="replace").strip() or "unknown"
        os.close(fd)
        raise RelayFault(
            f"another relay is running in {directory.parent} (process {holder}): stop it, or leave it to it"
        ) from None
    try:
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(fd)
