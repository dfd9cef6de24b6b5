"""Pages and the index, from notebooks that need not be run."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import plotly.graph_objects as go
import pytest

from rmanalytics import charts
from rmanalytics.notebook.display import Column, Html, sentence, table
from rmanalytics.notebook.numbers import NUMBERS_MIME
from rmanalytics.report import html, index, output
from rmanalytics.report.output import folder as folder_of

EVIL = "</script><img src=x onerror=alert(1)>"


def cell(data=None, source="secret = 1", tags=()):
    """A run code cell that shows `data` by MIME type."""
    outputs = [nbformat.v4.new_output("display_data", data)] if data else []
    return nbformat.v4.new_code_cell(source, outputs=outputs, metadata={"tags": list(tags)})


def page(*cells, **how):
    """The page of these cells behind a title."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title\n\nIntro."), *cells])
    return html.render(made, name="n", title="Title · a", **how)


def figure(title="x"):
    """A figure as a notebook keeps it."""
    drawn = go.Figure(go.Bar(x=[1], name=title), layout={"template": charts.template(), "height": 321})
    return {html.PLOTLY_MIME: json.loads(drawn.to_json())}


def test_code_is_not_shown():
    """Of a code cell only what it shows is on the page; what is for notebook users only is not."""
    shown = page(
        cell({"text/html": "<p>answer</p>"}),
        nbformat.v4.new_markdown_cell("how to", metadata={"tags": ["notebook-only"]}),
    )
    assert "<p>answer</p>" in shown
    assert "secret" not in shown
    assert "how to" not in shown


def test_figures():
    """A figure has its height at once, its data in a script that data cannot leave, and no template of its own."""
    shown = page(cell(figure(EVIL)))
    assert 'style="min-height:321px"' in shown
    assert EVIL not in shown
    assert shown.count('"colorway"') == 2  # light and dark, once each
    assert 'aria-label="Chart"' in shown


def test_plotly_is_beside_or_within():
    """The Plotly file is beside the page, or with `is_single_file` within it."""
    beside, within = page(cell(figure())), page(cell(figure()), is_single_file=True)
    assert f'<script src="{html.PLOTLY_FILE}"></script>' in beside
    assert len(beside) < 40_000
    assert html.PLOTLY_FILE not in within
    assert len(within) > 1_000_000
    assert "All reports" not in within


def test_contents():
    """Questions are in the contents, and each entry leads to its heading."""
    shown = page(nbformat.v4.new_markdown_cell("## Why & what?\n\nRead it."))
    assert 'href="#Why-&amp;-what?">Why &amp; what?</a>' in shown
    assert 'id="Why-&amp;-what?"' in shown


def test_a_page_about_nothing_is_short():
    """Where nothing was selected, what follows the top is left out but for what is always shown."""
    top = cell({"text/html": "top", NUMBERS_MIME: {"total": {"n_submitted": 0}}})
    shown = page(top, cell({"text/html": "empty chart"}), cell({"text/html": "identity"}, tags=["always"]))
    assert "top" in shown
    assert "empty chart" not in shown
    assert "identity" in shown


def test_a_failure_is_on_top():
    """A page that is not complete says so before anything else, and escapes what the error says."""
    shown = page(failure=html.Failure(summary=EVIL, kept="n--a.ipynb"))
    assert shown.index("This report is not complete.") < shown.index("Intro.")
    assert EVIL not in shown


def test_sentences_and_tables_are_text():
    """What comes out of data is text in sentences and tables; a table without rows is nothing."""
    assert EVIL not in sentence(f"**{EVIL}**").text
    assert "<strong>&lt;/script&gt;" in sentence(f"**{EVIL}**").text
    columns = [Column(heading="name"), Column(heading="n", kind="number")]
    assert table(columns, []) == Html("")
    made = table(columns, [[EVIL, 1234567]]).text
    assert EVIL not in made
    assert '<td class="number">1,234,567</td>' in made
    assert "<th scope='row'" in made


