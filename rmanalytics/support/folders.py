"""Folders that people name, and those that files go to for a moment only."""

from __future__ import annotations

import tempfile
from pathlib import Path

from rmanalytics.errors import BadInput


def expanded(text: str) -> str:
    """Return a path that begins with `~/` below the user's home: within quotes and files no shell does that.

    It is asked of the text as it was typed: `Path("./~/x")` is the same as `Path("~/x")`.

    >>> expanded("~/x") == str(Path.home() / "x"), expanded("./~/x"), expanded("~x")
    (True, './~/x', '~x')
    """
    return str(Path.home()) + text[1:] if text == "~" or text.startswith("~/") else text


def room(folder: Path) -> Path:
    """Return the folder, or the system's one where it is not there: what is only looked at makes no folder.

    Raises BadInput where nothing can be written in any folder for temporary files.

    >>> room(Path("/none/at/all")) == Path(tempfile.gettempdir())
    True
    """
    if folder.is_dir():
        return folder
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:
        raise BadInput(
            "no temporary file can be written: free disk space, or set TMPDIR to a folder that has some"
        ) from None
