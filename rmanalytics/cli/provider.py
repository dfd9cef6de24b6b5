"""`rmanalytics provider`: check a CleverTap provider definition and show its requests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from rmanalytics.cli.options import (
    HomeOption,
    JsonOption,
    MapOption,
    SetOption,
    SheetOption,
    SkipRowsOption,
    emit,
    reading,
    settings,
    stdout,
    visible,
)
from rmanalytics.errors import BadInput

if TYPE_CHECKING:
    from rmanalytics.models import Message

app = typer.Typer(
    help="Check a CleverTap provider definition and show the exact requests it produces.",
    no_args_is_help=True,
)
FileArgument = Annotated[
    Path, typer.Argument(help="Provider definition, TOML or JSON; `init` writes a sample.")
]
MANY = 20
"""Most requests to show."""


@app.command()
def lint(file: FileArgument, as_json: JsonOption = False) -> None:
    """List everything that CleverTap or Route Mobile would reject or get wrong, with place, reason, fix and source.

    Exit codes: 0 no errors (there may be warnings and notes), 1 errors, 2 the file cannot be read.
    """
    from rmanalytics import provider

    found = provider.lint(provider.load(file))
    n_errors = sum(finding.severity == "error" for finding in found)
    lines = [finding.describe() for finding in found]
    lines.append(f"{file}: {n_errors} errors, {len(found) - n_errors} warnings and notes")
    data = {"file": str(file), "n_errors": n_errors, "findings": [finding.as_dict() for finding in found]}
    emit(data, as_json, Text(visible("\n".join(lines))))
    raise typer.Exit(1 if n_errors else 0)


@app.command()
def render(
    file: FileArgument,
    batch: Annotated[
        Path | None, typer.Option("--batch", help="Show the requests of this batch file.")
    ] = None,
    to: Annotated[
        str, typer.Option("--to", help="Show the request for one number, instead of --batch.")
    ] = "",
    body: Annotated[str, typer.Option("--body", help="With --to: the message text.")] = "",
    template_id: Annotated[str, typer.Option("--template-id", help="With --to: the DLT template id.")] = "",
    columns: MapOption = None,
    values: SetOption = None,
    sheet: SheetOption = None,
    skip_rows: SkipRowsOption = 0,
    curl: Annotated[
        bool, typer.Option("--curl", help="Print curl commands that read secrets from the environment.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the exact requests that CleverTap would send, with secrets masked. Nothing is sent."""
    from rmanalytics import provider
    from rmanalytics.provider import curl as texts
    from rmanalytics.provider.gateway import defaults, groups
    from rmanalytics.send.preview import from_file, one

    if bool(batch) == bool(to):
        raise BadInput("give either --batch FILE or --to NUMBER with --body TEXT")
    chosen, now = provider.load(file), datetime.now(UTC)
    messages: list[Message]
    messages = (
        from_file(
            batch,
            settings(home),
            now,
            defaults(chosen, provider.masked),
            reading(sheet, skip_rows, columns, values),
        )
        if batch
        else [one(to, body, template_id, now)]
    )
    requests = list(groups(chosen, messages))
    shown = requests if as_json else requests[:MANY]
    if curl:
        data = [{"curl": texts.curl(chosen, group)} for group in shown]
        lines = [row["curl"] for row in data]
    else:
        rendered = [provider.render(chosen, group) for group in shown]
        data = [texts.as_dict(request) for request in rendered]
        lines = [texts.shown(request) for request in rendered]
    more = [f"and {len(requests) - MANY} more requests (see --json)"] if len(requests) > len(shown) else []
    if as_json:
        emit({"n_requests": len(requests), "requests": data}, True, "")
    else:
        stdout.print(Text(visible("\n\n".join(lines + more))), soft_wrap=True)  # to be copied whole
