"""Whether a page would come out the same: what it depends on, as one short text."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import plotly

import rmanalytics
from rmanalytics import config, warehouse
from rmanalytics.report.run import Run


def evidence(home: Path) -> str:
    """Return a text that changes whenever the database, a setting or this package does.

    Of the relations it takes the number of rows and how many DLRs have their message, of the journal how far
    it was taken in: nothing is ever changed in place, rows are only added or find their message later.
    """
    with warehouse.connect(home) as source, source.holding():
        counts = {name: int(source.table(name).count().execute()) for name in warehouse.RELATIONS}
        dlrs = source.table("dlrs")
        counts["matched"] = int(dlrs.message_id.count().execute())
        reached = source.table("ingested").order_by("segment").execute()
    folder = home.parent if home.is_file() else home
    settings = config.load(home=folder).model_dump(mode="json")
    package = code(Path(rmanalytics.__file__).parent)
    return _digest([package, counts, reached.drop(columns="ingested_at").to_dict("records"), settings])


def fingerprint(run: Run, known: str, *, is_single_file: bool) -> str:
    """Return the text of a run, given that of the evidence: same text, same page."""
    notebook = run.notebook.read_text(encoding="utf-8")
    return _digest([notebook, dict(run.parameters), known, is_single_file])


def code(package: Path) -> str:
    """Return a text that changes with any file of the package, whatever version it says it is, or with Plotly."""
    files = sorted(path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc")
    contents = {str(path.relative_to(package)): sha256(path.read_bytes()).hexdigest() for path in files}
    return _digest([plotly.__version__, contents])


def _digest(parts: Any) -> str:
    return sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:24]
