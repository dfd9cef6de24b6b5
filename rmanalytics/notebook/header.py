"""The top of a page: what it is about, as of when, the key numbers, and what every word means."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rmanalytics.charts.states import STATES
from rmanalytics.notebook import numbers
from rmanalytics.notebook.display import Column, Html, as_float, escaped, table
from rmanalytics.notebook.numbers import N_IN_FLIGHT, NUMBERS_MIME
from rmanalytics.notebook.selection import Selection
from rmanalytics.support.times import readable
from rmanalytics.support.wording import interval, percent

SIMULATED = (
    '<p class="banner" role="note"><b>Simulated.</b> These messages went to the simulator: '
    "no phone received anything.</p>"
)
_WORDS = {
    "Submitted": "every message planned for sending",
    "Accepted": "the gateway accepted the message, or a DLR proves that it did",
    "In flight": "accepted, not final, and younger than the horizon of {horizon:g} h: counted as "
    "neither delivered nor failed",
    "DLR": "delivery report: what the gateway says happened to a message",
    "Delivered": "beats failed, failed beats queued, queued beats unknown, whatever the order of the DLRs",
    "95 %": "the range that holds the true share with 95 % confidence (Wilson interval)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What people see, and the same numbers for machines."""

    html: str
    numbers: dict[str, Any]

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {"text/html": self.html, NUMBERS_MIME: self.numbers}


def header(selection: Selection, total: Mapping[str, Any]) -> Header:
    """Return the top of a page about the selection; `total` is what `numbers.total` gives."""
    parts = (
        SIMULATED if selection.is_simulated else "",
        _facts(selection),
        _tiles(total) if total["n_submitted"] else _nothing(selection),
        definitions(selection.horizon_s),
    )
    return Header(html="\n".join(filter(None, parts)), numbers=numbers.of(selection, total))


def definitions(horizon_s: float) -> str:
    """Return what every word means, folded up."""
    columns = [Column(heading="state"), Column(heading="final"), Column(heading="meaning", kind="text wrap")]
    rows = [
        [swatch(look.colour, look.label), "yes" if look.is_final else "no", look.meaning]
        for look in STATES.values()
    ]
    words = "".join(
        f'<p class="how"><b>{word}</b>: {html.escape(meaning.format(horizon=horizon_s / 3600))}.</p>'
        for word, meaning in _WORDS.items()
    )
    return (
        '<details id="definitions"><summary>What the words mean</summary>'
        f"{table(columns, rows).text}{words}</details>"
    )


def swatch(colour: str, text: str) -> Html:
    """Return a text behind a small square of its colour."""
    return Html(f'<span class="swatch" style="background:{colour}"></span>{escaped(text)}')


def _facts(selection: Selection) -> str:
    chosen = selection.parameters
    facts = {
        "Campaign": chosen.campaign_id or "all",
        "As of": readable(chosen.as_of, chosen.zone),
        "Planned from": readable(chosen.since, chosen.zone) if chosen.since else "the first message",
        "before": readable(chosen.until, chosen.zone) if chosen.until else "no limit",
        "Times in": chosen.zone.key,
    }
    if later := selection.imported_later:
        facts["Counts imports until"] = readable(later, chosen.zone)
    rows = (f"<div><dt>{name}</dt><dd>{html.escape(value)}</dd></div>" for name, value in facts.items())
    return f'<dl class="facts">{"".join(rows)}</dl>'


def _tiles(total: Mapping[str, Any]) -> str:
    rate, low, high = (as_float(total[f"delivery_{end}"]) for end in ("rate", "low", "high"))
    tiles = {
        "submitted": f"{total['n_submitted']:,}",
        f"delivered, {interval(low, high)}": percent(rate),
        "failed": f"{total['n_failed']:,}",
        "still in flight": f"{total[N_IN_FLIGHT]:,}",
    }
    parts = (
        f"<div class=tile><b>{escaped(n)}</b><span>{escaped(name)}</span></div>" for name, n in tiles.items()
    )
    return f'<div class="tiles">{"".join(parts)}</div>'


def _nothing(selection: Selection) -> str:
    """Return what to do about an empty selection: what there is instead."""
    first, last, campaigns = selection.what_there_is
    zone = selection.parameters.zone
    text = "The database has no messages as of that time."
    if first and last:
        text = f"There are messages planned from {readable(first, zone)} to {readable(last, zone)}"
        text += f", in campaigns such as {', '.join(campaigns)}." if campaigns else "."
    return f'<div class="empty"><b>No messages in this selection.</b><p>{html.escape(text)}</p></div>'
