"""Groups against all others: what is called a difference, and what is left out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from evidence import at, dlr, fold, message, submission

from rmanalytics.metrics.differences import Evidence, comparisons, settle_s, settled


def outcomes(**groups):
    """Outcomes of headers, each with (messages, delivered, failed); the others have no DLR."""
    messages, submissions, dlrs = [], [], []
    for header, (n, n_delivered, n_failed) in groups.items():
        for place in range(n):
            name = f"{header}-{place}"
            messages.append(message(name, header=header, campaign_id="c"))
            submissions.append(submission(message_id=name, attempt_id=name))
            status = (
                "delivered" if place < n_delivered else "failed" if place < n_delivered + n_failed else ""
            )
            if status:
                dlrs.append(dlr(status, name, callback_id=name, gateway_message_id=f"gw-{name}"))
    return fold(messages, submissions, dlrs)


CASES = {
    "one is worse": (
        {"A": (500, 480, 20), "B": (500, 400, 100), "C": (500, 478, 22)},
        [("A", Evidence.HIGHER), ("B", Evidence.LOWER), ("C", Evidence.HIGHER)],
    ),
    "as chance has it": (
        {"A": (100, 95, 5), "B": (100, 93, 7)},
        [("A", Evidence.NONE), ("B", Evidence.NONE)],
    ),
    "few are not judged": (
        {"A": (29, 10, 19), "B": (300, 290, 10)},
        [("A", Evidence.FEW), ("B", Evidence.LOWER)],
    ),
    "one group has no others": ({"A": (100, 95, 5)}, []),
    "no DLR after all this time is not delivered": (
        {"A": (200, 190, 0), "B": (200, 100, 0)},
        [("A", Evidence.HIGHER), ("B", Evidence.LOWER)],
    ),
    "nothing": ({}, []),
}


@pytest.mark.parametrize("groups, expected", CASES.values(), ids=CASES)
def test_evidence(groups, expected):
    """A difference is called one only when it is more than chance among all comparisons."""
    found = comparisons(outcomes(**groups), ["header", "campaign_id"])
    if "few" in str(expected):
        expected = [(name, kind) for name, kind in expected if kind is Evidence.FEW]
        found = found[found["evidence"] == Evidence.FEW]
    assert list(zip(found["group"], found["evidence"], strict=True)) == expected


def test_whole_rows():
    """A row holds counts, both rates, the difference with its interval, p and q."""
    (row, _) = comparisons(outcomes(A=(70, 56, 14), B=(80, 48, 32)), ["header"]).to_dict("records")
    numbers = {
        key: row.pop(key) for key in ("rate", "rest_rate", "difference", "low", "high", "p_value", "q_value")
    }
    assert row == {
        "dimension": "header",
        "group": "A",
        "n_messages": 70,
        "n_delivered": 56,
        "evidence": Evidence.HIGHER,
    }
    assert list(numbers.values()) == pytest.approx([0.8, 0.6, 0.2, 0.0524, 0.3339, 0.0125, 0.0125], abs=1e-4)


def test_young_messages_wait():
    """Who is in flight and young is not compared; who is final, or older than 99 of 100 final words took, is."""
    rows = [message(name, planned_at=at(0)) for name in ("final", "old", "young")]
    sent = [
        submission(message_id=name, attempt_id=name, attempted_at=at(when), answered_at=at(when))
        for name, when in (("final", 0), ("old", 0), ("young", 3595))
    ]
    t = fold(rows, sent, [dlr("delivered", "final")])
    assert settle_s(t) == 5
    assert sorted(settled(t, 60).message_id.execute()) == ["final", "old"]
    assert sorted(settled(t, 1).message_id.execute()) == ["final", "old", "young"]
    assert settle_s(t.filter(t.message_id == "old")) == 0
    assert timedelta(seconds=5) == at(6) - at(1)
