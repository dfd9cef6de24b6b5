"""A run notebook as one HTML page: no code, nothing loaded from anywhere but the files beside it."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import quote

import nbformat
from nbconvert import HTMLExporter
from plotly.offline import get_plotlyjs, get_plotlyjs_version

import rmanalytics
from rmanalytics.charts.style import template
from rmanalytics.notebook.numbers import NUMBERS_MIME

PLOTLY_MIME = "application/vnd.plotly.v1+json"
NOT_SHOWN = {"papermill-error-cell-tag", "papermill-error-cell", "notebook-only"}
ALWAYS = "always"
"""Tag of cells that a page about an empty selection shows too."""

PLOTLY_FILE = f"plotly-{get_plotlyjs_version()}.min.js"
POLICY = (
    "default-src 'none'; script-src 'self' file: 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
)
"""Content security policy of all pages: even a mistake of ours cannot load anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a page is not complete, in a sentence, and the notebook that holds the traceback."""

    summary: str
    kept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the page template is given beside the notebook."""

    title: str
    notebook: str
    index: str
    cells: list[Any]
    headings: list[tuple[str, str]]
    failure: Failure | None
    style: str
    script: str
    themes: str
    plotly: str = f'<script src="{PLOTLY_FILE}"></script>'
    policy: str = POLICY
    plotly_mime: str = PLOTLY_MIME
    version: str = rmanalytics.__version__
    figure: Callable[[Any], str] = field(default=lambda data: figure_json(data))
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def next(self) -> int:
        """Return 1, 2, 3, … for the figures of the page."""
        return next(self._numbers)


def render(
    notebook: nbformat.NotebookNode,
    *,
    name: str,
    title: str,
    index: str = "index.html",
    failure: Failure | None = None,
    is_single_file: bool = False,
    pages: Mapping[str, str] | None = None,
) -> str:
    """Return the page; `is_single_file` puts Plotly into it, otherwise it is expected beside it.

    Links to other notebooks' pages (`data-page`) lead to the files that `pages` names, others become text.
    """
    cells = shown(notebook.cells)
    page = Page(
        title=title,
        notebook=name,
        index="" if is_single_file else index,
        cells=cells,
        headings=_headings(cells),
        failure=failure,
        style=asset("style.css"),
        script=asset("page.js"),
        themes=_for_script({mode: template(mode).to_plotly_json() for mode in ("light", "dark")}),
    )
    body, _ = _exporter().from_notebook_node(notebook, resources={"page": page})
    text = linked(str(body), {} if is_single_file else pages or {})
    return text.replace(page.plotly, f"<script>{get_plotlyjs()}</script>") if is_single_file else text


_LINK = re.compile(r'<a data-page="(\w+)" data-anchor="([^"]*)">')


def linked(text: str, pages: Mapping[str, str]) -> str:
    """Return the page with its links to other pages.

    >>> linked('<a data-page="queue_health" data-anchor="Why?">Queue</a>', {"queue_health": "q.html"})
    '<a href="q.html#Why?">Queue</a>'
    """
    return _LINK.sub(
        lambda found: f'<a href="{quote(pages[found[1]])}#{found[2]}">' if found[1] in pages else "<a>", text
    )


def shown(cells: list[Any]) -> list[Any]:
    """Return the cells of the page; where nothing was selected, none that would say so again and again."""
    cells = [cell for cell in cells if not NOT_SHOWN & _tags(cell)]
    for place, cell in enumerate(cells):
        if any(_selected_nothing(output) for output in cell.get("outputs", ())):
            return cells[: place + 1] + [later for later in cells[place + 1 :] if ALWAYS in _tags(later)]
    return cells


def _selected_nothing(output: Any) -> bool:
    numbers = output.get("data", {}).get(NUMBERS_MIME)
    return numbers is not None and numbers["total"]["n_submitted"] == 0


def _tags(cell: Any) -> set[str]:
    return set(cell.metadata.get("tags", ()))


def figure_json(figure: Any) -> str:
    """Return a figure for a script element; its template is left out, for the page brings it."""
    layout = {key: value for key, value in figure["layout"].items() if key != "template"}
    return _for_script({"data": figure["data"], "layout": layout})


def asset(name: str) -> str:
    """Return the text of a file of ours."""
    return (resources.files(__package__) / "assets" / name).read_text(encoding="utf-8")


def heading_title(notebook: nbformat.NotebookNode, otherwise: str) -> str:
    """Return the notebook's first heading."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (found := re.match(r"#\s+(.+)", cell.source)):
            return found[1].strip()
    return otherwise


def _headings(cells: list[Any]) -> list[tuple[str, str]]:
    """Return anchor and text of the questions, as the Markdown filter will name them."""
    texts = [
        found.strip()
        for cell in cells
        if cell.cell_type == "markdown"
        for found in re.findall(r"^##\s+(.+)$", cell.source, re.MULTILINE)
    ]
    return [(text.replace(" ", "-"), text) for text in texts]


def _for_script(data: Any) -> str:
    return json.dumps(data, default=str, separators=(",", ":")).replace("<", "\\u003c")


@cache
def _exporter() -> HTMLExporter:
    folder = resources.files(__package__) / "assets"
    traits = {"template_file": str(folder / "page.html.j2"), "extra_template_basedirs": [str(folder)]}
    return HTMLExporter(**traits)  # type: ignore[no-untyped-call]
