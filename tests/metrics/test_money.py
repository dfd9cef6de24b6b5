"""What messages cost, and what need not have."""

from __future__ import annotations

import ibis
import pandas as pd
import pytest
from support.evidence import LATER, MESSAGES, at, dlr, fold, message, submission

from rmanalytics.metrics.money import needless_ucs2, spending


def outcomes(*told):
    """Outcomes of messages with (status, segments, cost, charge); status "refused" is the submit response."""
    messages, submissions, dlrs = [], [], []
    for place, (status, n_segments, cost, charge) in enumerate(told):
        name = f"m{place}"
        messages.append(message(name, n_segments=n_segments))
        result = "refused" if status == "refused" else "accepted"
        submissions.append(submission(result, name, attempt_id=name))
        if status not in {"refused", "none"}:
            dlrs.append(dlr(status, name, callback_id=name, cost=cost, charge=charge))
    return fold(messages, submissions, dlrs)


NAMES = (
    "n_accepted",
    "n_priced",
    "n_delivered",
    "n_segments",
    "spent",
    "spent_delivered",
    "spent_failed",
    "spent_open",
)
CASES = {
    "the charge is the total": ([("delivered", 2, 0.1, 0.25)], None, [1, 1, 1, 2, 0.25, 0.25, 0, 0], 0.25),
    "else cost times segments": ([("delivered", 3, 0.1, None)], None, [1, 1, 1, 3, 0.3, 0.3, 0, 0], 0.3),
    "else the price": ([("none", 2, None, None)], 0.15, [1, 1, 0, 2, 0.3, 0, 0, 0.3], None),
    "nobody tells": ([("delivered", 1, None, None)], None, [1, 0, 0, 0, 0, 0, 0, 0], None),
    "a refusal costs nothing": ([("refused", 1, None, None)], 0.15, [0, 0, 0, 0, 0, 0, 0, 0], None),
    "failures are paid by what arrived": (
        [("delivered", 1, None, 0.2), ("failed", 1, None, 0.2), ("queued", 1, None, 0.2)],
        None,
        [3, 3, 1, 3, 0.6, 0.2, 0.2, 0.2],
        0.6,
    ),
    "no message": ([], 0.15, [0, 0, 0, 0, 0, 0, 0, 0], None),
}


@pytest.mark.parametrize("told, price, counts, per_delivered", CASES.values(), ids=CASES)
def test_spending(told, price, counts, per_delivered):
    """Each message costs its charge, else cost by segments, else the price; sums add up; refusals are free."""
    (row,) = spending(outcomes(*told), by=[], price_per_segment=price).to_dict("records")
    assert [row[name] for name in NAMES] == pytest.approx(counts)
    assert row["per_delivered"] == pytest.approx(
        per_delivered if per_delivered else float("nan"), nan_ok=True
    )
    assert row["spent"] == pytest.approx(row["spent_delivered"] + row["spent_failed"] + row["spent_open"])


TEXTS = {
    "a curly quote": ("It’s here" + "x" * 80, [["camp42", 1, 2, 1, "’"]]),
    "one that saves nothing": ("It’s", [["camp42", 1, 1, 0, "’"]]),
    "Hindi is needed": ("नमस्ते’", []),
    "an emoji has no stand-in": ("😀’", []),
    "GSM-7 is not asked": ("It's", []),
    "signs of a regular expression": ("[a]^\\-z’", [["camp42", 1, 1, 0, "’"]]),
}


@pytest.mark.parametrize("text, expected", TEXTS.values(), ids=TEXTS)
def test_needless_ucs2(text, expected):
    """Only a text whose every dear character has a stand-in counts, with what that would save."""
    rows = [message(body=text, encoding="ucs2" if not text.isascii() else "gsm7")]
    t = ibis.memtable(pd.DataFrame(rows), schema=MESSAGES)
    assert needless_ucs2(t, as_of=LATER).values.tolist() == expected


def test_needless_ucs2_of_a_selection():
    """Campaign, time and as_of select; equal texts are counted together."""
    text = "It’s here" + "x" * 80
    rows = [message(f"m{i}", campaign_id=c, body=text, encoding="ucs2") for i, c in enumerate("aab")]
    t = ibis.memtable(pd.DataFrame(rows), schema=MESSAGES)
    assert needless_ucs2(t, as_of=LATER).values.tolist() == [["a", 2, 4, 2, "’"], ["b", 1, 2, 1, "’"]]
    assert needless_ucs2(t, as_of=LATER, campaign_id="b").values.tolist() == [["b", 1, 2, 1, "’"]]
    for nothing in ({"as_of": at(-5)}, {"as_of": LATER, "since": at(0)}, {"as_of": LATER, "until": at(-2)}):
        assert needless_ucs2(t, **nothing).empty
