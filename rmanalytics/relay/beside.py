"""The relay as a child process of the collector, so that neither slows or stops the other."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rmanalytics.config import Settings

AGAIN_S = 5.0
"""Seconds after which a relay that ended is started again."""


@contextmanager
def beside(settings: Settings) -> Iterator[None]:
    """Keep a relay running while the block does, when a URL is set; at the end let its requests end.

    The child stops when its standard input ends, also when we are killed.
    """
    if not (settings.relay_url or settings.relay_raw_url):
        yield
        return
    stop = threading.Event()
    keeper = threading.Thread(target=_keep, args=(settings.home, settings.relay_timeout_s, stop), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join(settings.relay_timeout_s + 3 * AGAIN_S)


def _keep(home: Path, timeout_s: float, stop: threading.Event) -> None:
    while not stop.is_set():
        with _child(home) as child:
            while child.poll() is None and not stop.wait(0.2):
                pass
            _end(child, timeout_s)
        stop.wait(AGAIN_S)


def _child(home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "rmanalytics", "relay", "run", "--while-stdin", "--home", str(home)]
    return subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own words


def _end(child: subprocess.Popen[bytes], timeout_s: float) -> None:
    """Close its input and wait for its requests; it is killed only if it does not end by itself."""
    if child.stdin:
        child.stdin.close()
    try:
        child.wait(timeout_s + 2 * AGAIN_S)
    except subprocess.TimeoutExpired:
        child.kill()
