"""What `dlt check` and `dlt find` show: numbers, and each mismatch with its diff and its fixes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from rmanalytics.dlt import diff
from rmanalytics.dlt.engine.explain import Explanation
from rmanalytics.dlt.files import MessageFile
from rmanalytics.dlt.policy import Policy
from rmanalytics.dlt.reasons import MEANINGS, Reason
from rmanalytics.dlt.registry import Registry
from rmanalytics.models import Route
from rmanalytics.sms import msisdn

_INDIAN = f"^{msisdn.INDIAN}$"
AROUND = 30
"""Characters shown on either side of a difference."""


def domestic(read: MessageFile) -> MessageFile:
    """Return the messages that DLT applies to: all but those whose route is international.

    A missing route is derived from the number, where there is a readable one.
    """
    is_domestic = _is_domestic(read.rows)
    return replace(read, rows=read.rows.filter(is_domestic), lines=read.lines.filter(is_domestic))


def _is_domestic(messages: pa.Table) -> pa.Array:
    given, numbers = _texts(messages, "route"), _texts(messages, "msisdn")
    given = pc.utf8_lower(pc.utf8_trim_whitespace(given))
    is_given = pc.fill_null(pc.not_equal(given, ""), False)
    is_domestic = pc.if_else(is_given, pc.not_equal(given, Route.INTERNATIONAL.value), True).to_numpy().copy()
    is_plain = pc.fill_null(pc.match_substring_regex(numbers, _INDIAN), True)  # no number says nothing
    for row in pc.indices_nonzero(pc.invert(pc.or_(is_given, is_plain))).to_pylist():
        is_domestic[row] = _route(numbers[row].as_py()) != Route.INTERNATIONAL
    return pa.array(is_domestic)


def _texts(messages: pa.Table, name: str) -> pa.ChunkedArray:
    """Return a column as text, all null when it is not there."""
    if name not in messages.column_names:
        return pa.chunked_array([pa.nulls(messages.num_rows, pa.string())])
    return messages.column(name).cast(pa.string())


def _route(number: str | None) -> str:
    try:
        return msisdn.route(msisdn.normalise(number or ""))
    except ValueError:
        return ""


def summary(checks: pa.Table, policy: Policy) -> dict[str, Any]:
    """Return the numbers of a table of checks: how many match, and the reasons of the others, most frequent first."""
    n = checks.num_rows
    n_ok = int(pc.sum(checks.column("ok")).as_py() or 0)
    reasons = Counter(checks.column("reason").drop_null().to_pylist())
    return {
        "policy": policy.name,
        "n_messages": n,
        "n_ok": n_ok,
        "n_mismatched": n - n_ok,
        "mismatch_rate": (n - n_ok) / n if n else None,
        "reasons": dict(reasons.most_common()),
    }


def details(
    checks: pa.Table, sent: MessageFile, registry: Registry, policy: Policy, most: int
) -> list[dict[str, Any]]:
    """Return the first `most` mismatches: row of the check, line of the file, text, and what `explained` says."""
    bad = pc.indices_nonzero(pc.invert(checks.column("ok"))).slice(0, most)
    bodies, lines = sent.rows.column("body").take(bad).to_pylist(), sent.lines.take(bad).to_pylist()
    return [
        {
            "row": row,
            "line": line,
            **check,
            "body": body or "",
            **_about(check["template_id"], body or "", registry, policy),
        }
        for row, line, check, body in zip(
            bad.to_pylist(), lines, checks.take(bad).to_pylist(), bodies, strict=True
        )
    ]


def explained(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as plain data: its faults, the two lines of the diff, policies and fixes."""
    return {
        "faults": [
            {
                "reason": str(fault.reason),
                "meaning": MEANINGS[Reason(fault.reason)],
                "position": fault.position,
                "template_position": fault.template_position,
                "expected": fault.expected,
                "actual": fault.actual,
                "slot": fault.slot,
                "fix": fault.fix,
            }
            for fault in explanation.faults
        ],
        "diff": list(diff.lines(explanation, AROUND)),
        "passes_under": list(explanation.passes_under()),
        "corrected_text": explanation.corrected_text,
        "corrected_template": explanation.corrected_template,
    }


def _about(template_id: str | None, body: str, registry: Registry, policy: Policy) -> dict[str, Any]:
    template = registry.templates.get(template_id or "")
    return explained(template.explain(body, policy)) if template else {}
