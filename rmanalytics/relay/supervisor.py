"""The relay as a child process of the collector, so that neither slows or stops the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rmanalytics.config import Settings
from rmanalytics.support.children import AGAIN_S, running

PATIENCE_S = 10.0


@contextmanager
def supervised(settings: Settings, *, again_s: float = AGAIN_S) -> Iterator[None]:
    """Keep a relay running while the block does, when a URL is set; at the end let its requests end."""
    if not (settings.relay_url or settings.relay_raw_url):
        yield
        return
    words = ("relay", "run", "--while-stdin", "--home", str(settings.home))
    with running(words, patience_s=settings.relay_timeout_s + PATIENCE_S, again_s=again_s):
        yield
