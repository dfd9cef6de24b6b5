"""The same `as_of` gives the same pages and numbers, whenever they are made."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support import records, seeding

from rmanalytics import config, notebook
from rmanalytics.ingest.run import ingest
from rmanalytics.notebook import parameters
from rmanalytics.report import build
from rmanalytics.support import resources

N = 300
NOTEBOOKS = ("overview", "data_quality")
"""Those made for real: what all messages came to, and what is known of the DLRs themselves."""


@pytest.fixture
def later(settings: config.Settings, write: Callable[..., Path]) -> Callable[[], None]:
    """Take in a callback of each message that says, received a day later, that it had expired before `as_of`."""

    def ingest_later() -> None:
        told = {"dtSubmit": "2026-11-20 12:00:00", "dtDone": "2026-11-20 13:00:00"}
        told |= {"sStatus": "EXPIRED", "iErrCode": "27"}
        callbacks = [records.callback(sMessageId=f"gm{place:07d}", **told) for place in range(N)]
        write("callbacks", *(one | {"received_at": "2026-11-21T03:30:00.000000Z"} for one in callbacks))
        assert ingest(settings).n_dlrs == N

    seeding.seed(settings.home / "rmanalytics.duckdb", N)
    return ingest_later


def pages(home: Path, out: Path) -> dict[str, Any]:
    """Each notebook's page and numbers."""
    notebooks = [path for path in resources.notebooks() if path.stem in NOTEBOOKS]
    asked = parameters.check(home=home, as_of=seeding.AS_OF, now=datetime.now(UTC))
    made = build.report(notebooks, asked, out=out, campaigns=[""], jobs=2)
    assert [run["error"] for run in made.runs] == [None] * len(NOTEBOOKS)
    return {
        run["html"]: (
            json.loads((out / run["metrics"]).read_text())["numbers"],
            (out / run["html"]).read_text(),
        )
        for run in made.runs
    }


def test_same_as_of_same_pages(settings: config.Settings, later: Callable[[], None], tmp_path: Path) -> None:
    """Pages and numbers are the same after DLRs came in that were received later, whatever their date."""
    before = pages(settings.home, tmp_path / "before")
    later()
    assert pages(settings.home, tmp_path / "after") == before


def test_same_as_of_same_selection(settings: config.Settings, later: Callable[[], None]) -> None:
    """What every notebook counts from, row by row, is the same; as of a later time it is not."""
    before = counted_from(settings.home, seeding.AS_OF)
    later()
    assert counted_from(settings.home, seeding.AS_OF) == before
    after = counted_from(settings.home, "2026-11-22T00:00:00Z")
    assert {name for name in before if after[name] != before[name]} >= {
        "outcomes",
        "total",
        "dlrs",
        "matches",
    }


def counted_from(home: Path, as_of: str) -> dict[str, Any]:
    """The selection behind each notebook, as plain values in an order of their own."""
    chosen = notebook.select(home=home, as_of=as_of)
    tables = {"outcomes": chosen.outcomes, "dlrs": chosen.dlrs, "checked": chosen.checked}
    rows = {name: sorted(map(repr, table.to_pyarrow().to_pylist())) for name, table in tables.items()}
    frames = {"matches": chosen.matches, "needless_ucs2": chosen.needless_ucs2}
    return (
        rows
        | {name: frame.to_json(orient="split") for name, frame in frames.items()}
        | {
            "total": notebook.total(chosen),
            "callbacks": chosen.unreadable_callbacks,
            "what_there_is": chosen.what_there_is,
        }
    )
