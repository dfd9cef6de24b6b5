"""One selection for all pages of a report that are about the same messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from rmanalytics.notebook import selection, shared
from rmanalytics.notebook.parameters import Parameters
from rmanalytics.report.build import report
from rmanalytics.report.selections import Selections, selections

SELECTS = """from rmanalytics import notebook
names = ("home", "campaign_id", "since", "until", "as_of", "display_zone")
asked = {name: globals()[name] for name in names}
brief, whole = notebook.select(**asked, is_brief=True), notebook.select(**asked)
assert "warehouse" not in str(whole.outcomes.compile()), "it was folded"
notebook.header(brief, notebook.total(whole))"""


def test_pages_read_one_selection(notebook: Callable[..., Path], asked: Parameters, tmp_path: Path) -> None:
    """Pages of a run find the selection made, and come to the numbers of a page that folds for itself."""
    pages = [notebook(name, SELECTS) for name in ("one", "two")]
    made = report(pages, asked, out=tmp_path / "out", jobs=2)
    assert [run["error"] for run in made.runs] == [None, None]
    alone = notebook("three", SELECTS.replace("assert", "0 and"))
    single = report([alone], asked, out=tmp_path / "out")
    numbers = [run["numbers"] for run in (*made.runs, *single.runs)]
    assert numbers[0] == numbers[1] == numbers[2]
    assert numbers[0]["total"]["n_submitted"] > 0


@pytest.mark.parametrize("is_brief", [True, False])
def test_shared_is_folded(
    asked: Parameters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_brief: bool
) -> None:
    """What is read from the file is what the fold gives, row by row; another question is folded."""
    given = asked.injected()
    folded = selection.select(**given, is_brief=is_brief).outcomes
    selection.share(asked, tmp_path)
    monkeypatch.setenv(shared.VARIABLE, str(tmp_path))
    found = selection.select(**given, is_brief=is_brief).outcomes
    assert found.columns == folded.columns
    rows = [t.execute().sort_values("message_id", ignore_index=True) for t in (found, folded)]
    assert len(rows[0]) > 0
    assert rows[0].equals(rows[1])
    other = replace(asked, since=asked.as_of - timedelta(days=1)).injected()
    assert shared.found(other) is None


def test_only_what_is_asked_again_is_made(asked: Parameters) -> None:
    """A selection of one page makes no file; those of two are made once, and gone with the report."""
    other = replace(asked, campaign_id="nothing")
    with selections([asked, other, asked]) as there:
        assert there.variables(other) == {}
        folder = Path(there.variables(asked)[shared.VARIABLE])
        files = sorted(folder.iterdir())
        assert [file.name.partition(".")[2] for file in files] == ["duckdb", "findings.json"]
        made = [file.stat().st_mtime_ns for file in files]
        assert there.variables(asked) == {shared.VARIABLE: str(folder)}
        assert [file.stat().st_mtime_ns for file in files] == made
    assert not folder.exists()


def test_without_room_each_page_folds(
    notebook: Callable[..., Path], asked: Parameters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file cannot be made nothing half done is left, and the pages come out all the same."""
    gone = str(tmp_path / "gone")
    assert Selections(Path(gone), [asked]).variables(asked) == {shared.VARIABLE: gone}
    assert not Path(gone).exists()
    monkeypatch.setenv(shared.VARIABLE, gone)
    made = report([notebook("one", SELECTS.replace("assert", "0 and"))], asked, out=tmp_path / "out")
    assert [run["error"] for run in made.runs] == [None]
