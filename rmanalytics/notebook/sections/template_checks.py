"""Template mismatches as sentences, tables and two-line diffs."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rmanalytics.charts.points import group_names
from rmanalytics.dlt import MEANINGS, Explanation, Policy, Reason, diff
from rmanalytics.dlt.engine import lookalikes
from rmanalytics.dlt.template import MISREAD
from rmanalytics.ingest.template_checks import registry_from
from rmanalytics.notebook.display import Column, Html, estimate, table
from rmanalytics.notebook.selection import Selection
from rmanalytics.support.wording import count, interval, nouns, percent, unstarred

N_ROWS = 40
NUMBER = "number"
N_DIFFS = 12
N_MISREAD = 3
AROUND = 24
"""Characters of agreeing text shown on either side of a difference."""

_LONG_NUMBER = re.compile(r"(?<!\d)(?<!U\+)\d{4,}")
_TEMPLATE_ID_DIGITS = 19


def rate(frame: pd.DataFrame, selection: Selection) -> str:
    """Return what share of the domestic messages does not match its template, or what is missing to find out."""
    n, bad = int(frame["n_messages"].sum()), int(frame["n_mismatched"].sum())
    if not n:
        return (
            "No message of this selection could be checked. Only domestic messages are checked, against the registered "
            "templates: load them with `rmanalytics import templates FILE`, then run `rmanalytics ingest`."
        )
    row = frame.to_dict("records")[0]
    policy = selection.settings.dlt_policy
    return (
        f"**{bad:,}** of {n:,} domestic messages (**{percent(bad / n)}**, 95 % interval "
        f"{interval(row['low'], row['high'])}) do not match their template under the policy **{policy}**."
        f"{_misread(selection)}"
    )


def _misread(selection: Selection) -> str:
    """Return which templates have variables that may be read as others than meant; nothing where there are none."""
    registry, _ = registry_from(selection.source.table("templates").to_pyarrow().to_pylist())
    faults = [
        (own.template_id, fault)
        for own in registry.templates.values()
        for fault in own.faults
        if fault.kind in MISREAD
    ]
    if not faults:
        return ""
    listed = "; ".join(
        f"{template_id}: {str(fault.kind).replace('_', ' ')} {unstarred(fault.text)} ({fault.fix})"
        for template_id, fault in faults[:N_MISREAD]
    )
    more = f"; and {len(faults) - N_MISREAD:,} more" if len(faults) > N_MISREAD else ""
    return f" Warning: some variables may be read as others than registered: {listed}{more}."


def kinds(frame: pd.DataFrame) -> str:
    """Return which kind of mismatch is the most frequent."""
    if frame.empty:
        return "Every checked message matches its template."
    n, top = int(frame["n_messages"].sum()), frame.to_dict("records")[0]
    meaning = MEANINGS[Reason(top["reason"])]
    kind = top["reason"].replace("_", " ")
    return f"Most frequent is **{kind}** ({meaning}): {top['n_messages']:,} of {count(n, 'mismatch', 'mismatches')}."


def kinds_table(frame: pd.DataFrame) -> Html:
    """Return each kind with its meaning and what happened to its messages."""
    headings = ("messages", "rejected for it", "delivered", "failed for other reasons", "open")
    columns = [Column(heading="kind"), *(Column(heading=heading, kind=NUMBER) for heading in headings)]
    columns.append(Column(heading="meaning", kind="text"))
    keys = ("n_messages", "n_rejected", "n_delivered", "n_otherwise", "n_open")
    rows = [
        [row["reason"].replace("_", " "), *(int(row[key]) for key in keys), MEANINGS[Reason(row["reason"])]]
        for row in frame.to_dict("records")
    ]
    return table(columns, rows)


def crossed(frame: pd.DataFrame) -> str:
    """Return how our result and the operator's answer agree, from `crossing` of everything."""
    row = frame.to_dict("records")[0]
    parts = []
    if both := int(row["n_mismatched_rejected"]):
        parts.append(f"**{both:,}** mismatches were rejected for it, as predicted")
    if lax := int(row["n_mismatched_delivered"]):
        parts.append(
            f"**{lax:,}** were delivered anyway: the operator is less strict than the policy, or did not check"
        )
    if strict := int(row["n_matched_rejected"]):
        parts.append(
            f"**{strict:,}** were rejected for their template although they match: compare the template registered "
            "at the operator with the imported one"
        )
    if not parts:
        return "No operator rejected a message for its template, and no mismatch was delivered."
    return "; ".join(parts) + "."


