"""The machine: free disk space, disk speed and clock."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from rmanalytics import journal, warehouse
from rmanalytics.checks import Finding, fault, ok, warning
from rmanalytics.doctor.checks.gateway import endpoints
from rmanalytics.doctor.model import Scene
from rmanalytics.errors import ConfigError, RmaError
from rmanalytics.support import http
from rmanalytics.support.times import readable

LEAST_BYTES, LEAST_SHARE = 10**9, 0.05
SLOW_S = 0.05
STEP_S, WRONG_S = 30.0, 300.0
_TAIL_BYTES = 1 << 20


def space(scene: Scene) -> Finding:
    """Return whether the disk of the home has free space."""
    folder = nearest(scene.settings.home)
    return judge_space(folder, *shutil.disk_usage(folder))


def judge_space(folder: Path, n_all: int, _n_used: int, n_free: int) -> Finding:
    """Return the finding on a disk's free space: warning below 1 GB or 5 %, fault at nothing."""
    says = f"{n_free / 1e9:.1f} GB of {n_all / 1e9:.0f} GB free ({n_free / max(n_all, 1):.0%}) at {folder}"
    if n_free == 0:
        return fault(says, fix="free disk space: nothing can be written to the journal")
    if n_free < LEAST_BYTES or n_free < LEAST_SHARE * n_all:
        return warning(says, fix="free disk space, or remove old journal files with `rmanalytics purge`")
    return ok(says)


def writing(scene: Scene) -> Finding:
    """Return whether the home can be written, and how long a durable write takes; leaves nothing behind."""
    folder = nearest(scene.settings.home)
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as probe:
            probe.write(b"probe\n" * 100)
            probe.flush()
            start = time.perf_counter()
            os.fsync(probe.fileno())
            return judge_writing(folder, time.perf_counter() - start)
    except OSError as error:
        return fault(
            f"{folder}: cannot be written: {error.strerror}",
            fix=f"make {folder} writable for you, or free disk space",
        )


def judge_writing(folder: Path, seconds: float) -> Finding:
    """Return the finding on the time of an fsync: warning above 50 ms."""
    says = f"{folder}: writable, fsync {seconds * 1e3:.1f} ms"
    if seconds > SLOW_S:
        return warning(says, fix="callbacks wait for it: use a local disk with a safe write cache")
    return ok(says)


def clock(scene: Scene) -> Finding:
    """Return whether the clock is not before what is recorded, and, when online, agrees with the gateway's."""
    newest = max((at for at in (_newest_line(scene), _newest_row(scene)) if at), default=None)
    zone = scene.settings.zone
    if newest and (newest - scene.now).total_seconds() > STEP_S:
        return fault(
            f"the clock says {readable(scene.now, zone)}, but a callback was at {readable(newest, zone)}",
            fix="set the clock (timedatectl set-ntp true): DLRs are matched by time",
        )
    theirs = _date_of_gateway(scene)
    known = f"not before the newest callback, {readable(newest, zone)}" if newest else "nothing recorded yet"
    if theirs is None:
        return ok(known)
    return judge_clock((datetime.now(UTC) - theirs).total_seconds(), known)


def judge_clock(ahead_s: float, known: str) -> Finding:
    """Return the finding on the difference from the gateway's clock: warning above 30 s, fault above 300 s."""
    says = f"{abs(ahead_s):.0f} s {'ahead of' if ahead_s > 0 else 'behind'} the gateway's clock; {known}"
    fix = "set the clock (timedatectl set-ntp true)"
    if abs(ahead_s) > WRONG_S:
        return fault(says, fix=fix)
    return warning(says, fix=fix) if abs(ahead_s) > STEP_S else ok(says)


def nearest(path: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    return next(one for one in (path.absolute(), *path.absolute().parents) if one.is_dir())


def _newest_line(scene: Scene) -> datetime | None:
    """Return when the last whole line of the newest callback segment was received."""
    paths = journal.segments(scene.settings.journal_dir, journal.CALLBACKS)
    try:
        size = paths[-1].stat().st_size
        offset = 0 if journal.identity(paths[-1]) != paths[-1].name else max(0, size - _TAIL_BYTES)
        lines = journal.read_chunk(paths[-1], offset).lines
        record: Any = json.loads(lines[-1].as_py())
        return datetime.fromisoformat(record["received_at"])
    except (OSError, IndexError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _newest_row(scene: Scene) -> datetime | None:
    try:
        with warehouse.reading(scene.settings.home, lock_wait_s=0) as connection:
            row = connection.execute("SELECT max(received_at) FROM callbacks").fetchone()
    except RmaError:
        return None
    return row[0] if row else None


def _date_of_gateway(scene: Scene) -> datetime | None:
    """Return the Date of an answer to HEAD /, without account and path; None where there is none."""
    if not scene.is_online:
        return None
    for url in endpoints(scene.settings):
        parts = urlsplit(url)
        try:
            answer = http.ask(f"{parts.scheme}://{parts.netloc}/", scene.timeout_s, method="HEAD")
            return parsedate_to_datetime(answer.headers["date"])
        except (httpx.HTTPError, ConfigError, KeyError, TypeError, ValueError, OverflowError, IndexError):
            continue
    return None
