"""`rmanalytics provider`: check a CleverTap provider definition and show its requests."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    escape,
    reading,
    settings,
    stderr,
    stdout,
    visible,
)
from rmanalytics.errors import BadInput

if TYPE_CHECKING:
    from rmanalytics.config import Settings
    from rmanalytics.provider import Provider
    from rmanalytics.send.preview import Preview

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
    from rmanalytics.support.wording import count

    found = provider.lint(provider.load(file))
    n_errors = sum(finding.severity == "error" for finding in found)
    lines = [finding.describe() for finding in found]
    others = count(len(found) - n_errors, "warning or note", "warnings and notes")
    lines.append(f"{file}: {count(n_errors, 'error')}, {others}")
    data = {"file": str(file), "n_errors": n_errors, "findings": [finding.as_dict() for finding in found]}
    emit(data, as_json, Text(visible("\n".join(lines))))
    raise typer.Exit(1 if n_errors else 0)


@app.command()
def schema(as_json: JsonOption = False) -> None:
    """Print every field of a provider file with what it means and an example; with --json as JSON Schema."""
    from rmanalytics.provider.definition import Provider
    from rmanalytics.provider.schema import schema as reference

    emit(Provider.model_json_schema() if as_json else {}, as_json, Text(reference().rstrip()))


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
    allow_unset: Annotated[
        bool, typer.Option("--allow-unset", help="With --curl: also when a secret it needs is not set.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Exit 0 even if bad rows were left out.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the exact requests that CleverTap would send, with secrets masked. Nothing is sent.

    Rows of a batch file that `send` would leave out are not shown: then the exit code is 1, or 0 with --skip-bad.
    """
    from rmanalytics import provider
    from rmanalytics.provider import curl as texts
    from rmanalytics.provider.gateway import defaults, groups
    from rmanalytics.send.preview import from_file, one

    if bool(batch) == bool(to):
        raise BadInput("give either --batch FILE or --to NUMBER with --body TEXT")
    chosen, now = provider.load(file), datetime.now(UTC)
    read = None
    if batch:
        given, asked = defaults(chosen, provider.masked), reading(sheet, skip_rows, columns, values)
        read = from_file(batch, settings(home), now, given, asked)
    messages = read.messages if read else [one(to, body, template_id, now)]
    if curl:
        _check_secrets(chosen, settings(home), allow_unset=allow_unset)
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
        emit({"n_requests": len(requests), "requests": data} | _rows(read), True, "")
    else:
        stdout.print(Text(visible("\n\n".join(lines + more))), soft_wrap=True)  # to be copied whole
    if read and read.n_bad:
        stderr.print(escape(f"{batch}: {read.left_out()}"), soft_wrap=True)
        raise typer.Exit(0 if skip_bad else 1)


def _rows(read: Preview | None) -> dict[str, Any]:
    """Return how many rows of the batch file are in the requests, and what is wrong with the others."""
    if read is None:
        return {}
    return {"n_rows": read.n_rows, "n_bad": read.n_bad, "faults": [asdict(fault) for fault in read.faults]}


def _check_secrets(chosen: Provider, found: Settings, *, allow_unset: bool) -> None:
    """Raise ConfigError where a curl command would lack a secret; say where the shell does not have it."""
    import os

    from rmanalytics.errors import ConfigError
    from rmanalytics.provider.curl import secrets
    from rmanalytics.support import env_file

    file = found.home.parent / ".env"
    names = [name for name in secrets(chosen) if not os.environ.get(name)]
    said = env_file.variables(file)
    unset = [name for name in names if not said.get(name)]
    if unset and not allow_unset:
        raise ConfigError(
            f"not set: {', '.join(unset)}: the request would go without: put them into .env or the environment, "
            "or print it with --allow-unset"
        )
    if set(names) - set(unset):
        stderr.print(
            f"in .env only: run `set -a; . {escape(str(file))}; set +a` in your shell first", soft_wrap=True
        )
