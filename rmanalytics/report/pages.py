"""How far a report is, in words: which page of how many is being rendered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rmanalytics.report.run import Run


class Pages:
    """Counts pages as their first cell begins, and says so."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._n_pages = 0
        self._begun: set[str] = set()

    def started(self, runs: Sequence[Run]) -> None:
        """Take in which pages will be rendered."""
        self._n_pages = len(runs)

    def watch(self, run: Run) -> None:
        """Take in that a cell of a page begins."""
        if run.stem not in self._begun:
            self._begun.add(run.stem)
            self._say(f"rendering {len(self._begun)} of {self._n_pages}: {run.stem}")
