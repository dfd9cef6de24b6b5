"""Small notebooks that run in a moment, and a database for them to be about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from support import seeding

from rmanalytics.notebook import parameters
from rmanalytics.notebook.parameters import Parameters

METADATA = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
ASKED = "\n".join(
    f'{name}: str = ""  # asked of every notebook'
    for name in ("home", "campaign_id", "since", "until", "as_of", "display_zone")
)


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[..., Path]:
    """Write a notebook of these code cells behind the parameters that all have; return its path."""

    def write(name: str, *cells: str) -> Path:
        first = nbformat.v4.new_code_cell(ASKED, metadata={"tags": ["parameters"]})
        title = nbformat.v4.new_markdown_cell(f"# Title of {name}\n\n## What is it?\n\nRead it.")
        made = [title, first, *map(nbformat.v4.new_code_cell, cells)]
        path = tmp_path / f"{name}.ipynb"
        path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=made, metadata=METADATA)))
        return path

    return write


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose database holds 200 messages."""
    folder = tmp_path_factory.mktemp("home")
    seeding.seed(folder / "rmanalytics.duckdb", 200)
    return folder


@pytest.fixture
def asked(home: Path) -> Parameters:
    """Parameters of a report about that home."""
    return parameters.check(home=home, as_of=seeding.AS_OF, now=datetime.now(UTC))
