"""Finds what travels with the package: notebooks, samples and statements."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def notebooks() -> list[Path]:
    """Return the shipped notebooks, sorted by name."""
    return sorted(folder("notebooks", "notebooks").glob("*.ipynb"))


def samples() -> Path:
    """Return the folder of the sample batch, templates and provider file."""
    return folder("samples", "data/samples")


def folder(in_wheel: str, in_checkout: str) -> Path:
    """Return the folder where it is installed (a wheel's `_shipped`), else where the checkout has it."""
    installed = _PACKAGE / "_shipped" / in_wheel
    return installed if installed.is_dir() else _PACKAGE.parent / in_checkout


@cache
def text(package: str, *path: str) -> str:
    """Return a file of a package, such as `text("rmanalytics.ingest", "sql", "parsed.sql")`."""
    return files(package).joinpath(*path).read_text(encoding="utf-8")


def sql(package: str, name: str) -> str:
    """Return the statement `sql/<name>.sql` of a package.

    >>> sql("rmanalytics.ingest", "parsed").startswith("--")
    True
    """
    return text(package, "sql", f"{name}.sql")
