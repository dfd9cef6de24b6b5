"""Notebooks about a message or two: the sizes at which statistics divide by nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import seeding

from rmanalytics.report import notebook_file
from rmanalytics.support import resources


@pytest.fixture(scope="module", params=[1, 2], ids=["one message", "two messages"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of so few messages."""
    folder = tmp_path_factory.mktemp("small")
    return seeding.seed(folder / "rmanalytics.duckdb", request.param, seed=3)


@pytest.mark.parametrize("path", resources.notebooks(), ids=lambda path: path.stem)
def test_runs_without_a_warning(path: Path, database: Path) -> None:
    """Every cell runs, in this process: here a warning, as of a division by zero, is an error."""
    names: dict[str, Any] = {}
    for cell in notebook_file.read_notebook(path).cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
            if "parameters" in cell.metadata.get("tags", ()):
                names |= {"home": str(database), "as_of": seeding.AS_OF}
    assert names["total"]["n_submitted"] == names["chosen"].n_messages
