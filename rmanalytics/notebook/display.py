"""What notebook cells show: sentences, tables and charts, one below the other."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from IPython.display import display

from rmanalytics.support.wording import interval, percent

_UNIT = re.compile(r"(\d) (%|s\b|min\b|h\b)")


@dataclass(frozen=True, slots=True)
class Html:
    """Finished HTML; whatever came from data is escaped in it."""

    text: str

    def _repr_html_(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: heading, the key of its values, and whether they are numbers or long text."""

    heading: str
    kind: str = ""


def show(*things: Any) -> None:
    """Show things one below the other; sentences (text) become paragraphs, beside which a blank chart is left out."""
    is_said = any(isinstance(thing, str) for thing in things)
    for thing in things:
        if is_said and getattr(thing, "data", None) == ():
            continue  # a figure that only says why there is nothing to draw
        display(sentence(thing) if isinstance(thing, str) else thing)  # type: ignore[no-untyped-call]


def sentence(text: str) -> Html:
    """Return a sentence about the data as a paragraph; `**bold**` is bold, all else is text."""
    parts = escaped(text).split("**")
    marked = "".join(f"<strong>{part}</strong>" if place % 2 else part for place, part in enumerate(parts))
    return Html(f'<p class="said">{marked}</p>')


def soft(text: str) -> Html:
    """Return text that is less prominent than the text before it."""
    return Html(f'<span class="soft">{escaped(text)}</span>')


def estimate(share: float, low: float, high: float) -> Html | str:
    """Return a share with its interval."""
    if share != share:
        return "–"
    return Html(f"{escaped(percent(share))} {soft(f'({interval(low, high)})').text}")


def as_float(value: Any) -> float:
    """Return a number as display takes it: NaN for none.

    >>> as_float(None), as_float(3)
    (nan, 3.0)
    """
    return float("nan") if value is None else float(value)


def escaped(text: str) -> str:
    """Return text as HTML; a number and its unit stay on one line.

    >>> escaped("<b> 97.1 % of 75 s")
    '&lt;b&gt; 97.1&nbsp;% of 75&nbsp;s'
    """
    return _UNIT.sub(r"\1&nbsp;\2", html.escape(text))


def table(columns: Sequence[Column], rows: Iterable[Sequence[object]], caption: str = "") -> Html:
    """Return a table in its own box, which scrolls sideways on a phone; the first column is the heading of its row.

    Without rows there is nothing to show.
    """
    body = "".join(f"<tr>{_cells(columns, row)}</tr>" for row in rows)
    if not body:
        return Html("")
    head = "".join(
        f'<th scope="col" class="{column.kind}">{html.escape(column.heading)}</th>' for column in columns
    )
    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    return Html(
        f'<div class="box" tabindex="0"><table>{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cells(columns: Sequence[Column], row: Sequence[object]) -> str:
    cells = []
    for place, (column, value) in enumerate(zip(columns, row, strict=True)):
        tag = "th scope='row'" if place == 0 else "td"
        inner = value.text if isinstance(value, Html) else escaped(_plain(value))
        inner = f'<span class="name">{inner}</span>' if place == 0 else inner
        cells.append(f'<{tag} class="{column.kind}">{inner}</{tag[:2]}>')
    return "".join(cells)


def _plain(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
