"""A disk that takes no more, in plain words: pyarrow and DuckDB say it in their own, and name files nobody knows."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from rmanalytics.errors import JournalError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def why(error: BaseException) -> str | None:
    """Return what the system said of a disk that takes no more; None for any other error.

    >>> why(OSError(errno.ENOSPC, "?")), why(duckdb.IOException('Could not write "x": File too large'))
    ('No space left on device', 'File too large')
    """
    if not isinstance(error, OSError | duckdb.Error):
        return None
    number = error.errno if isinstance(error, OSError) else None
    found = next((one for one in _FULL if one == number or os.strerror(one) in str(error)), None)
    return None if found is None else os.strerror(found)


@contextmanager
def naming(place: Path, outcome: str) -> Iterator[None]:
    """Raise JournalError that names the place, with the outcome, where its disk takes no more."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        said = why(error)
        if said is None:
            raise
        raise JournalError(f"{place}: {said}: {outcome}") from None
