"""Which folders can hold a home: DuckDB takes some paths for others."""

from __future__ import annotations

import os
from pathlib import Path


def usable_home(home: Path) -> Path:
    """Return the home; raise ValueError, with what to do, for one whose database would be kept somewhere else.

    DuckDB keeps its log next to what stands before a question mark, and takes a backslash for a slash.

    >>> usable_home(Path("/srv/what?/data"))
    Traceback (most recent call last):
    ...
    ValueError: contains a question mark, and DuckDB cannot keep a database in such a folder: rename it
    """
    whole = str(home.absolute())
    if "?" in whole:
        raise ValueError(
            "contains a question mark, and DuckDB cannot keep a database in such a folder: rename it"
        )
    if "\\" in whole and os.sep == "/":
        raise ValueError("contains a backslash: write the path with slashes")
    if home.parts[:1] == ("~",):
        raise ValueError("begins with ~, which only a shell expands: write the path in full")
    return home