def crossing_table(frame: pd.DataFrame) -> Html:
    """Return the table of our results and the operators' answers, from `crossing` of everything."""
    row = frame.to_dict("records")[0]
    if not row["n_messages"]:
        return Html("")
    headings = ("rejected for the template", "delivered", "failed for other reasons", "not final")
    columns = [Column(heading="our result"), *(Column(heading=heading, kind=NUMBER) for heading in headings)]
    rows = [
        [
            name,
            *(int(row[f"n_{verdict}_{answer}"]) for answer in ("rejected", "delivered", "otherwise", "open")),
        ]
        for verdict, name in (("mismatched", "does not match"), ("matched", "matches"))
    ]
    return table(columns, rows)


def groups_table(frame: pd.DataFrame, by: str | Sequence[str]) -> Html:
    """Return mismatch rates per group with the counts that matter, the most mismatches first."""
    by = [by] if isinstance(by, str) else list(by)
    headings = (
        "checked",
        "mismatched",
        "rate (95 %)",
        "rejected for it",
        "delivered",
        "matching but rejected",
    )
    columns = [Column(heading=" · ".join(by).replace("_id", ""))]
    columns += [Column(heading=heading, kind=NUMBER) for heading in headings]
    shown = frame.nlargest(N_ROWS, "n_mismatched")
    keys = ("n_mismatched_rejected", "n_mismatched_delivered", "n_matched_rejected")
    rows = [
        [
            name,
            int(row["n_messages"]),
            int(row["n_mismatched"]),
            estimate(row["mismatch_rate"], row["low"], row["high"]),
            *(int(row[key]) for key in keys),
        ]
        for name, row in zip(group_names(shown, by), shown.to_dict("records"), strict=True)
    ]
    return table(
        columns, rows, f"The {N_ROWS} with most mismatches of {len(frame):,}." if len(frame) > N_ROWS else ""
    )


def first_fixes(frame: pd.DataFrame) -> str:
    """Return the one fix that saves most messages."""
    if frame.empty:
        return "There is nothing to fix."
    top = frame.to_dict("records")[0]
    n = int(top["n_rejected"]) or int(top["n_messages"])
    lost = "rejected" if top["n_rejected"] else "mismatching"
    fix = unstarred(top["fix"])
    return f"One fix concerns **{n:,}** {lost} {nouns(n, 'message')}: {fix} (template {top['template_id'] or 'none'})."


def fixes_table(frame: pd.DataFrame) -> Html:
    """Return the causes with their fixes, those that save most messages first."""
    columns = [Column(heading="template"), Column(heading="kind"), Column(heading="messages", kind=NUMBER)]
    columns += [Column(heading="rejected", kind=NUMBER), Column(heading="fix", kind="text")]
    rows = [
        [
            "none" if pd.isna(row["template_id"]) else row["template_id"],
            row["reason"].replace("_", " "),
            int(row["n_messages"]),
            int(row["n_rejected"]),
            masked(str(row["fix"])),
        ]
        for row in frame.to_dict("records")
    ]
    return table(columns, rows)


