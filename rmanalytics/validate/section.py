"""The verdict on a report's page: what a notebook shows of it."""

from __future__ import annotations

import pandas as pd

from rmanalytics import warehouse
from rmanalytics.charts.timeline import N_ROWS, PLANNED, SUBMITTED
from rmanalytics.checks import SIGNS, Checked, Mark
from rmanalytics.notebook.display import Column, Html, escaped, table
from rmanalytics.notebook.selection import Selection
from rmanalytics.sms.msisdn import mask
from rmanalytics.support.resources import sql
from rmanalytics.validate.facts.chosen import Scope, choose
from rmanalytics.validate.facts.database import gather
from rmanalytics.validate.judge import judge
from rmanalytics.validate.model import Criterion, Verdict

COLOURS = {
    Mark.PASS: "#009E73",
    Mark.WARNING: "#E6B400",
    Mark.FAIL: "#D55E00",
    Mark.INCONCLUSIVE: "#56B4E9",
    Mark.NOT_APPLICABLE: "#6E6E6E",
}


def verdict_on(selection: Selection) -> Verdict:
    """Return the verdict on the batch of the selection that was attempted last."""
    settings = selection.settings.model_copy(update={"display_zone": selection.parameters.zone.key})
    return judge(gather(selection.source.path, settings, _scope(selection)))


def _scope(selection: Selection) -> Scope:
    asked = selection.parameters
    return Scope(
        as_of=asked.as_of, campaign_id=asked.campaign_id or None, since=asked.since, until=asked.until
    )


def headline(verdict: Verdict) -> Html:
    """Return the verdict in one line, and the three criteria with their marks."""
    columns = [Column(heading="criterion", kind="text wrap"), Column(heading="verdict")]
    rows = [[Html(escaped(judged.title)), _mark(judged.mark)] for judged in verdict.criteria]
    head, _, rest = verdict.line.partition(":")
    line = f"<strong>{escaped(head)}</strong>:{_words(rest)}"
    said = _BLOCK.format(colour=COLOURS[verdict.mark], inner=line)
    said += f'<p class="how">Checked: {escaped(verdict.about)}.</p>'
    return Html(said + table(columns, rows).text)


def checks(verdict: Verdict, criterion: str) -> Html:
    """Return the checks of a criterion: what each found, the evidence, the fix; as wide as a phone is."""
    judged = next(one for one in verdict.criteria if one.criterion == Criterion(criterion))
    return Html("".join(map(_block, judged.checks)))


def steps(selection: Selection) -> pd.DataFrame:
    """Return when the first messages of the batch were planned, submitted and reported on.

    Columns: message (its masked number, told apart where it must be), step, at. At most 12 messages.
    """
    bound = {"n": N_ROWS, "planned": PLANNED, "submitted": SUBMITTED}
    with warehouse.reading(selection.source.path) as connection:
        choose(connection, _scope(selection), horizon_s=selection.settings.horizon_s)
        rows = connection.execute(sql("rmanalytics.validate", "steps"), bound).df()
    names = [f"{mask(msisdn)} · {place}" for msisdn, place in zip(rows["msisdn"], rows["place"], strict=True)]
    return pd.DataFrame({"message": pd.Series(names, dtype=object), "step": rows["step"], "at": rows["at"]})


def _block(checked: Checked) -> str:
    """Return a check as a block with its colour at the side."""
    found = checked.finding
    parts = [f"<strong>{escaped(checked.check.title)}</strong> · {_mark(found.mark).text}"]
    parts += [f"<div>{_words(found.says)}</div>"]
    parts += [
        f'<div class="soft" style="overflow-wrap:anywhere">{escaped(one)}</div>' for one in found.evidence
    ]
    parts += [f"<div><strong>→</strong> {_words(found.fix)}</div>"] if found.fix else []
    return _BLOCK.format(colour=COLOURS[found.mark], inner="".join(parts))


_BLOCK = (
    '<div style="border-left:4px solid {colour};padding:.1em 0 .1em .8em;margin:0 0 .9em;'
    'overflow-wrap:anywhere">{inner}</div>'
)


def _words(text: str) -> str:
    """Return text as HTML, what stands in backticks as code.

    >>> _words("run `rmanalytics ingest` <now>")
    'run <code>rmanalytics ingest</code> &lt;now&gt;'
    """
    parts = escaped(text).split("`")
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))


def _mark(mark: Mark) -> Html:
    sign, _ = SIGNS[mark]
    words = escaped(mark.value.replace("_", " "))
    return Html(f'<span class="swatch" style="background:{COLOURS[mark]}"></span>{sign}&nbsp;{words}')
