"""Shipping until told to stop, beside a collector: what fails is said once and tried again."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from rmanalytics.config import Settings
from rmanalytics.errors import RmaError
from rmanalytics.lake.shipping import Shipment, ship
from rmanalytics.lake.store import Retrying
from rmanalytics.support.wording import first_line

NICE = 10
"""A collector on the same cores goes first."""


def follow(
    settings: Settings,
    url: str,
    *,
    every_s: float,
    while_stdin: bool,
    said: Callable[[str], None],
    shipped: Callable[[Shipment], None],
) -> None:
    """Ship again and again until SIGTERM or SIGINT, or while standard input is open; then once more, and return.

    With `while_stdin` signals are left to whoever started it: the last segment is sealed only when that one ends.
    """
    stop = threading.Event()
    if while_stdin:
        os.nice(NICE)
        threading.Thread(target=_wait_for_end, args=(stop,), daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN if while_stdin else lambda *_: stop.set())
    last = ""
    while True:
        is_last = stop.is_set()
        fault = _once(settings, url, shipped)
        if fault != last and fault:
            said(fault)
        last = fault
        if is_last:
            return
        stop.wait(every_s)


def _once(settings: Settings, url: str, shipped: Callable[[Shipment], None]) -> str:
    """Ship once; return why that failed, empty where it did not. The next turn is the retry."""
    try:
        shipped(ship(settings, url, retrying=Retrying(seconds=0)))
    except RmaError as error:
        return str(error)
    except OSError as error:
        return f"{settings.journal_dir}: {error.strerror or first_line(error)}"
    return ""


def _wait_for_end(stop: threading.Event) -> None:
    with suppress(OSError, ValueError):
        while os.read(sys.stdin.fileno(), 1024):
            pass
    stop.set()
