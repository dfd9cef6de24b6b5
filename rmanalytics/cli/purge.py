"""`rmanalytics purge`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from rmanalytics.cli.options import HomeOption, JsonOption, emit, escape, settings, stderr
from rmanalytics.errors import BadInput


def purge(
    older_than: Annotated[
        str,
        typer.Option("--older-than", metavar="AGE", help="Remove evidence older than this: 90d, 36h, 12w."),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Remove without asking.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Permanently remove evidence older than an age: journal segments and the rows that came from them.

    A segment is removed when its last line is that old. Segments that are not ingested, not relayed or still being
    written are kept. The database is rebuilt from what is left: a DLR whose message was removed becomes unmatched.
    Templates and rendered reports are kept. **A batch whose submissions are removed would be sent again** by the
    same `send`: keep batch files no longer than their evidence.
    """
    from rmanalytics import purge as purging

    chosen = settings(home)
    plan = purging.plan(chosen, datetime.now(UTC) - purging.age(older_than))
    emit(plan.as_dict(), as_json, escape(plan.describe(chosen.zone)))
    if not dry_run and plan.paths and (yes or _ask(len(plan.paths))):
        purging.purge(chosen, plan)
        stderr.print(f"{len(plan.paths):,} journal files removed, database rebuilt")


def _ask(n_files: int) -> bool:
    """Return the user's answer; raise BadInput when there is no terminal to ask on."""
    if not sys.stdin.isatty():
        raise BadInput("--yes is missing: there is no terminal to ask on; add --yes to remove them")
    return typer.confirm(f"Permanently remove {n_files:,} journal files?", err=True)
