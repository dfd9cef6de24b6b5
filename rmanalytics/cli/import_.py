"""`rmanalytics import`: exports of other systems."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from rmanalytics.cli.options import (
    HomeOption,
    JsonOption,
    MapOption,
    SetOption,
    SheetOption,
    SkipRowsOption,
    emit,
    escape,
    reading,
    settings,
    stderr,
)
from rmanalytics.models import USUAL

if TYPE_CHECKING:
    from rmanalytics.imports import Imported
    from rmanalytics.support.tables import ReadOptions

app = typer.Typer(
    help="Import exports of other systems: CSV, XLSX, Parquet or JSONL. Columns are recognised by name. Rows that "
    "cannot be read are left out and listed, the others imported: then the exit code is 1, or 0 with --skip-bad.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

FileArgument = Annotated[Path, typer.Argument(help="Exported file: .csv, .tsv, .xlsx, .parquet or .jsonl.")]
DryRunOption = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Show the first rows as they would be imported, and the rejects; change nothing. Exit code as without.",
    ),
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Refuse the file if any row is rejected.")]
SkipBadOption = Annotated[bool, typer.Option("--skip-bad", help="Exit 0 even if rows were rejected.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Skip the question whether the columns are right.")]
RejectsOption = Annotated[
    Path | None,
    typer.Option("--rejects", metavar="FILE", help="Write all rejects to this CSV file: line, reason."),
]
GatewayOption = Annotated[
    str,
    typer.Option(
        "--gateway", help="Gateway of rows that do not name one, such as route_mobile or simulator."
    ),
]


def messages(
    file: FileArgument,
    columns: MapOption = None,
    values: SetOption = None,
    sheet: SheetOption = None,
    skip_rows: SkipRowsOption = 0,
    accepted: Annotated[
        bool,
        typer.Option(
            "--accepted", help="Count all messages as accepted, although the file has no gateway ids."
        ),
    ] = False,
    gateway: GatewayOption = USUAL,
    dry_run: DryRunOption = False,
    strict: StrictOption = False,
    skip_bad: SkipBadOption = False,
    yes: YesOption = False,
    rejects: RejectsOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import messages that another system sent: `campaign_id`, `msisdn` and whatever else the file has.

    A row with a gateway id counts as accepted, a row with only a submission time as unclear, any other as planned.
    """
    _run(
        "messages",
        file,
        reading(sheet, skip_rows, columns, values),
        dry_run,
        strict,
        skip_bad,
        yes,
        rejects,
        home,
        as_json,
        gateway=gateway,
        accepted=accepted,
    )


