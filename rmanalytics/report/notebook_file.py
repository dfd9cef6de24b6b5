"""What a notebook may be given: the names and types its parameters cell declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
import papermill

from rmanalytics.errors import BadInput
from rmanalytics.support.nearest import meant
from rmanalytics.support.wording import first_line

Value = str | int | float | bool


def known(notebook: Path) -> dict[str, str]:
    """Return the notebook's parameters and their types, as its cell tagged `parameters` declares them.

    Raises BadInput when it has none: then nothing could be passed to it.
    """
    try:
        found = papermill.inspect_notebook(read_notebook(notebook))
    except BadInput:
        raise
    except Exception as error:
        raise BadInput(f"{notebook}: not readable as a notebook: {first_line(error)}") from None
    if not found:
        raise BadInput(f"{notebook}: no cell tagged `parameters`: tag the first code cell")
    return {name: str(parameter["inferred_type_name"]) for name, parameter in found.items()}


def fit(
    notebook: Path, given: Mapping[str, Value], declared: Mapping[str, str] | None = None
) -> dict[str, Value]:
    """Return `given` with the types that the notebook declares (`declared`, where they were read before).

    Raises BadInput for a name the notebook does not know, and for a text that is not of the declared type.
    """
    declared = known(notebook) if declared is None else declared
    for name in given:
        if name not in declared:
            raise BadInput(
                f"{notebook.stem} has no parameter {name!r}: {meant(name, declared, else_='it has')}"
            )
    return {name: _typed(name, value, declared[name]) for name, value in given.items()}


def _typed(name: str, value: Value, declared: str) -> Value:
    if declared not in _READ or not isinstance(value, str):
        return value
    try:
        return _READ[declared](value)
    except (ValueError, KeyError):
        raise BadInput(f"{name}: {value!r} is not of type {declared}") from None


_READ: dict[str, Callable[[str], Value]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": lambda text: {"true": True, "false": False}[text.lower()],
}


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """Return the notebook in that file; raise BadInput when it holds none.

    Without a kernel of its own it is Python's: the running interpreter runs it in any case.
    """
    try:
        notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        list(notebook.cells)
        kernel = notebook.metadata.setdefault("kernelspec", nbformat.NotebookNode())  # type: ignore[no-untyped-call]
        kernel.setdefault("name", "python3")
        kernel.setdefault("language", "python")
        kernel.setdefault("display_name", "Python 3")
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}") from None
    except (AttributeError, LookupError, TypeError, ValueError, nbformat.ValidationError) as error:
        told = first_line(error)[:100]
        raise BadInput(f"{path}: not a Jupyter notebook: {told}") from None
    return notebook
