"""How far a report is, in words: which page of how many is being rendered, and what is there when it is stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rmanalytics.report.run import Run
from rmanalytics.support.wording import count, verb


class Pages:
    """Counts pages as their first cell begins, and says so."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._n_pages = self._n_finished = 0
        self._begun: set[str] = set()

    def started(self, runs: Sequence[Run]) -> None:
        """Take in which pages will be rendered."""
        self._n_pages = len(runs)

    def watch(self, run: Run) -> None:
        """Take in that a cell of a page begins."""
        if run.stem not in self._begun:
            self._begun.add(run.stem)
            self._say(f"rendering {len(self._begun)} of {self._n_pages}: {run.stem}")

    def finished(self, _run: Run) -> None:
        """Take in that a page is written."""
        self._n_finished += 1

    def left(self, out: str) -> str:
        """Return what a stopped report leaves, and how to go on; empty where no page was to be rendered.

        A page is about now unless `--as-of` is given, so that only then the same command would write the same.
        """
        if not self._n_pages:
            return ""
        n = self._n_finished
        there = (
            f"{n} of {count(self._n_pages, 'page')} {verb(n, 'is', 'are')} written to {out}, the index is not"
        )
        return f"{there}; run the same command again (with --as-of TIME it keeps the pages that are written)"
