"""One send at a time per home: two would not see each other's attempts and send messages twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rmanalytics import lock
from rmanalytics.errors import SendLocked


@contextmanager
def exclusive(home: Path) -> Iterator[None]:
    """Hold the home's lock; raise SendLocked when another process does. However that ends, it lets go."""
    home.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        try:
            held.enter_context(lock.exclusive(home / "send.lock"))
        except lock.Taken as holder:
            raise SendLocked(
                f"another send is running in {home} (process {holder}): wait for its end, or use another --home"
            ) from None
        yield
