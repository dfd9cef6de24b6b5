"""Folders that people name, and those that files go to for a moment only."""

from __future__ import annotations

import tempfile
from pathlib import Path


def expanded(text: str) -> str:
    """Return a path that begins with `~/` below the user's home: within quotes and files no shell does that.

    It is asked of the text as it was typed: `Path("./~/x")` is the same as `Path("~/x")`.

    >>> expanded("~/x") == str(Path.home() / "x"), expanded("./~/x"), expanded("~x")
    (True, './~/x', '~x')
    """
    return str(Path.home()) + text[1:] if text == "~" or text.startswith("~/") else text


def room(folder: Path) -> Path:
    """Return the folder, or the system's one where it is not there: what is only looked at makes no folder.

    >>> room(Path("/none/at/all")) == Path(tempfile.gettempdir())
    True
    """
    return folder if folder.is_dir() else Path(tempfile.gettempdir())
