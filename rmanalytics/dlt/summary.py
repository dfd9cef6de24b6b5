"""What `dlt check` and `dlt find` show: numbers, and each mismatch with its diff and its fixes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from rmanalytics.dlt import diff
from rmanalytics.dlt.engine.explain import Explanation
from rmanalytics.dlt.policy import Policy
from rmanalytics.dlt.reasons import MEANINGS, Reason
from rmanalytics.dlt.registry import Registry
from rmanalytics.models import Route
from rmanalytics.sms import msisdn

AROUND = 30
"""Characters shown on either side of a difference."""


def domestic(messages: pa.Table) -> pa.Table:
    """Return the messages that DLT applies to: all but those whose route is international.

    A missing route is derived from the number, where there is a readable one.
    """
    n = messages.num_rows
    given: list[str | None] = [None] * n
    if "route" in messages.column_names:
        given = messages.column("route").cast(pa.string()).to_pylist()
    numbers = (
        messages.column("msisdn").cast(pa.string()).to_pylist()
        if "msisdn" in messages.column_names
        else given
    )
    routes = [route or _route(number) for route, number in zip(given, numbers, strict=True)]
    return messages.filter(pa.array([route != Route.INTERNATIONAL for route in routes], pa.bool_()))


def _route(number: str | None) -> str:
    try:
        return msisdn.route(msisdn.normalise(number or ""))
    except ValueError:
        return ""


def summary(checks: pa.Table, policy: Policy) -> dict[str, Any]:
    """Return the numbers of a table of checks: how many match, and the reasons of the others, most frequent first."""
    n = checks.num_rows
    n_ok = checks.column("ok").to_pylist().count(True)
    reasons = Counter(reason for reason in checks.column("reason").to_pylist() if reason)
    return {
        "policy": policy.name,
        "n_messages": n,
        "n_ok": n_ok,
        "n_mismatched": n - n_ok,
        "mismatch_rate": (n - n_ok) / n if n else None,
        "reasons": dict(reasons.most_common()),
    }


def details(
    checks: pa.Table, messages: pa.Table, registry: Registry, policy: Policy, most: int
) -> list[dict[str, Any]]:
    """Return the first `most` mismatches: the row of the check, the text, and what `explained` says."""
    bad = pc.indices_nonzero(pc.invert(checks.column("ok"))).slice(0, most)
    bodies = messages.column("body").take(bad).to_pylist()
    return [
        {
            "row": row,
            **check,
            "body": body or "",
            **_about(check["template_id"], body or "", registry, policy),
        }
        for row, check, body in zip(bad.to_pylist(), checks.take(bad).to_pylist(), bodies, strict=True)
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
