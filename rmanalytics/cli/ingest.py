"""`rmanalytics ingest`."""

from __future__ import annotations

import time
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

    With --follow it speaks only when something came. Running it twice changes nothing; killed at any moment it
    goes on where it stopped.
    """
    chosen = settings(home)
    while True:
        try:
            _once(chosen, as_json, is_terse=follow)
        except (WarehouseLocked, JournalError) as error:
            if not follow:
                raise
            stderr.print(f"[yellow]waiting[/yellow] {escape(str(error))}", soft_wrap=True)
        if not follow:
            return
        time.sleep(every)


def _once(chosen: Settings, as_json: bool, *, is_terse: bool) -> None:
    from rmanalytics.ingest import Ingested
    from rmanalytics.ingest import ingest as take_in

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

        result: Ingested = take_in(chosen, progress=progress)
    if result.n_bytes or result.unreadable or not is_terse:
        emit(result.as_dict(), as_json, escape(result.describe()))
    if result.unreadable and not is_terse:
        raise typer.Exit(2)
