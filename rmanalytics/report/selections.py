"""The selections that several pages of a report are about, made when the first of these pages runs."""

from __future__ import annotations

import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from rmanalytics.errors import RmaError
from rmanalytics.notebook import selection
from rmanalytics.notebook.parameters import Parameters
from rmanalytics.notebook.shared import VARIABLE, file_for


class Selections:
    """Files with the outcomes of the parameters that occur more than once."""

    def __init__(self, folder: Path, often: Iterable[Parameters]) -> None:
        self._folder = folder
        self._locks = {one: threading.Lock() for one in often}

    def variables(self, asked: Parameters) -> dict[str, str]:
        """Return what a page's kernel is to find in its environment; the first one of a selection waits for its file.

        Where it cannot be made each page folds for itself, and says so when something is wrong with the evidence.
        """
        if asked not in self._locks:
            return {}
        file = file_for(self._folder, asked.injected())
        with self._locks[asked], suppress(RmaError, duckdb.Error, OSError):
            if not file.exists():
                selection.share(asked, self._folder)
        return {VARIABLE: str(self._folder)}


@contextmanager
def selections(asked: Iterable[Parameters]) -> Iterator[Selections]:
    """Keep the files of a report's selections for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="rma-selections-") as folder:
        yield Selections(Path(folder), (one for one, n in Counter(asked).items() if n > 1))
