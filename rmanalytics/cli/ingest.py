"""`rmanalytics ingest`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from rmanalytics.cli.options import HomeOption, JsonOption, emit, escape, settings, stderr
from rmanalytics.config import Settings
from rmanalytics.errors import JournalError, WarehouseLocked


def ingest(
    follow: Annotated[
        bool, typer.Option("--follow", help="Keep going: take in what arrives, until Ctrl-C.")
    ] = False,
    every: Annotated[
        float, typer.Option("--every", min=0.1, help="Seconds between two looks, with --follow.")
    ] = 2.0,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the journal into DuckDB: what was sent, which callbacks came, and whose they are.

    With --follow it speaks only when something came, or when another program keeps the database: it names that
    program, waits as long as it takes, and catches up. Running it twice changes nothing; killed at any moment it
    goes on where it stopped. Closed journal segments that are in the database and old are compressed.
    """
    chosen = settings(home)
    told = Told()
    while True:
        try:
            _once(chosen, as_json, told, is_terse=follow)
        except (WarehouseLocked, JournalError) as error:
            if not follow:
                raise
            told.waiting(str(error))
        else:
            told.last = ""
        if not follow:
            return
        time.sleep(every)


@dataclass
class Told:
    """Says why it waits, and each reason once."""

    last: str = ""

    def waiting(self, reason: str) -> None:
        """Say it, unless it was the last thing that was said."""
        reason = reason.removesuffix(" and run this again")
        if reason != self.last:
            self.last = reason
            stderr.print(f"[yellow]waiting[/yellow] {escape(reason)}", soft_wrap=True)


def _once(chosen: Settings, as_json: bool, told: Told, *, is_terse: bool) -> None:
    from rmanalytics.ingest.run import Ingested
    from rmanalytics.ingest.run import ingest as take_in

    with Progress(
        TextColumn("ingest"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,
    ) as bar:
        task = bar.add_task("ingest", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        result: Ingested = take_in(chosen, progress=progress, waiting=told.waiting)
    if result.n_bytes or result.unreadable or not is_terse:
        emit(result.as_dict(), as_json, escape(result.describe()))
    if result.unreadable and not is_terse:
        raise typer.Exit(2)
