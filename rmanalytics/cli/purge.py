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
        str, typer.Option("--older-than", metavar="AGE", help="Age of what goes: 90d, 36h, 12w.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Remove without asking.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove evidence that is older than an age, for good: journal segments and the rows that came from them.

    A segment goes when its last line is that old, so a younger line keeps its whole segment. What is not ingested,
    not relayed or being written stays. The database is made anew from what is left: a DLR whose message went
    becomes nobody's. Templates stay. **A batch whose submissions are gone would be sent again** by the same
    `send`: keep batches no longer than their evidence. Reports that were rendered stay as they are.
    """
    from rmanalytics import purge as purging

    chosen = settings(home)
    plan = purging.plan(chosen, datetime.now(UTC) - purging.age(older_than))
    emit(plan.as_dict(), as_json, escape(plan.describe()))
    if not dry_run and plan.paths and (yes or _ask(len(plan.paths))):
        purging.purge(chosen, plan)
        stderr.print(f"{len(plan.paths):,} journal files removed, the database was made anew")


def _ask(n_files: int) -> bool:
    """Return what the user says; raise BadInput where there is nobody to ask."""
    if not sys.stdin.isatty():
        raise BadInput("--yes is missing: nobody can be asked here, so add it to remove them")
    return typer.confirm(f"Remove {n_files:,} journal files for good?", err=True)