def known(stem: str, **other):
    """What is known about a run, as its `metrics.json` has it."""
    total = {"n_submitted": 1000, "n_failed": 20, "n_in_flight": 5}
    total |= {"delivery_rate": 0.95, "delivery_low": 0.93, "delivery_high": 0.96}
    return {
        "notebook": "n",
        "title": "Did they?",
        "campaign_id": stem,
        "as_of": "2026-11-20T15:40:00Z",
        "status": "ok",
        "error": None,
        "html": f"{stem}.html",
        "ipynb": f"{stem}.ipynb",
        "metrics": f"{stem}.metrics.json",
        "made_at": "2026-11-20T15:41:00Z",
        "judgements": [],
        "numbers": {"total": total, "display_zone": "Asia/Kolkata", "is_simulated": False},
    } | other


def indexed(folder, *runs):
    """The index page over these runs."""
    for run in runs:
        (folder / run["metrics"]).write_text(json.dumps(run))
    return Path(index.write(folder_of(folder))).read_text()


def test_index(tmp_path):
    """The index lists every run, the last made first, with its numbers, its links and the worst verdict."""
    judged = [{"threshold": "delivery_rate<0.9", "verdict": v, "reason": "r"} for v in ("held", "breached")]
    shown = indexed(
        tmp_path,
        known("old"),
        known("new", made_at="2026-11-21T00:00:00Z", judgements=judged),
        known("bad", status="failed", error="E", numbers={}),
    )
    assert shown.index('href="new.html"') < shown.index('href="old.html"')
    assert "20 Nov 2026, 21:10:00 IST" in shown
    assert '95.0 % <span class="soft">(93.0 – 96.0 %)' in shown
    assert shown.count('<b class="bad">limit breached</b>') == 1
    assert shown.count('<b class="bad">failed</b>') == 1
    assert shown.count('<span class="good">ok</span>') == 1
    assert 'href="old.ipynb"' in shown
    assert 'href="old.metrics.json"' in shown
    assert "Simulated." not in shown


def test_trend(tmp_path):
    """The index draws the delivery rate of the pages that were replaced, in the order of their as_of."""
    assert "<svg" not in indexed(tmp_path, known("a"))
    earlier = [
        {"as_of": f"2026-11-{day}T00:00:00Z", "delivery_rate": rate, "delivery_low": rate - 0.01,
         "delivery_high": rate + 0.01}
        for day, rate in ((19, 0.9), (18, 0.97))
    ]  # fmt: skip
    shown = indexed(tmp_path, known("a", history=earlier))
    assert "<title>delivered: 97.0 % to 95.0 % over 3 reports</title>" in shown
    assert 'points="3.0,3.0 48.0,' in shown.replace("&#39;", "'") or 'points="3.0,' in shown


def test_index_escapes(tmp_path):
    """A campaign's name is text on the index."""
    numbers = {"total": {}, "is_simulated": True}
    shown = indexed(tmp_path, known("a", campaign_id=EVIL, numbers=numbers))
    assert EVIL not in shown
    assert "Simulated." in shown


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"numbers": 3, "made_at": 1}'], ids=str)
def test_index_passes_over_what_is_not_ours(text, tmp_path):
    """A file that only looks like ours does not stop the index."""
    (tmp_path / "x.metrics.json").write_text(text)
    assert "There are no reports here yet." in indexed(tmp_path)


STEMS = {
    "all campaigns": ("", "n--all-campaigns"),
    "a plain id": ("diwali-2026", "n--diwali-2026"),
    "an id that leaves the folder": ("../../etc/passwd", "n--etc-passwd-"),
    "an id called like all of them": ("all-campaigns", "n--all-campaigns-"),
    "an id of signs": ("/", "n--"),
    "an id in Hindi": ("दिवाली", "n--"),
    "a long id": ("x" * 200, "n--" + "x" * 60 + "-"),
}


@pytest.mark.parametrize("campaign_id, begin", STEMS.values(), ids=STEMS)
def test_stem(campaign_id, begin):
    """Every campaign has file names of its own that stay in the folder."""
    stem = output.stem("n", campaign_id)
    assert stem.startswith(begin)
    assert "/" not in stem
    assert len(stem) < 80
    assert sum(output.stem("n", other) == stem for other, _ in STEMS.values()) == 1
