"""`rmanalytics ingest`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from rmanalytics.cli.options import HomeOption, JsonOption, emit, escape, settings, stderr
from rmanalytics.errors import JournalError, WarehouseLocked

if TYPE_CHECKING:
    from rmanalytics.config import Settings


def ingest(
    follow: Annotated[bool, typer.Option("--follow", help="Keep going until Ctrl-C.")] = False,
    every: Annotated[
        float,
        typer.Option(
            "--every", min=0.1, max=86_400, help="With --follow: seconds between two checks of the journal."
        ),
    ] = 2.0,
    rematch_all: Annotated[
        bool,
        typer.Option(
            "--rematch-all",
            help="Try DLRs without a message against all messages, otherwise done once a day.",
        ),
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load the journal into DuckDB: what was sent, which callbacks arrived, and which message each DLR is for.

    With --follow it prints only when there is new data, or when another program holds the database: it names that
    program, waits for it and catches up. Running it twice changes nothing; after a crash it continues where it
    stopped. Old journal segments that are closed and ingested are compressed.
    """
    chosen = settings(home)
    reporter = _Waiting()
    while True:
        try:
            _once(chosen, as_json, reporter, is_terse=follow, rematch_all=rematch_all)
        except (WarehouseLocked, JournalError) as error:
            if not follow:
                raise
            reporter.report(str(error))
        else:
            reporter.last, rematch_all = "", False
        if not follow:
            return
        time.sleep(every)


@dataclass
class _Waiting:
    """Reports why ingest waits, each reason once."""

    last: str = ""

    def report(self, reason: str) -> None:
        """Print the reason, unless it was the last one printed."""
        reason = reason.removesuffix(" and run this again")
        if reason != self.last:
            self.last = reason
            stderr.print(f"[yellow]waiting[/yellow] {escape(reason)}", soft_wrap=True)


def _once(chosen: Settings, as_json: bool, reporter: _Waiting, *, is_terse: bool, rematch_all: bool) -> None:
    from rmanalytics.ingest.ingested import Ingested
    from rmanalytics.ingest.run import ingest as run

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

        result: Ingested = run(chosen, on_progress=progress, waiting=reporter.report, rematch_all=rematch_all)
    if result.n_bytes or result.unreadable or not is_terse:
        emit(result.as_dict(), as_json, escape(result.describe()))
    if result.unreadable and not is_terse:
        raise typer.Exit(2)
