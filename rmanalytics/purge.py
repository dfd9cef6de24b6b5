"""Retention: evidence older than a time goes, and the database becomes what is left of the journal.

Segments are set aside, the database is rebuilt from the others and put in place of the old one, and only
then what was set aside is removed. Killed at any moment nothing but that is lost, and the next purge goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any
from zoneinfo import ZoneInfo

from rmanalytics import journal, lake, relay, warehouse
from rmanalytics.config import Settings
from rmanalytics.errors import BadInput, JournalError
from rmanalytics.ingest import from_lake, imports, progress
from rmanalytics.ingest.run import ingest
from rmanalytics.support.times import readable
from rmanalytics.support.wording import count, verb

ASIDE = ".purged"
_AGE = re.compile(r"([0-9]+) ?(h|d|w)")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_PATIENCE_S = 5.0
"""How long a lake that does not answer is asked again: nothing is urgent, and somebody waits."""

_IMPORTS = ("messages", "dlrs")
"""Kinds of imports that speak of single people, and so have an age; the others are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgePlan:
    """What would be removed: journal files last written before `before`; `kept` gives the reason why others stay."""

    before: datetime
    paths: tuple[Path, ...]
    n_bytes: int
    kept: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON, files by name."""
        return asdict(self) | {"before": self.before.isoformat(), "paths": [path.name for path in self.paths]}

    def describe(self, zone: ZoneInfo) -> str:
        """Return it as text, one line each, times in the zone."""
        files = f"{count(len(self.paths), 'journal file')} ({count(self.n_bytes, 'byte')})"
        holds = verb(len(self.paths), "holds", "hold")
        lines = [f"{files} {holds} nothing newer than {readable(self.before, zone)}"]
        lines += [f"kept although as old: {name}: {reason}" for name, reason in self.kept.items()]
        return "\n".join(lines)


def age(text: str) -> timedelta:
    """Return an age; raise BadInput if it is not one.

    >>> age("90d"), age("36h")
    (datetime.timedelta(days=90), datetime.timedelta(days=1, seconds=43200))
    """
    if not (found := _AGE.fullmatch(text.strip())) or len(found[1]) > 5:
        raise BadInput(f"--older-than {text}: not an age: give a number with h, d or w, such as 90d")
    return int(found[1]) * _UNITS[found[2]]


def plan(settings: Settings, before: datetime) -> PurgePlan:
    """Return what a purge of all that was last written before a time would remove.

    Raises BadInput when there is no database, or when it holds rows of segments that no longer exist:
    rebuilding would lose them. Where a lake is set, what is not in it stays; LakeUnavailable when that cannot be seen.
    """
    directory = settings.journal_dir
    with warehouse.reading(settings.database) as connection:
        offsets = progress.offsets(connection)
    there = {path.name.removesuffix(ASIDE).removesuffix(".zst") for path in directory.glob("*")}
    gone = sorted(offsets.keys() - there)
    if of_lake := set(gone) & from_lake.known(settings.home).keys():
        raise BadInput(
            f"{settings.database}: holds rows of {count(len(of_lake), 'segment')} that a lake holds, not this home: "
            "purge the homes that ship; here, delete the database and run `rmanalytics ingest --lake` again"
        )
    if gone:
        raise BadInput(
            f"{settings.database}: holds rows of {count(len(gone), 'segment')} that the journal no longer has, such as "
            f"{gone[0]}: restore them first, because the database is rebuilt from the journal"
        )
    old, kept, waits = [*directory.glob(f"*{ASIDE}")], dict[str, str](), _relay_waits(settings)
    older = list(_older(directory, before))
    unshipped = _unshipped(settings, older)
    for path in older:
        if reason := waits or _needed(path, offsets) or unshipped.get(journal.identity(path)):
            kept[journal.identity(path)] = reason
        else:
            old.append(path)
    n_bytes = sum(path.stat().st_size for path in old)
    return PurgePlan(before=before, paths=tuple(old), n_bytes=n_bytes, kept=kept)


def _older(directory: Path, before: datetime) -> Iterator[Path]:
    """Yield the files whose newest line is older: the time of the last write, which compressing keeps."""
    for stream in journal.STREAMS:
        yield from (path for path in journal.segments(directory, stream) if _written(path) < before)
    every = (evidence for evidence in imports.every(directory) if evidence.kind in _IMPORTS)
    yield from (evidence.path for evidence in every if evidence.at < before)


def _unshipped(settings: Settings, paths: list[Path]) -> dict[str, str]:
    """Return why segments must stay, by name: the lake, where one is set, does not have them."""
    if not settings.lake:
        return {}
    segments = [path for path in paths if path.suffix != ".parquet"]
    return lake.unshipped(settings, segments, lake.Retrying(seconds=_PATIENCE_S))


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.lstat().st_mtime, UTC)


def _needed(path: Path, offsets: dict[str, int]) -> str | None:
    """Return why a file must stay; None when nothing needs it."""
    name = journal.identity(path)
    if path.suffix == ".parquet":
        return None if offsets.get(name, 0) >= path.stat().st_size else "not ingested"
    offset = offsets.get(name, 0)
    try:
        if journal.is_open(path):
            return "being written"
        waits = len(journal.read_chunk(path, offset, 1 << 20).lines) or journal.promises(path, offset)
    except OSError as error:
        return f"not readable: {error.strerror or error}"
    return "not ingested" if waits else None


def _relay_waits(settings: Settings) -> str | None:
    """Return why nothing can be removed while a relay is not done with the journal."""
    for channel in relay.Channel:
        now = relay.read_status(settings, channel)
        if now.to and (now.backlog_bytes or now.n_waiting or now.n_in_flight):
            return f"the relay to {now.to} has not sent all of it"
    return None


def purge(settings: Settings, chosen: PurgePlan) -> None:
    """Remove what was planned, and rebuild the database from the rest of the journal.

    Raises JournalError, with the database as it was and everything back in its place, when the rest cannot be
    read whole; WarehouseLocked when another process holds the database.
    """
    if not chosen.paths:
        return
    aside = [_set_aside(path) for path in chosen.paths]
    place = settings.home / ".purge"
    rmtree(place, ignore_errors=True)
    place.mkdir()
    try:
        (place / "journal").symlink_to(settings.journal_dir.absolute())
        rebuilt = settings.model_copy(update={"home": place})
        _make(rebuilt)
        with warehouse.writer(settings.database, horizon_s=settings.horizon_s):
            rebuilt.database.replace(settings.database)
    except BaseException:
        for path in aside:
            path.rename(path.with_name(path.name.removesuffix(ASIDE)))
        raise
    finally:
        rmtree(place, ignore_errors=True)
    for path in aside:
        _remove(path)


def _make(rebuilt: Settings) -> None:
    """Ingest into an empty database; raise JournalError for the first segment that cannot be read."""
    for name, reason in ingest(rebuilt).unreadable.items():
        raise JournalError(f"{name}: cannot be read: {reason}: nothing was removed")


def _set_aside(path: Path) -> Path:
    if path.name.endswith(ASIDE):
        return path
    if not path.exists():  # compressed since it was planned
        path = path.with_name(f"{path.name}.zst")
    return path.rename(path.with_name(path.name + ASIDE))


def _remove(path: Path) -> None:
    name = journal.identity(path.with_name(path.name.removesuffix(ASIDE)))
    with suppress(FileNotFoundError):
        path.with_name(f"{name}.seal").unlink()
    path.unlink()
