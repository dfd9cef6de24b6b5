"""Paths for DuckDB and Arrow: `export[1].csv` is a pattern to one, and `~` somebody's home to both."""

from __future__ import annotations

import re
from pathlib import Path


def literal(path: Path | str) -> str:
    """Return the path so that a reader of DuckDB takes it as it is.

    >>> literal("/home[1]/export*.csv")
    '/home[[]1]/export[*].csv'
    """
    return re.sub(r"([\[*?])", r"[\1]", from_here(path))


def from_here(path: Path | str) -> str:
    """Return the path from the root, so that nothing in it is taken for a scheme (`md:x`) or a home (`~x`, `./~/x`).

    >>> from_here("/data"), from_here("~/x") == f"{Path.cwd()}/~/x"
    ('/data', True)
    """
    return str(Path(path).absolute())


def quoted(text: Path | str) -> str:
    """Return a text as a string of SQL, for the places where no value can be bound.

    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + str(text).replace("'", "''") + "'"
