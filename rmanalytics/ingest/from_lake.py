"""The segments of all hosts out of a lake into this home's database, each once in effect.

How far a segment was taken in is in the database, by its name alone, as for the home's own. A batch of compressed
segments lies in the home while it is taken in; killed anywhere, the next run takes in what is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson

from rmanalytics import lake, warehouse
from rmanalytics.config import Settings
from rmanalytics.errors import LakeFault
from rmanalytics.ingest import progress
from rmanalytics.ingest.ingested import Ingested
from rmanalytics.ingest.run import ingest
from rmanalytics.support.lock import Taken, exclusive

_WHOLES = "lake_segments.json"
_FOLDER = ".lake"


def ingest_lake(
    settings: Settings,
    url: str,
    *,
    retrying: lake.Retrying | None = None,
    rematch_all: bool = False,
    **how: Any,
) -> Ingested:
    """Load this home's journal, then what the lake has and the database does not; return the counts.

    `how` is given to each `ingest`. Raises LakeFault where the lake cannot be read or another ingest reads it into
    this home, LakeUnavailable where it does not answer for a minute: what was taken in until then is in.
    """
    place, done = lake.open_lake(url, retrying=retrying), Ingested()
    with _folder(settings.home) as folder:
        ingest(settings, done=done, **how)
        with warehouse.reading(settings.database) as connection:
            offsets = progress.offsets(connection)
        wholes = known(settings.home)
        for batch in lake.fetched(place, offsets, wholes, folder):
            ingest(settings, done=done, folders=(folder,), **how)
            done.unreadable |= batch.faults
            wholes |= batch.wholes
            _note(settings.home, wholes)
        if rematch_all:
            ingest(settings, done=done, rematch_all=True, **how)
    return done


def known(home: Path) -> dict[str, int]:
    """Return of each segment that came from a lake how many bytes of whole lines it has; derived, may be deleted."""
    with suppress(OSError, ValueError, TypeError):
        return {
            str(name): int(n_bytes) for name, n_bytes in orjson.loads((home / _WHOLES).read_bytes()).items()
        }
    return {}


def _note(home: Path, wholes: dict[str, int]) -> None:
    part = home / f".{_WHOLES}.part"
    part.write_bytes(orjson.dumps(wholes))
    part.replace(home / _WHOLES)


@contextmanager
def _folder(home: Path) -> Iterator[Path]:
    """Yield an empty folder of this process."""
    folder = home / _FOLDER / "segments"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with exclusive(folder.parent / "lock"):
            for path in folder.iterdir():
                path.unlink()
            yield folder
    except Taken as holder:
        raise LakeFault(
            f"{home}: another ingest reads the lake into this home (process {holder}): let it end, then run this again"
        ) from None
