"""What all commands share: options, settings, printing."""

from __future__ import annotations

import errno
import io
import json
import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import markup
from rich.console import Console

from rmanalytics.errors import BadInput, ConfigError
from rmanalytics.support.escape import visible
from rmanalytics.support.files import no_file

if TYPE_CHECKING:
    from rmanalytics.config import Settings
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

MOST = 1_000_000_000
"""Of what is counted; every number has both ends, so that neither nan nor inf is one (a test holds it)."""

LONGEST_S = 30 * 86_400
MOST_PORT = 65_535

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", help="Folder of the journal, database and reports [env RMANALYTICS_HOME; default data]."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
SheetOption = Annotated[
    str | None,
    typer.Option(
        "--sheet", metavar="NAME", help="Sheet of a workbook. Default: the first visible one with rows."
    ),
]
SkipRowsOption = Annotated[
    int,
    typer.Option("--skip-rows", min=0, max=MOST, metavar="N", help="Lines to skip above the column names."),
]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="OURS=THEIRS", help="Read our column OURS from the file's column THEIRS; repeatable."
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="COLUMN=VALUE",
        help="Add a column that the file lacks, with one value for all rows; repeatable.",
    ),
]


class _Closed(io.StringIO):
    """A stream that the caller closed: it fails only when something is written to it."""

    def write(self, _text: str) -> int:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), "stdout")


if sys.stdin is None:
    sys.stdin = io.StringIO()
if sys.stdout is None:
    sys.stdout = _Closed()
if sys.stderr is None:
    sys.stderr = io.StringIO()

stderr = Console(stderr=True, highlight=False)
stdout = Console(highlight=False, width=None if sys.stdout.isatty() else 4000)
"""A pipe has no width: each sentence stays on one line, so that the last line is the whole verdict."""


def escape(text: str) -> str:
    """Return the text so that neither rich nor the terminal interprets any of it."""
    return markup.escape(visible(text))


def settings(home: Path | None = None, **flags: Any) -> Settings:
    """Return the settings, flags first; raise ConfigError listing all errors.

    Warns on stderr about variables that are not settings, such as misspelt ones.
    """
    from rmanalytics import config

    chosen = _loaded(home, flags)
    _refuse_no_folder(chosen.home)
    inner = chosen.home / "data"
    if _is_home(inner) and not _is_home(chosen.home):
        raise BadInput(f"{chosen.home} is the folder above a home: use --home {inner}")
    for variable in config.unread(chosen.home, os.environ):
        stderr.print(f"[yellow]warning[/yellow] unknown setting {escape(variable)}", soft_wrap=True)
    return chosen


def _refuse_no_folder(home: Path) -> None:
    """Raise BadInput where something else than a folder is in the place of the home, or of one above it."""
    place = next((one for one in (home, *home.parents) if one.is_symlink() or one.exists()), home)
    if place.is_dir() or not (place.is_symlink() or place.exists()):
        return
    fix = "a home is a folder, such as --home data"
    if place.name == "rmanalytics.duckdb":
        fix = f"name the folder it is in: --home {shlex.quote(str(place.parent))}"
    what = no_file(place) or ("a file" if place.exists() else "a link to nothing")
    raise BadInput(f"{place}: is {what}: {fix}")


def _loaded(home: Path | None, flags: dict[str, Any]) -> Settings:
    """Return the settings; what is wrong with a flag's value is said of its option."""
    from rmanalytics import config

    try:
        return config.load(home=home, **flags)
    except ConfigError as error:
        text = str(error)
        for name in (name for name, value in {"home": home, **flags}.items() if value is not None):
            text = text.replace(f"{config.PREFIX}{name.upper()}: ", f"--{name.rpartition('_')[2]}: ")
        raise ConfigError(text.replace("wrong settings: --", "--")) from None


def _is_home(folder: Path) -> bool:
    return (folder / "journal").is_dir() or (folder / "rmanalytics.duckdb").is_file()


def emit(data: Any, as_json: bool, text: Any) -> None:
    """Print `data` as JSON or `text` for people, on stdout."""
    if as_json:
        sys.stdout.write(json.dumps(data, default=str, ensure_ascii=False, indent=2) + "\n")
    else:
        stdout.print(text, crop=False)  # the terminal itself folds a line that is longer


def reading(
    sheet: str | None,
    skip_rows: int,
    columns: Iterable[str] | None,
    values: Iterable[str] | None,
    flags: str = "--",
) -> ReadOptions:
    """Return how to read a table file; whatever the reader guesses about it is printed on stderr.

    `flags` is how the options begin that were given.
    """
    from rmanalytics.support.tables import ReadOptions

    return ReadOptions(
        sheet=sheet,
        skip_rows=skip_rows,
        columns=_pairs(f"{flags}map", columns, "ours=theirs, such as template_id='DLT TE ID'"),
        values=_pairs(f"{flags}set", values, "column=value, such as campaign_id=diwali"),
        say=lambda text: stderr.print(escape(text), soft_wrap=True),
        flags=flags,
    )


def _pairs(option: str, given: Iterable[str] | None, form: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in given or ():
        name, _, value = pair.partition("=")
        if not (name.strip() and value.strip()):
            raise BadInput(f"{option} {pair}: write it as {form}")
        if found.setdefault(name.strip(), value.strip()) != value.strip():
            raise BadInput(f"{option} {pair}: {name.strip()} is given twice: remove one of them")
    return found