def encodings_table(frame: pd.DataFrame) -> Html:
    """Return what share of messages and of segments each encoding has."""
    columns = [Column(heading="encoding"), Column(heading="messages", kind=NUMBER)]
    columns += [
        Column(heading=heading, kind=NUMBER) for heading in ("share", "segments", "share of segments")
    ]
    columns += [Column(heading="segments a message", kind=NUMBER)]
    rows = [
        [
            {"gsm7": "GSM-7", "ucs2": "UCS-2"}.get(row["encoding"], row["encoding"]),
            int(row["n_messages"]),
            percent(row["message_share"]),
            int(row["n_segments"]),
            percent(row["segment_share"]),
            f"{row['n_segments'] / row['n_messages']:.2f}",
        ]
        for row in frame.to_dict("records")
    ]
    return table(columns, rows)


def needless_table(frame: pd.DataFrame) -> Html:
    """Return, per campaign, the characters that force UCS-2 and need not, and the segments they cost."""
    columns = [Column(heading="campaign"), Column(heading="messages", kind=NUMBER)]
    columns += [Column(heading=heading, kind=NUMBER) for heading in ("segments", "avoidable")]
    columns += [Column(heading="characters", kind="text")]
    rows = [
        [
            "not given" if pd.isna(name) else name,
            int(n),
            int(n_segments),
            int(n_needless),
            " ".join(map(lookalikes.visible, characters)),
        ]
        for name, n, n_segments, n_needless, characters in frame.sort_values(
            "n_needless", ascending=False, kind="stable"
        ).itertuples(index=False)
    ]
    return table(columns, rows)


def diffs(frame: pd.DataFrame, selection: Selection) -> Html:
    """Return, for an example of each cause, the template's line above the message's, differences marked.

    Long numbers in agreeing text are masked: they may be codes or telephone numbers.
    """
    shown = frame.dropna(subset="template_id").head(N_DIFFS)
    texts = selection.texts(shown["example"].tolist())
    registry, _ = registry_from(selection.source.table("templates").to_pyarrow().to_pylist())
    policy = Policy.named(selection.settings.dlt_policy)
    parts = []
    for row in shown.to_dict("records"):
        own = registry.templates.get(row["template_id"])
        body = texts.get(row["example"])
        if own is not None and body is not None:
            parts.append(_diff(row, own.explain(body, policy)))
    return Html("\n".join(parts))


def masked(text: str) -> str:
    """Return the text with all but the first two digits of long numbers hidden; template ids and code points stay.

    >>> masked("Your OTP is 482193, call 9812345678"), masked("template 1107000000000000101")
    ('Your OTP is 48••••, call 98••••••••', 'template 1107000000000000101')
    >>> masked("U+2013 EN DASH")
    'U+2013 EN DASH'
    """
    return _LONG_NUMBER.sub(
        lambda found: (
            found[0] if len(found[0]) == _TEMPLATE_ID_DIGITS else f"{found[0][:2]:•<{len(found[0])}}"
        ),
        text,
    )


def _diff(row: Mapping[Any, Any], explanation: Explanation) -> str:
    pieces = diff.shortened(diff.pieces(explanation), AROUND)
    lines = [_line(pieces, which) for which in (0, 1)]
    laxer = explanation.passes_under()
    passes = f" · passes under {', '.join(laxer)}" if laxer else ""
    if explanation.fits:
        passes = " · matches the template as imported since"
    n = count(row["n_messages"], "message")
    head = f"<b>{html.escape(row['template_id'])}</b> {html.escape(row['reason'].replace('_', ' '))}, {n}"
    fix = html.escape(masked(str(row["fix"])))
    return (
        f'<div class="diff"><p>{head}<span class="soft">{html.escape(passes)}</span></p>'
        f'<pre tabindex="0"><span class="soft">template </span>{lines[0]}\n'
        f'<span class="soft">message  </span>{lines[1]}</pre>'
        f"<p>{fix}</p></div>"
    )


def _line(pieces: Sequence[diff.Piece], which: int) -> str:
    kind = ("want", "have")[which]
    texts = ((piece.differs, piece.actual if which else piece.expected) for piece in pieces)
    return "".join(
        f'<mark class="{kind}">{html.escape(text)}</mark>' if differs else html.escape(masked(text))
        for differs, text in texts
    )
