"""Whether the disk takes what is written."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PROBE_BYTES = 4096
FRESH_S = 1.0
FAILED_S = 30.0
SAY_S = 60.0


@dataclass(slots=True, kw_only=True)
class Probe:
    """Tries the disk of a folder, once a second at most, however often it is asked."""

    directory: Path
    say: Callable[[str], None] | None = None
    """Gets a line when callbacks could not be written, once in `SAY_S`."""

    _failed: tuple[float, str] | None = None
    _said: float = -SAY_S
    _fault: str | None = None
    _tried: float = -FRESH_S
    _trying: asyncio.Task[str | None] | None = None

    def fail(self, why: str) -> None:
        """Take in that a callback was not written: that counts for `FAILED_S`, whatever a small file does."""
        now = time.monotonic()
        self._failed = (now, why)
        if self.say is not None and now - self._said >= SAY_S:
            self._said = now
            self.say(f"callbacks are answered 503: {why}")

    def succeed(self) -> None:
        """Take in that a callback was written."""
        self._failed = None

    async def fault(self) -> str | None:
        """Return why nothing can be written, None when it can."""
        if self._failed is not None and time.monotonic() - self._failed[0] < FAILED_S:
            return self._failed[1]
        if self._trying is None and time.monotonic() - self._tried < FRESH_S:
            return self._fault
        if self._trying is None:
            self._trying = asyncio.create_task(self._try())
        return await asyncio.shield(self._trying)

    async def _try(self) -> str | None:
        self._fault = await asyncio.to_thread(written, self.directory)
        self._tried, self._trying = time.monotonic(), None
        return self._fault


def written(directory: Path) -> str | None:
    """Write and sync a nameless file there; return why that failed, None when it did not."""
    try:
        with tempfile.TemporaryFile(dir=directory, buffering=0) as file:
            if file.write(b"\0" * PROBE_BYTES) != PROBE_BYTES:
                return "no space left"
            os.fdatasync(file.fileno())
    except OSError as error:
        return error.strerror or "not writable"
    return None
