"""`rmanalytics ingest`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from rmanalytics.cli.options import HomeOption, JsonOption, emit, escape, settings, stderr
from rmanalytics.cli.progress import bytes_done
from rmanalytics.errors import JournalError, LakeFault, WarehouseLocked

if TYPE_CHECKING:
    from rmanalytics.config import Settings
    from rmanalytics.ingest.ingested import Ingested


def ingest(
    follow: Annotated[bool, typer.Option("--follow", help="Keep going until Ctrl-C.")] = False,
    every: Annotated[
        float | None,
        typer.Option(
            "--every",
            min=0.1,
            max=86_400,
            help="With --follow: seconds between two checks of the journal. Default: 2, of a lake 60.",
        ),
    ] = None,
    rematch_all: Annotated[
        bool,
        typer.Option(
            "--rematch-all",
            help="Try DLRs without a message against all messages, otherwise done once a day.",
        ),
    ] = False,
    lake: Annotated[
        str | None,
        typer.Option(
            "--lake",
            metavar="URL",
            help="Load also what all hosts shipped to this lake: a folder or a URL. RMANALYTICS_LAKE alone ships only.",
        ),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load the journal into DuckDB: what was sent, which callbacks arrived, and which message each DLR is for.

    With --follow it prints only when there is new data, or when another program holds the database: it names that
    program, waits for it and catches up. Running it twice changes nothing; after a crash it continues where it
    stopped. Old journal segments that are closed and ingested are compressed.
    """
    chosen, wait_s = settings(home, lake=lake), every or (60.0 if lake else 2.0)
    run = _loading(chosen.lake if lake else None)
    reporter = _Waiting()
    while True:
        try:
            _once(run, chosen, as_json, reporter, is_terse=follow, rematch_all=rematch_all)
        except (WarehouseLocked, JournalError, LakeFault) as error:
            if not follow:
                raise
            reporter.report(str(error))
        else:
            reporter.last, rematch_all = "", False
        if not follow:
            return
        time.sleep(wait_s)


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


def _loading(lake: str | None) -> Callable[..., Ingested]:
    """Return what loads the journal, and the lake where one is given."""
    from rmanalytics.ingest.run import ingest as run

    if not lake:
        return run
    from rmanalytics.cli.lake import waiting
    from rmanalytics.ingest.from_lake import ingest_lake
    from rmanalytics.lake import Retrying

    return partial(ingest_lake, url=lake, retrying=Retrying(waiting=waiting()))


def _once(
    run: Callable[..., Ingested],
    chosen: Settings,
    as_json: bool,
    reporter: _Waiting,
    *,
    is_terse: bool,
    rematch_all: bool,
) -> None:
    with bytes_done("ingest") as progress:
        result = run(chosen, on_progress=progress, waiting=reporter.report, rematch_all=rematch_all)
    if result.n_bytes or result.unreadable or not is_terse:
        emit(result.as_dict(), as_json, escape(result.describe()))
    if result.unreadable and not is_terse:
        raise typer.Exit(2)
