"""The verdict on a report's page: what a notebook shows of it."""

from __future__ import annotations

import ibis
import pandas as pd

from rmanalytics.charts.timeline import N_ROWS, PLANNED, SUBMITTED
from rmanalytics.checks import SIGNS, Checked, Mark
from rmanalytics.notebook.display import Column, Html, escaped, table
from rmanalytics.notebook.selection import Selection
from rmanalytics.sms.msisdn import mask
from rmanalytics.validate.facts.database import choose, gather, in_round
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
    asked = selection.parameters
    return judge(
        gather(
            selection.source,
            selection.settings.model_copy(update={"display_zone": asked.zone.key}),
            as_of=asked.as_of,
            campaign_id=asked.campaign_id or None,
            since=asked.since,
            until=asked.until,
        )
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
    asked = selection.parameters
    with selection.source.holding():
        chosen = choose(
            selection.source,
            as_of=asked.as_of,
            campaign_id=asked.campaign_id or None,
            batch_id=None,
            since=asked.since,
            until=asked.until,
        )
        m = selection.source.table("messages")
        ours = m.filter(m.batch_id == (chosen.batch_id or ""), in_round(m.message_id, chosen.mark))
        planned = ours.select("message_id", "planned_at")
        first = planned.order_by("planned_at", "message_id").limit(10 * N_ROWS).execute()
    o, s, d = chosen.outcomes, chosen.submissions, chosen.dlrs
    known = o.filter(o.message_id.isin(first["message_id"].tolist() or [""]))
    ids = known.select("message_id", "msisdn").order_by("message_id").limit(N_ROWS)
    told = d.semi_join(ids, "message_id").select("message_id", step="status", at="received_at")
    sent = s.semi_join(ids, "message_id").select(
        "message_id", step=ibis.literal(SUBMITTED), at="attempted_at"
    )
    rows = pd.concat(
        [first.rename(columns={"planned_at": "at"}).assign(step=PLANNED), sent.execute(), told.execute()]
    )
    frame = ids.execute().merge(rows, on="message_id")
    names = _names(frame)
    ordered = frame.assign(message=names).sort_values(["at", "message_id"], kind="stable")
    return pd.DataFrame(ordered[["message", "step", "at"]]).reset_index(drop=True)


def _names(frame: pd.DataFrame) -> pd.Series:
    """Return a label per row: the masked number, with the place of the message where two look alike."""
    ids = {one: place for place, one in enumerate(frame["message_id"].drop_duplicates(), 1)}
    return pd.Series(
        [
            f"{mask(msisdn or '')} · {ids[one]}"
            for msisdn, one in zip(frame["msisdn"], frame["message_id"], strict=True)
        ],
        index=frame.index,
        dtype=object,
    )


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
