"""What all commands share: options, settings, printing."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import markup
from rich.console import Console

from rmanalytics import config
from rmanalytics.support.escape import visible

__all__ = ["HomeOption", "JsonOption", "emit", "escape", "settings", "stderr", "stdout", "visible"]

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", help="Folder of journal, database and reports [env RMANALYTICS_HOME; default data]."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]


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
    """Return the settings, flags first; raise ConfigError listing all that is wrong."""
    return config.load(home=home, **flags)


def emit(data: Any, as_json: bool, text: Any) -> None:
    """Print `data` as JSON or `text` for people, on stdout."""
    if as_json:
        sys.stdout.write(json.dumps(data, default=str, ensure_ascii=False, indent=2) + "\n")
    else:
        stdout.print(text)
