"""Two-line diffs of messages and their templates as HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rmanalytics.dlt import Explanation, Policy, diff
from rmanalytics.ingest.template_checks import registry_from
from rmanalytics.notebook.display import Html
from rmanalytics.notebook.selection import Selection
from rmanalytics.support.wording import count

N_DIFFS = 12
AROUND = 24
"""Characters of agreeing text shown on either side of a difference."""

_LONG_NUMBER = re.compile(r"(?<!\d)(?<!U\+)\d{4,}")
_TEMPLATE_ID_DIGITS = 19


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
