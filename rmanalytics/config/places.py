"""Where a setting has its value from: the file beside the home, and the line."""

from __future__ import annotations

import os
from collections.abc import Callable, Container
from pathlib import Path

from rmanalytics.config.toml_file import lines
from rmanalytics.support import env_file, toml


def set_in(folder: Path, prefix: str, flags: Container[str]) -> Callable[[tuple[int | str, ...]], str]:
    """Return what says of a setting, by its location, the file and line it comes from; nothing for flags."""

    def where(location: tuple[int | str, ...]) -> str:
        name = str(location[0]) if location else ""
        place = _place(folder, name, prefix) if name and name not in flags else ""
        return f" ({place})" if place else ""

    return where


def _place(folder: Path, name: str, prefix: str) -> str:
    """Return `file: line N` of the setting; nothing where the environment has it, or no file does."""
    variable = f"{prefix}{name}".upper()
    if any(given.upper() == variable for given in os.environ):
        return ""
    written = folder / ".env"
    if line := env_file.line_of(written, variable):
        return f"{written}: line {line}"
    tables = folder / "rmanalytics.toml"
    line = toml.line_of(lines(tables), name) if tables.is_file() else None
    return f"{tables}: line {line}" if line else ""
