"""Selections that several pages of one report are about: folded once into a file, which their kernels read.

`report` writes the file before the first of these pages runs and tells their kernels by `VARIABLE` where it is; a
notebook that asks for something else, or runs by itself, folds for itself.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

SELECTION, FINDINGS = ".duckdb", ".findings.json"
"""How the names of the files end: the outcomes, and what changed in them."""

VARIABLE = "RMA_SELECTIONS"
"""Environment variable of a kernel: the folder with the files."""


def file_for(folder: Path, injected: Mapping[str, str], kind: str = SELECTION) -> Path:
    """Return the file about what parameters select, as `Parameters.injected` has them.

    >>> given = {"home": "/x", "campaign_id": "", "since": "", "until": "", "as_of": "2026-11-01T00:00:00Z"}
    >>> file_for(Path("f"), given | {"display_zone": "UTC"}) == file_for(Path("f"), given)
    True
    """
    telling = [injected[name] for name in ("home", "campaign_id", "since", "until", "as_of")]
    return folder / f"{sha256(repr(telling).encode()).hexdigest()[:16]}{kind}"


def found(injected: Mapping[str, str], kind: str = SELECTION) -> Path | None:
    """Return the file that this kernel's report made for these parameters, None where there is none."""
    folder = os.environ.get(VARIABLE)
    file = file_for(Path(folder), injected, kind) if folder else None
    return file if file and file.exists() else None
