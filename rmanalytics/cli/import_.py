"""`rmanalytics import`: exports of other systems."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    help="Import exports of other systems: CSV, XLSX, Parquet or JSONL. Columns are recognised by name.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

FileArgument = Annotated[Path, typer.Argument(help="Exported file: .csv, .tsv, .xlsx, .parquet or .jsonl.")]
DryRunOption = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Show the first rows as they would be imported, and the rejects; change nothing."
    ),
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Refuse the file if any row is rejected.")]
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
    yes: YesOption = False,
    rejects: RejectsOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import DLRs under the gateway's field names (`sMessageId`, `sStatus`, `dtDone`, …) or ours.

    They are read and matched like callbacks. A DLR that a callback already delivered is not counted twice.
    """
    asked = reading(sheet, skip_rows, columns, values)
    _run("dlrs", file, asked, dry_run, strict, yes, rejects, home, as_json, gateway=gateway)


def _plain(kind: str, text: str) -> Callable[..., None]:
    def command(
        file: FileArgument,
        columns: MapOption = None,
        values: SetOption = None,
        sheet: SheetOption = None,
        skip_rows: SkipRowsOption = 0,
        dry_run: DryRunOption = False,
        strict: StrictOption = False,
        yes: YesOption = False,
        rejects: RejectsOption = None,
        home: HomeOption = None,
        as_json: JsonOption = False,
    ) -> None:
        asked = reading(sheet, skip_rows, columns, values)
        _run(kind, file, asked, dry_run, strict, yes, rejects, home, as_json)

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
        rejects_file=rejects,
    )
    with stderr.status(f"importing {escape(file.name)}") as status:

        def confirm(found: dict[str, str], left_out: list[str]) -> bool:
            _show(found, left_out)
            if not is_asking:
                return True
            status.stop()
            return typer.confirm("Are the columns right?", default=True, err=True)

        read = bring_in(settings(home), kind, file, options=options, confirm=confirm)
    for reject in read.rejects:
        stderr.print(escape(f"line {reject.line}: {reject.reason}"), soft_wrap=True)
    emit(read.as_dict(), as_json, escape(_described(read)))


def _show(found: dict[str, str], left_out: list[str]) -> None:
    pairs = ", ".join(ours if ours == theirs else f"{ours} = {theirs}" for ours, theirs in found.items())
    stderr.print(escape(f"columns: {pairs}"), soft_wrap=True)
    if left_out:
        stderr.print(escape(f"ignored columns: {', '.join(left_out)}"), soft_wrap=True)


def _described(read: Imported) -> str:
    from rmanalytics.sms.msisdn import mask

    more = read.n_rejected - len(read.rejects)
    lines = [f"{more:,} more rejects: use --rejects FILE to get them all"] if more else []
    if read.is_known:
        return f"{read.file}: already imported ({read.evidence}): nothing changed"
    counts = f"{read.n_rows:,} rows, {read.n_good:,} good, {read.n_rejected:,} rejected"
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
        return "\n".join([*lines, f"{read.file}: {counts}; dry run, nothing changed"])
    lines.append(f"{read.file}: {counts}")
    if read.counts_from:
        since = f"{read.counts_from:%Y-%m-%d %H:%M:%S} UTC"
        lines.append(f"its first evidence is of {since}: reports as of that time and later now count it")
    lines.append(f"{read.n_changed:,} database rows added or changed; evidence kept as {read.evidence}")
    return "\n".join(lines)
