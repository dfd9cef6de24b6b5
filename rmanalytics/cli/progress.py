"""The bar of work that is counted in bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from rmanalytics.cli.options import stderr


@contextmanager
def bytes_done(name: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that takes the bytes done and those of all; on a terminal it shows them as a bar."""
    with Progress(
        TextColumn(name),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,
    ) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
