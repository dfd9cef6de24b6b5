"""What all commands share: options, settings, printing."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import markup
from rich.console import Console

from rmanalytics import config
from rmanalytics.errors import BadInput
from rmanalytics.support.escape import visible

if TYPE_CHECKING:
    from rmanalytics.support.tables import ReadOptions

__all__ = [
    "HomeOption",
    "JsonOption",
    "MapOption",
    "SetOption",
    "SheetOption",
    "SkipRowsOption",
    "emit",
    "escape",
    "reading",
    "settings",
    "stderr",
    "stdout",
    "visible",
]

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", help="Folder of journal, database and reports [env RMANALYTICS_HOME; default data]."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
SheetOption = Annotated[
    str | None, typer.Option("--sheet", metavar="NAME", help="Sheet of a workbook; default: the first.")
]
SkipRowsOption = Annotated[
    int, typer.Option("--skip-rows", min=0, metavar="N", help="Lines above the names of the columns.")
]
MapOption = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="OURS=THEIRS", help="Which column of the file is ours; repeatable."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="COLUMN=VALUE", help="A column the file lacks, one value for all rows; repeatable."
    ),
]


class _Closed(io.StringIO):
    """A stream that the caller closed: who writes to it hears so, who does not is not hindered."""

    def write(self, _text: str) -> int:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), "stdout")


if sys.stdout is None:
    sys.stdout = _Closed()
if sys.stderr is None:
    sys.stderr = io.StringIO()

stderr = Console(stderr=True, highlight=False)
stdout = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
"""A pipe has no width: 200 columns keep sentences and commands whole."""


def escape(text: str) -> str:
    """Return the text so that neither rich nor the terminal takes any of it as an instruction."""
    return markup.escape(visible(text))


def settings(home: Path | None = None, **flags: Any) -> config.Settings:
    """Return the settings, flags first; raise ConfigError listing all that is wrong.

    A variable that no setting reads, such as a misspelt one, is named on stderr.
    """
    chosen = config.load(home=home, **flags)
    for variable in config.unread(chosen.home, os.environ):
        stderr.print(f"[yellow]warning[/yellow] no setting is called {escape(variable)}", soft_wrap=True)
    return chosen


def emit(data: Any, as_json: bool, text: Any) -> None:
    """Print `data` as JSON or `text` for people, on stdout."""
    if as_json:
        sys.stdout.write(json.dumps(data, default=str, ensure_ascii=False, indent=2) + "\n")
    else:
        stdout.print(text)


def reading(
    sheet: str | None, skip_rows: int, columns: Iterable[str] | None, values: Iterable[str] | None
) -> ReadOptions:
    """Return how a table file is to be read; what the reader guesses about it is said on stderr."""
    from rmanalytics.support.tables import ReadOptions

    return ReadOptions(
        sheet=sheet,
        skip_rows=skip_rows,
        columns=_pairs("--map", columns, "ours=theirs, such as template_id='DLT TE ID'"),
        values=_pairs("--set", values, "column=value, such as campaign_id=diwali"),
        say=lambda text: stderr.print(escape(text), soft_wrap=True),
    )


def _pairs(option: str, given: Iterable[str] | None, form: str) -> dict[str, str]:
    found = {}
    for pair in given or ():
        name, _, value = pair.partition("=")
        if not (name.strip() and value.strip()):
            raise BadInput(f"{option} {pair}: write it as {form}")
        found[name.strip()] = value.strip()
    return found
