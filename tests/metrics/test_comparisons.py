"""Groups against all others: what is called a difference, and what is left out."""

from __future__ import annotations

import pytest
from support.evidence import at, dlr, fold, message, submission

from rmanalytics.metrics.comparisons import Evidence, comparisons, counts
from rmanalytics.metrics.young import young_s


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
        [("A", Evidence.NONE), ("B", Evidence.LOWER), ("C", Evidence.NONE)],
    ),
    "as chance has it": (
        {"A": (100, 95, 5), "B": (100, 93, 7)},
        [("A", Evidence.NONE), ("B", Evidence.NONE)],
    ),
    "few are not judged": (
        {"A": (9, 3, 6), "B": (300, 290, 10)},
        [("A", Evidence.FEW), ("B", Evidence.LOWER)],
    ),
    "29 of 29 failed": (
        {"A": (29, 0, 29), "B": (300, 285, 15), "C": (300, 285, 15)},
        [("A", Evidence.LOWER), ("B", Evidence.NONE), ("C", Evidence.NONE)],
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
    assert list(numbers.values()) == pytest.approx([0.8, 0.6, 0.2, 0.0404, 0.3441, 0.0211, 0.0211], abs=1e-4)


def sent(*, n, seconds_ago, header):
    """Accepted messages of so long ago, as (messages, submissions)."""
    names, when = [f"{header}-{place}" for place in range(n)], 3600 - seconds_ago
    messages = [message(name, header=header, planned_at=at(0)) for name in names]
    when = {"attempted_at": at(when), "answered_at": at(when)}
    return messages, [submission(message_id=name, attempt_id=name, **when) for name in names]


def test_young_messages_wait():
    """Who is in flight and young is counted apart; who is final, or old enough to be, is settled."""
    parts = [sent(n=1, seconds_ago=ago, header=name) for name, ago in FINAL_OLD_YOUNG.items()]
    t = fold(
        [row for own, _ in parts for row in own],
        [row for _, own in parts for row in own],
        [dlr("delivered", "final-0")],
    )
    assert young_s(t) == 10
    for after_s, n_young in ((60, 1), (1, 0)):
        rows = counts(t, "header", after_s=after_s).order_by("header").execute()
        assert rows["n_young"].tolist() == [0, 0, n_young]
        assert (rows["n_messages"] + rows["n_young"]).tolist() == [1, 1, 1]


FINAL_OLD_YOUNG = {"final": 3600, "old": 3600, "young": 5}


def test_quick_failures_are_no_difference():
    """Of young messages the failures are known first: a header that has just begun is not called worse for that."""
    before, just_now = sent(n=400, seconds_ago=3600, header="A"), sent(n=400, seconds_ago=2, header="B")
    ends = [dlr("failed" if place < 40 else "delivered", f"A-{place}") for place in range(400)]
    ends += [dlr("failed" if place < 40 else "delivered", f"B-{place}") for place in range(140)]
    told = [
        {**one, "callback_id": one["message_id"], "gateway_message_id": f"gw-{one['message_id']}"}
        for one in ends
    ]
    found = comparisons(fold(before[0] + just_now[0], before[1] + just_now[1], told), ["header"])
    assert found["evidence"].tolist() == [Evidence.NONE, Evidence.NONE]
    assert found["p_value"].tolist() == [1.0, 1.0]
    assert (found["low"] < 0).all() and (found["high"] > 0).all()
