"""CleverTap's numbers beside ours."""

from __future__ import annotations

from datetime import date

import ibis
import pandas as pd
import pytest
from support.evidence import at, dlr, fold, message, submission

from rmanalytics.metrics.reconciliation import reconciliation, theirs
from rmanalytics.notebook.sections import reconciliation as reconciling

DAY, NEXT = date(2025, 1, 15), date(2025, 1, 16)
SCHEMA = ibis.schema(
    {"campaign_id": "string", "day": "date", "provider": "string", "n_sent": "int64", "n_delivered": "int64"}
    | {"n_errors": "int64", "imported_at": "timestamp('UTC')"}
)


def reports(*rows):
    """Rows of (campaign, day, sent, delivered), imported when the test day began."""
    names = ("campaign_id", "day", "n_sent", "n_delivered")
    made = [
        dict(zip(names, row, strict=True)) | {"provider": "p", "n_errors": None, "imported_at": at(0)}
        for row in rows
    ]
    return ibis.memtable(pd.DataFrame(made, columns=list(SCHEMA)), schema=SCHEMA)


CASES = {
    "days add up": ([("c", DAY, 3, 2), ("c", NEXT, 4, 3)], {}, [("c", 7, 5)]),
    "the whole holds its days": ([("c", None, 9, 8), ("c", DAY, 3, 2)], {}, [("c", 9, 8)]),
    "only the days asked for": (
        [("c", None, 9, 8), ("c", DAY, 3, 2), ("c", NEXT, 4, 3)],
        {"since": NEXT, "until": NEXT},
        [("c", 4, 3)],
    ),
}


@pytest.mark.parametrize("rows, asked, expected", CASES.values(), ids=CASES)
def test_theirs(rows, asked, expected):
    """Days add up, and a row about the whole campaign goes before them."""
    found = theirs(reports(*rows), **asked).execute()
    assert (
        list(found[["campaign_id", "n_sent", "n_delivered"]].itertuples(index=False, name=None)) == expected
    )


def outcomes():
    """Campaign c: one delivered, one without a DLR, one refused; campaign d: one of ours alone."""
    names = {"one": "c", "two": "c", "no": "c", "ours": "d"}
    messages = [message(name, campaign_id=campaign) for name, campaign in names.items()]
    sent = [submission(message_id=name, attempt_id=name) for name in names if name != "no"]
    refused = submission(
        message_id="no", attempt_id="no", result="refused", code="1706", gateway_message_id=None
    )
    return fold(messages, [*sent, refused], [dlr("delivered", "one")])


def test_whole_row():
    """A campaign that both know: their sent against all that the gateway answered, their delivered against ours."""
    (row,) = reconciliation(outcomes(), reports(("c", None, 5, 0), ("x", None, 1, 1))).to_dict("records")
    assert pd.isna(row.pop("errors"))
    assert row == {
        "campaign_id": "c", "sent": 5, "delivered": 0, "n_submitted": 3, "n_accepted": 2, "n_refused": 1,
        "n_delivered": 1, "n_failed": 0, "sent_gap": 2, "delivered_gap": -1,
    }  # fmt: skip


SAID = {
    "both gaps": (("c", None, 5, 0), "sent **2 more** than we know of", "counts **1 fewer** delivered"),
    "fewer and more": (("c", None, 1, 3), "sent **2 fewer** than we know of", "counts **2 more** delivered"),
    "the same": (("c", None, 3, 1), "sent what our gateway answered (its", "the same number delivered"),
}


@pytest.mark.parametrize("row, sent, delivered", SAID.values(), ids=SAID)
def test_said(row, sent, delivered):
    """Each gap is named with its likely reason; refusals are named as part of what they call sent."""
    frame = reconciliation(outcomes(), reports(row))
    said = reconciling.summary(frame)
    assert sent in said
    assert delivered in said
    assert "the 1 that the gateway refused" in said
    assert reconciling.reconciliation_table(frame).text.count("<tr>") == 2


APART = {
    "they do not make up for each other": (
        ([500, -500], [-500, 500]),
        "sent **500 more** than we know of: by another route, or their DLRs never reached us; "
        "in other campaigns **500 fewer**",
        "counts **500 more** delivered: we missed their DLRs, or it counts some twice; "
        "in other campaigns **500 fewer**",
    ),
    "no number at all": (([None, None], [None, None]), "has no number sent", "has no number delivered"),
    "one has no number": (
        ([0, None], [0, None]),
        "of 1 campaign its report has no",
        "of 1 campaign its report has no",
    ),
    "a gap and no number": (([7, None], [None, -7]), "**7 more** than", "**7 fewer** delivered"),
}


@pytest.mark.parametrize("gaps, sent, delivered", APART.values(), ids=APART)
def test_campaigns_apart(gaps, sent, delivered):
    """Gaps of several campaigns are never set off against each other, and a number that is not there is no zero."""
    frame = pd.DataFrame({"n_refused": [0, 0], "sent_gap": gaps[0], "delivered_gap": gaps[1]}).astype(
        "float64"
    )
    first, _, second = (
        reconciling.summary(frame).removeprefix("**2** campaigns are known to both. ").partition(". ")
    )
    assert sent in first
    assert delivered in second


def test_of_nothing():
    """Where nothing was imported it is said how to."""
    frame = reconciliation(outcomes(), reports())
    assert reconciling.summary(frame) == reconciling.NONE
    assert reconciling.reconciliation_table(frame).text == ""
