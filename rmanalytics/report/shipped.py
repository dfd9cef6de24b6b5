"""Which notebooks a report is made of: the shipped ones by name, others by path. Light: it is asked first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rmanalytics.errors import BadInput
from rmanalytics.support import resources


def find(names: Sequence[str]) -> list[Path]:
    """Return the notebooks of those names or paths; no names means all that are shipped.

    Raises BadInput naming the shipped ones when there is no such notebook.
    """
    there = {notebook.stem: notebook for notebook in resources.notebooks()}
    if not names:
        return list(there.values())
    found = []
    for name in names:
        notebook = there.get(name.removesuffix(".ipynb"), Path(name))
        if not notebook.is_file():
            raise BadInput(f"no notebook {name!r}: give a path, or one of {', '.join(there)}")
        found.append(notebook.absolute())
    _refuse_namesakes(found)
    return found


def _refuse_namesakes(notebooks: Sequence[Path]) -> None:
    """Raise BadInput when two files have one name: their pages would have one name too."""
    there: dict[str, Path] = {}
    for notebook in notebooks:
        if (other := there.setdefault(notebook.stem, notebook)) != notebook:
            raise BadInput(
                f"{other} and {notebook} would write the same page: rename one, or report them separately"
            )
