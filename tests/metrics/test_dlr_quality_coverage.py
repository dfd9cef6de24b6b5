"""What speaks against DLRs: missing, late, in unknown words, too good."""

from __future__ import annotations

import ibis
import pandas as pd
import pytest
from support.evidence import DLRS, at, dlr, fold, message, submission

from rmanalytics.metrics.dlr_quality import coverage, lateness, too_good, unknown_codes, unknown_words


def dlrs(*rows):
    """DLRs as a table."""
    return ibis.memtable(pd.DataFrame(rows or [dlr()]), schema=DLRS).limit(len(rows))


def test_coverage():
    """Accepted messages with any DLR, a final one, two finals are counted; refused ones are not due one."""
    names = ("delivered", "queued", "none", "both", "refused")
    t = fold(
        [message(name) for name in names],
        [submission("refused" if name == "refused" else "accepted", name, attempt_id=name) for name in names],
        [
            dlr("delivered", "delivered"),
            dlr("queued", "queued"),
            dlr("delivered", "both"),
            dlr("failed", "both"),
        ],
    )
    (row,) = coverage(t).to_dict("records")
    low, high = row.pop("low"), row.pop("high")
    assert row == {
        "campaign_id": "camp42",
        "n_accepted": 4,
        "n_with_dlr": 3,
        "n_final": 2,
        "n_conflicts": 1,
        "coverage_rate": 0.75,
    }
    assert (low, high) == pytest.approx((0.3006, 0.9544), abs=1e-4)


LATE = {
    "a clock that is a little off": (-30, [0, 1, 0, 0, 0]),
    "before its own date": (-3600, [1, 0, 0, 0, 0]),
    "soon": (59, [0, 1, 0, 0, 0]),
    "after five and a half hours": (19_800, [0, 0, 0, 1, 0]),
    "after minutes": (600, [0, 0, 1, 0, 0]),
    "after days": (200_000, [0, 0, 0, 0, 1]),
}


@pytest.mark.parametrize("seconds, expected", LATE.values(), ids=LATE)
def test_lateness(seconds, expected):
    """A DLR is counted by the time from its date to its arrival; one without a date by none."""
    rows = dlrs(dlr(done_at=at(0), received_at=at(seconds)), dlr(done_at=None))
    assert lateness(rows)["n_dlrs"].tolist() == expected


def test_lateness_of_nothing():
    """Without DLRs every step is empty."""
    assert lateness(dlrs())["n_dlrs"].tolist() == [0, 0, 0, 0, 0]


def test_unknown_words():
    """A word that no table knows is listed, UNKNOWN itself is not."""
    rows = dlrs(
        dlr("unknown", raw_status="NEWWORD"),
        dlr("unknown", raw_status="NEWWORD", received_at=at(20)),
        dlr("unknown", raw_status="unknown"),
        dlr("unknown", raw_status=None),
        dlr("delivered"),
    )
    assert unknown_words(rows).values.tolist() == [
        ["route_mobile", "NEWWORD", 2, pd.Timestamp(at(8)), pd.Timestamp(at(20))]
    ]


def test_unknown_codes():
    """A code that no namespace has is listed; one written with leading zeros is known."""
    rows = dlrs(*(dlr("failed", error_code=code) for code in ("633", "999x", "999x", "007", None)))
    assert unknown_codes(rows, known=["633", "7"])[["error_code", "n_dlrs"]].values.tolist() == [["999x", 2]]
    assert unknown_codes(rows)["error_code"].tolist()[:1] == ["999x"]


def reports(n: int, latency_s: float, n_failed: int = 0):
    """Outcomes of one operator whose DLRs all take the same time."""
    names = [f"m{place}" for place in range(n)]
    return fold(
        [message(name) for name in names],
        [submission(message_id=name, attempt_id=name) for name in names],
        [
            dlr("failed" if i < n_failed else "delivered", name, callback_id=name, done_at=at(1 + latency_s))
            for i, name in enumerate(names)
        ],
    )


GOOD = {
    "in the same second": (reports(40, 0, 2), ["most are dated within a second of submission"]),
    "none failed": (reports(1533, 4), ["none failed"]),
    "an honest operator of 300 may have none": (reports(300, 4), []),
    "both": (reports(1533, 0), ["most are dated within a second of submission and none failed"]),
    "as it should be": (reports(300, 4, 9), []),
    "too few to judge": (reports(20, 0), []),
}


@pytest.mark.parametrize("outcomes, reasons", GOOD.values(), ids=GOOD)
def test_too_good(outcomes, reasons):
    """Reports that need no handset are named with the reason, those of a few messages are not."""
    found = too_good(outcomes)
    assert found["reason"].tolist() == reasons
    assert found["operator"].tolist() == ["Airtel"] * len(reasons)
