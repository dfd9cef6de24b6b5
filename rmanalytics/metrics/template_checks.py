"""Our verdict on each message against the operator's answer: who was right about the templates?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import ibis
import ibis.expr.types as ir
import pandas as pd

from rmanalytics import gateways
from rmanalytics.dlt.codes import TEMPLATE_CATEGORIES, Codes
from rmanalytics.metrics.grouping import ZONE, aggregated, frame
from rmanalytics.models import State
from rmanalytics.stats.intervals import wilson

ANSWERS = ("rejected", "delivered", "otherwise", "open")
"""What came back: rejected for its template, reported delivered, failed or refused otherwise, no final word."""

VERDICTS = ("mismatched", "matched")


def template_codes(codes: Codes, namespace: str) -> tuple[str, ...]:
    """Return the codes by which operators of a namespace say that text and template do not agree.

    Raises BadInput for a namespace that is not in the table.
    """
    codes.meaning(None, namespace)
    return tuple(
        row.code for row in codes if row.namespace == namespace and row.category in TEMPLATE_CATEGORIES
    )


def judged(outcomes: ir.Table, checks: ir.Table, codes: Iterable[str]) -> ir.Table:
    """Return the outcomes of the checked messages, with their check and `answer` (one of `ANSWERS`).

    `codes` are those of `template_codes`, compared without leading zeros; refusals that name the template
    count as rejections too.
    """
    plain = [code.lstrip("0") or "0" for code in codes]
    own = checks.select("message_id", "ok", "reason", "slot", "expected", "actual", "fix", "fits_template_id")
    t = outcomes.inner_join(own, "message_id")
    failed, refused = t.state == State.FAILED.value, t.state == State.REFUSED.value
    named = t.error_code.re_replace("^0+", "").isin(plain)
    rejected = (failed & named) | (refused & _names_template(t))
    return t.mutate(
        answer=ibis.cases(
            (rejected.fill_null(False), "rejected"),
            (t.state == State.DELIVERED.value, "delivered"),
            (failed | refused, "otherwise"),
            else_="open",
        )
    )


def _names_template(t: ir.Table) -> ir.BooleanValue:
    """Whether a submit code blames the template, in the words of the message's own gateway."""
    blamed = {
        name: sorted(
            code for code, known in one.profile.codes.items() if known.cause is gateways.Cause.TEMPLATE
        )
        for name, one in gateways.REGISTRY.items()
    }
    return ibis.or_(*((t.gateway == name) & t.submit_code.isin(codes) for name, codes in blamed.items()))


def crossings(checked: ir.Table, by: str | Sequence[str] = (), zone: str = ZONE) -> ir.Table:
    """Return the expression behind `crossing`."""
    return aggregated(checked, by, zone, _crossed)


def crossing(checked: ir.Table, by: str | Sequence[str] = (), zone: str = ZONE) -> pd.DataFrame:
    """Return our verdict crossed with the operator's answer, per group; `checked` is what `judged` gives.

    Columns: by…, n_messages, n_mismatched, mismatch_rate (0 to 1), low, high (95 % Wilson interval), then for
    each verdict and answer n_<verdict>_<answer>: n_mismatched_rejected (predicted and so), n_mismatched_delivered
    (the operator is laxer, or did not look), n_matched_rejected (these find the operator's real rules), …
    """
    rows = frame(crossings(checked, by, zone), by)
    low, high = wilson(rows["n_mismatched"], rows["n_messages"])
    share = rows["n_mismatched"] / rows["n_messages"].where(rows["n_messages"] > 0)
    place = list(rows.columns).index("n_mismatched") + 1
    for name, values in (("high", high), ("low", low), ("mismatch_rate", share)):
        rows.insert(place, name, values)
    return rows


def kinds(checked: ir.Table) -> pd.DataFrame:
    """Return each kind of mismatch with what became of its messages, the most frequent first.

    Columns: reason, n_messages, then n_<answer> of each answer.
    """
    t = checked.filter(~checked.ok)
    counted = t.group_by("reason").agg(n_messages=t.count(), **_answers(t))
    found: pd.DataFrame = counted.order_by(ibis.desc("n_messages"), "reason").execute()
    return found


def fixes(checked: ir.Table, n_max: int = 20) -> pd.DataFrame:
    """Return what to fix first: causes by the messages that fixing them would save.

    A cause is one difference from one template: of fixed text, what should and what does stand there; of a
    variable, its number. Columns: template_id, reason, slot, expected, actual (null for a variable), fix, n_messages,
    n_rejected, example (a message_id), those that were rejected most often first, then the most frequent.
    """
    t = checked.filter(~checked.ok)
    t = t.mutate(actual=t.slot.isnull().ifelse(t.actual, None))
    found: pd.DataFrame = (
        t.group_by("template_id", "reason", "slot", "expected", "actual")
        .agg(
            fix=t.fix.min(),
            n_messages=t.count(),
            n_rejected=t.count(where=t.answer == "rejected"),
            example=t.message_id.min(),
        )
        .order_by(
            ibis.desc("n_rejected"), ibis.desc("n_messages"), "template_id", "reason", "expected", "actual"
        )
        .limit(n_max)
        .execute()
    )
    return found


def encodings(outcomes: ir.Table) -> pd.DataFrame:
    """Return what each encoding costs: encoding, n_messages, n_segments, message_share, segment_share (0 to 1)."""
    t = outcomes.filter(outcomes.encoding.notnull())
    counted = t.group_by("encoding").agg(n_messages=t.count(), n_segments=t.n_segments.sum())
    rows: pd.DataFrame = counted.order_by("encoding").execute()
    return rows.assign(
        message_share=rows["n_messages"] / rows["n_messages"].sum(),
        segment_share=rows["n_segments"] / rows["n_segments"].sum(),
    )


def _crossed(t: ir.Table) -> dict[str, ir.Value]:
    cells = {
        f"n_{verdict}_{answer}": t.count(where=(t.ok == (verdict == "matched")) & (t.answer == answer))
        for verdict in VERDICTS
        for answer in ANSWERS
    }
    return {"n_messages": t.count(), "n_mismatched": t.count(where=~t.ok), **cells}


def _answers(t: ir.Table) -> dict[str, ir.Value]:
    return {f"n_{answer}": t.count(where=t.answer == answer) for answer in ANSWERS}
