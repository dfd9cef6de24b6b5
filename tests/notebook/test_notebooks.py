"""Every notebook under `notebooks/` is well made, and runs into a page that works, also on no data."""

from __future__ import annotations

import ast
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import nbformat
import pytest
from support.rendered import NOTHING

from rmanalytics.report import html, notebook_file
from rmanalytics.support import resources

NOTEBOOKS = {path.stem: path for path in resources.notebooks()}
ASKED = {
    "home": "str",
    "campaign_id": "str",
    "since": "str",
    "until": "str",
    "as_of": "str",
    "display_zone": "str",
}


@cache
def cells(path: Path, kind: str) -> list[nbformat.NotebookNode]:
    """The notebook's cells of one kind."""
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


each_notebook = pytest.mark.parametrize("path", NOTEBOOKS.values(), ids=NOTEBOOKS)


def test_there_are_notebooks():
    """The tests below are about something: notebooks were found."""
    assert "campaign_delivery" in NOTEBOOKS


@each_notebook
def test_nothing_was_run(path):
    """A committed notebook has no outputs, no execution counts, and Python 3 as its kernel."""
    assert all(not cell.outputs and cell.execution_count is None for cell in cells(path, "code"))
    assert nbformat.read(path, as_version=4).metadata.kernelspec.name == "python3"


@each_notebook
def test_parameters(path):
    """The first code cell is tagged, holds annotated literals with a comment each, and asks what all ask."""
    first = cells(path, "code")[0]
    assert first.metadata.tags == ["parameters"]
    assert ASKED.items() <= notebook_file.known(path).items()
    for line in first.source.splitlines():
        (statement,) = ast.parse(line).body
        assert isinstance(statement, ast.AnnAssign), line
        assert isinstance(statement.value, ast.Constant), line
        assert re.search(r"  # \w.{10,}$", line), line


@each_notebook
def test_cells_are_thin(path):
    """A cell has at most 10 lines, no definition, no loop and no SQL: it calls the package."""
    for cell in cells(path, "code"):
        assert len(cell.source.splitlines()) <= 10, cell.source
        made_here = (ast.FunctionDef, ast.Lambda, ast.ClassDef, ast.For, ast.While, ast.comprehension)
        assert not any(isinstance(node, made_here) for node in ast.walk(ast.parse(cell.source))), cell.source
        assert not re.search(r"\b(select|from)\s+\w+\s+(where|group|join)\b", cell.source, re.IGNORECASE)


@each_notebook
def test_headings_ask(path):
    """One title; every other heading asks a question, and a sentence says how to read the answer."""
    texts = [cell.source for cell in cells(path, "markdown") if cell.source.startswith("#")]
    assert [text for text in texts if text.startswith("# ")] == texts[:1]
    for text in texts[1:]:
        assert re.fullmatch(r"## [^\n]+\?\n\n[^\n]+[.:]", text), text


@each_notebook
def test_page_has_no_code(path, pages):
    """The page shows the questions and answers of the notebook, and none of its code."""
    page = (pages / f"{path.stem}--all-campaigns.html").read_text(encoding="utf-8")
    seen = Seen(page)
    for text in (
        text for cell in cells(path, "markdown") for text in re.findall(r"^#+ (.+)$", cell.source, re.M)
    ):
        assert text in seen.text
    for line in (
        line for cell in cells(path, "code") for line in cell.source.splitlines() if line.strip(") ")
    ):
        assert line not in page
    assert "Simulated." in seen.text
    assert "the residual is 0" in seen.text


@each_notebook
@pytest.mark.parametrize("what", ["all-campaigns", NOTHING])
def test_page_loads_nothing_from_outside(path, what, pages):
    """All that a page loads is the one Plotly file beside it, and its policy forbids the rest."""
    seen = Seen((pages / f"{path.stem}--{what}.html").read_text(encoding="utf-8"))
    assert seen.loads == [html.PLOTLY_FILE]
    assert (pages / html.PLOTLY_FILE).stat().st_size > 1_000_000
    assert seen.policy == html.POLICY
    assert seen.unclosed == []


@each_notebook
def test_page_is_small(path, pages):
    """A page without the shared Plotly file is small, for its figures are aggregated."""
    assert (pages / f"{path.stem}--all-campaigns.html").stat().st_size < 200_000


@each_notebook
def test_page_tells_no_number(path, pages):
    """No msisdn reaches a page or the notebook behind it."""
    told = [
        (pages / f"{path.stem}--all-campaigns{ending}").read_text()
        for ending in (".html", ".ipynb", ".metrics.json")
    ]
    with duckdb.connect(str(pages.parent / "rmanalytics.duckdb"), read_only=True) as connection:
        msisdns = connection.execute("SELECT DISTINCT msisdn FROM messages").fetchall()
    assert len(msisdns) > 500
    assert not [msisdn for (msisdn,) in msisdns if any(msisdn in text for text in told)]


@each_notebook
def test_empty_page(path, pages):
    """A page about nothing says what there is instead, once, and that nothing adds up to nothing."""
    seen = Seen((pages / f"{path.stem}--{NOTHING}.html").read_text(encoding="utf-8"))
    assert "No messages in this selection." in seen.text
    assert "OTP-LOGIN" in seen.text
    assert "20 Nov 2026" in seen.text
    assert "the residual is 0" in seen.text
    assert "figure" not in seen.classes


class Seen(HTMLParser):
    """What a reader sees of a page, what it loads, and which tags were left open."""

    VOID = frozenset({"meta", "link", "br", "img", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.classes: set[str] = set()
        self.policy = ""
        self.unclosed: list[str] = []
        self._texts: list[str] = []
        self.feed(page)
        self.text = re.sub(r"\s+", " ", "".join(self._texts))

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.classes |= set((told.get("class") or "").split())
        if tag not in self.VOID:
            self.unclosed.append(tag)
        if tag == "meta" and told.get("http-equiv") == "Content-Security-Policy":
            self.policy = told["content"]
        loaded = told.get("src") or (told.get("href") if tag == "link" else None)
        if loaded and not loaded.startswith("data:"):
            self.loads.append(loaded)

    def handle_endtag(self, tag):
        if self.unclosed and self.unclosed[-1] == tag:
            self.unclosed.pop()

    def handle_data(self, data):
        if not {"script", "style"} & set(self.unclosed[-1:]):
            self._texts.append(data)
