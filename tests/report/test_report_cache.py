"""Pages that would come out the same are kept; anything that could change them makes them again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from support import seeding

from rmanalytics.report import cache, thresholds
from rmanalytics.report.build import campaigns_of, report

COUNTS = (
    "from IPython.display import display\n"
    "display({'application/vnd.rmanalytics.numbers+json': {'display_zone': 'UTC', 'total': "
    "{'n_submitted': 100, 'n_accepted': 100, 'n_delivered': 90, 'n_failed': 10, 'n_in_flight': 0, "
    "'delivery_rate': 0.9, 'delivery_low': 0.8256, 'delivery_high': 0.9448}}}, raw=True)"
)


@pytest.fixture
def own_home(tmp_path):
    """A home that the test may change."""
    seeding.seed(tmp_path / "data" / "rmanalytics.duckdb", 50)
    return tmp_path / "data"


def test_the_same_is_kept(notebook, asked, tmp_path):
    """A second run with the same as_of keeps the page, byte for byte, and judges the new limits on its numbers."""
    path, out = notebook("counts", COUNTS), tmp_path / "out"
    first = report([path], asked, out=out)
    page = out / first.runs[0]["html"]
    written = page.stat().st_mtime_ns
    again = report([path], asked, out=out, limits=[thresholds.parse("delivery_rate<0.96")])
    assert (first.n_kept, again.n_kept) == (0, 1)
    assert page.stat().st_mtime_ns == written
    assert again.exit_code == 1
    assert [run["made_at"] for run in again.runs] == [run["made_at"] for run in first.runs]
    assert json.loads((out / again.runs[0]["metrics"]).read_text()) == again.runs[0]
    assert '<b class="bad">limit breached</b>' in Path(again.index).read_text()


def new_dlr(path, asked, home):
    with duckdb.connect(str(home / "rmanalytics.duckdb")) as connection:
        connection.execute("INSERT INTO dlrs (callback_id, position) VALUES ('late', 0)")
    return asked


def found_message(path, asked, home):
    with duckdb.connect(str(home / "rmanalytics.duckdb")) as connection:
        connection.execute(
            "UPDATE dlrs SET message_id = NULL WHERE callback_id = (SELECT min(callback_id) FROM dlrs)"
        )
    return asked


def edited(path, asked, home):
    path.write_text(path.read_text().replace("Title of", "Another title of"))
    return asked


def later(path, asked, home):
    return replace(asked, as_of=asked.as_of + timedelta(seconds=1))


def another_setting(path, asked, home):
    (home.parent / "rmanalytics.toml").write_text("horizon_h = 24\n")
    return asked


def page_gone(path, asked, home):
    (home.parent / "out" / "counts--all-campaigns.html").unlink()
    return asked


CHANGES = (new_dlr, found_message, edited, later, another_setting, page_gone)


@pytest.mark.parametrize("change", CHANGES, ids=[change.__name__ for change in CHANGES])
def test_a_change_makes_it_again(change, notebook, asked, own_home):
    """Evidence, notebook, as_of, a setting, a missing page: each makes the page again."""
    path, out = notebook("counts", COUNTS), own_home.parent / "out"
    asked = replace(asked, home=own_home)
    report([path], asked, out=out)
    assert report([path], asked, out=out).n_kept == 1
    asked = change(path, asked, own_home)
    assert report([path], asked, out=out).n_kept == 0


def test_another_package_makes_it_again(tmp_path):
    """A file of the package that is edited, renamed or added changes the fingerprint; compiled ones do not."""
    (tmp_path / "a.py").write_text("1")
    before = cache.code(tmp_path)
    (tmp_path / "a.pyc").write_text("1")
    assert cache.code(tmp_path) == before
    (tmp_path / "a.py").write_text("2")
    edited = cache.code(tmp_path)
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert len({before, edited, cache.code(tmp_path)}) == 3


def test_fresh_and_failed_are_made_again(notebook, asked, tmp_path):
    """`is_fresh` keeps nothing, and a run that failed is never kept."""
    good, bad = notebook("counts", COUNTS), notebook("bad", "1 / 0")
    report([good, bad], asked, out=tmp_path / "out")
    assert report([good, bad], asked, out=tmp_path / "out").n_kept == 1
    assert report([good], asked, out=tmp_path / "out", is_fresh=True).n_kept == 0


def test_history(notebook, asked, tmp_path):
    """A page that is replaced leaves its key numbers to the next one, once per as_of."""
    path = notebook("counts", COUNTS)
    for days in (0, 1, 1, 2):
        at = replace(asked, as_of=asked.as_of + timedelta(days=days))
        made = report([path], at, out=tmp_path / "out", is_fresh=True)
    assert [(entry["as_of"][:10], entry["delivery_rate"]) for entry in made.runs[0]["history"]] == [
        ("2026-11-20", 0.9),
        ("2026-11-21", 0.9),
    ]
    assert "over 3 reports" in Path(made.index).read_text()


def test_another_store(notebook, asked, tmp_path):
    """Pages, numbers and index go to any URL that fsspec knows, and are kept there too."""
    path, out = notebook("counts", COUNTS), f"memory://{tmp_path.name}/reports"
    made = report([path], asked, out=out, campaigns=["a", "b"], jobs=2)
    assert made.index == f"{out}/index.html"
    assert report([path], asked, out=out, campaigns=["a", "b", "c"]).n_kept == 2


def test_each_campaign(asked):
    """The campaigns of a selection come largest first."""
    assert campaigns_of(asked)[:2] == ["OTP-LOGIN", "ORDER-UPDATES"]
    assert campaigns_of(replace(asked, campaign_id="nobody")) == []
