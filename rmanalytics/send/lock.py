"""One send at a time per home: two would not see each other's attempts and send messages twice."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rmanalytics.errors import SendLocked


@contextmanager
def exclusive(home: Path) -> Iterator[None]:
    """Hold the home's lock; raise SendLocked when another process does. However that ends, it lets go."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "send.lock"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.read(fd, 32).decode(errors="replace").strip() or "unknown"
        os.close(fd)
        raise SendLocked(
            f"another send is running in {home} (process {holder}): wait for its end, or use another --home"
        ) from None
    try:
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(fd)
