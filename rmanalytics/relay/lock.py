"""One relay at a time per home: two would not know what the other has in flight."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rmanalytics import lock
from rmanalytics.errors import RelayFault


@contextmanager
def exclusive(directory: Path) -> Iterator[None]:
    """Hold the lock of the relay's folder; raise RelayFault when another process does."""
    with ExitStack() as held:
        try:
            directory.mkdir(parents=True, exist_ok=True)
            held.enter_context(lock.exclusive(directory / "relay.lock"))
        except OSError as error:
            raise RelayFault(f"{directory}: {error.strerror}: choose another home with --home") from None
        except lock.Taken as holder:
            raise RelayFault(
                f"another relay is running in {directory.parent} (process {holder}): stop it, or leave it to it"
            ) from None
        yield
