"""Where a setting has its value from: the file beside the home, and the line."""

from __future__ import annotations

import os
from pathlib import Path

from rmanalytics.config.toml_file import lines
from rmanalytics.support import env_file, toml


def place_of(folder: Path, name: str, prefix: str) -> str:
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