def dlrs(
    file: FileArgument,
    columns: MapOption = None,
    values: SetOption = None,
    sheet: SheetOption = None,
    skip_rows: SkipRowsOption = 0,
    gateway: GatewayOption = USUAL,
    dry_run: DryRunOption = False,
    strict: StrictOption = False,
    skip_bad: SkipBadOption = False,
    yes: YesOption = False,
    rejects: RejectsOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import DLRs under the gateway's field names (`sMessageId`, `sStatus`, `dtDone`, …) or ours.

    They are read and matched like callbacks. A DLR that a callback already delivered is not counted twice.
    """
    asked = reading(sheet, skip_rows, columns, values)
    _run("dlrs", file, asked, dry_run, strict, skip_bad, yes, rejects, home, as_json, gateway=gateway)


def _plain(kind: str, text: str) -> Callable[..., None]:
    def command(
        file: FileArgument,
        columns: MapOption = None,
        values: SetOption = None,
        sheet: SheetOption = None,
        skip_rows: SkipRowsOption = 0,
        dry_run: DryRunOption = False,
        strict: StrictOption = False,
        skip_bad: SkipBadOption = False,
        yes: YesOption = False,
        rejects: RejectsOption = None,
        home: HomeOption = None,
        as_json: JsonOption = False,
    ) -> None:
        asked = reading(sheet, skip_rows, columns, values)
        _run(kind, file, asked, dry_run, strict, skip_bad, yes, rejects, home, as_json)

    command.__doc__ = text
    return command


app.command()(messages)
app.command()(dlrs)
for _kind, _text in {
    "templates": "Import registered DLT templates: `template_id`, `content`, and whatever else the registry has.",
    "clevertap-report": "Import CleverTap's campaign report, to reconcile its numbers with ours.",
    "clevertap-errors": "Import the errors that CleverTap lists for its campaigns, sorted into causes.",
}.items():
    app.command(name=_kind)(_plain(_kind, _text))


def _run(
    kind: str,
    file: Path,
    asked: ReadOptions,
    dry_run: bool,
    strict: bool,
    skip_bad: bool,
    yes: bool,
    rejects: Path | None,
    home: Path | None,
    as_json: bool,
    *,
    gateway: str = USUAL,
    accepted: bool = False,
) -> None:
    from rmanalytics.imports import Options, bring_in

    is_asking = sys.stdin.isatty() and stderr.is_terminal and not (yes or dry_run or asked.columns)
    options = Options(
        reading=asked,
        gateway=gateway,
        is_accepted=accepted,
        is_strict=strict,
        is_dry_run=dry_run,
        is_bad_skipped=skip_bad,
        rejects_file=rejects,
    )
    with stderr.status(f"importing {escape(file.name)}") as status:

        def confirm(found: dict[str, str], left_out: list[str]) -> bool:
            _show(found, left_out)
            if not is_asking:
                return True
            status.stop()
            return typer.confirm("Are the columns right?", default=True, err=True)

        chosen = settings(home)
        read = bring_in(chosen, kind, file, options=options, confirm=confirm)
    for reject in read.rejects:
        stderr.print(escape(f"line {reject.line}: {reject.reason}"), soft_wrap=True)
    emit(read.as_dict(), as_json, escape(_described(read, chosen.zone)))
    raise typer.Exit(read.exit_code)


def _show(found: dict[str, str], left_out: list[str]) -> None:
    pairs = ", ".join(ours if ours == theirs else f"{ours} = {theirs}" for ours, theirs in found.items())
    stderr.print(escape(f"columns: {pairs}"), soft_wrap=True)
    if left_out:
        stderr.print(escape(f"ignored columns: {', '.join(left_out)}"), soft_wrap=True)


def _described(read: Imported, zone: ZoneInfo) -> str:
    from rmanalytics.sms.msisdn import mask
    from rmanalytics.support.times import readable
    from rmanalytics.support.wording import count

    left_out = _left_out(read)
    if read.is_known:
        return "\n".join([f"{read.file}: already imported ({read.evidence}): nothing changed", *left_out])
    counts = f"{count(read.n_rows, 'row')}, {read.n_good:,} good, {read.n_rejected:,} rejected"
    lines = []
    if read.repeated:
        one = read.repeated[0]
        counts += f", {read.n_repeated:,} repeated"
        lines.append(
            f"rows that are about the same count once, by the last of them: line {one.line:,} "
            f"repeats line {one.first_line:,}"
        )
    if read.is_dry_run:
        lines += [
            ", ".join(
                f"{name}={mask(value) if name == 'msisdn' else value}"
                for name, value in row.items()
                if value is not None
            )
            for row in read.first_rows
        ]
        return "\n".join([*lines, f"{read.file}: {counts}; dry run, nothing changed", *left_out])
    lines.append(f"{read.file}: {counts}")
    if read.counts_from:
        since = readable(read.counts_from, zone)
        lines.append(f"its first evidence is of {since}: reports as of that time and later now count it")
    changed = count(read.n_changed, "database row")
    lines.append(f"{changed} added or changed; evidence kept as {read.evidence}")
    return "\n".join([*lines, *left_out])


_ONCE = "what is in already is not counted twice"


def _left_out(read: Imported) -> list[str]:
    """Return the last line, about rows that are not in the relations; none where there are all."""
    from rmanalytics.support.wording import count, verb

    n, more = read.n_rejected, read.n_rejected - len(read.rejects)
    if not n:
        return []
    fix = "" if read.is_bad_skipped else f"; fix {verb(n, 'it', 'them')} and import the file again: {_ONCE}"
    every = ""
    if read.rejects_file:
        every = f" (listed in {read.rejects_file})"
    elif more:
        every = f" ({more:,} more than shown; --rejects FILE lists all)"
    would = "would be" if read.is_dry_run else verb(n, "was", "were")
    return [f"{count(n, 'bad row')} {would} left out{every}{fix}"]
