"""Limits: judged on the interval and on what is still in flight, never on the point."""

from __future__ import annotations

import pytest
from scipy.stats import binom

from rmanalytics.errors import BadInput
from rmanalytics.report import thresholds
from rmanalytics.report.thresholds import LimitVerdict, Threshold


def total(delivered: int, accepted: int, **other: float | None):
    """Totals of a report as `numbers.total` gives them."""
    return {
        "n_submitted": accepted,
        "n_accepted": accepted,
        "n_unclear": 0,
        "n_delivered": delivered,
        "n_failed": accepted - delivered,
        "n_queued": 0,
        "n_unknown": 0,
        "n_no_dlr": 0,
        "n_no_dlr_overdue": 0,
        "n_in_flight": 0,
        "delivered_p95_s": None,
    } | other


JUDGED = {
    # 900/1000: 88.0-91.7 %, 940/1000: 92.4-95.3 %, 980/1000: 96.9-98.7 %
    "the whole interval is below": ("delivery_rate<0.95", total(900, 1000), LimitVerdict.BREACHED),
    "the whole interval is above": ("delivery_rate<0.95", total(980, 1000), LimitVerdict.HELD),
    "the point is below, the interval is not": (
        "delivery_rate<0.95",
        total(940, 1000),
        LimitVerdict.INCONCLUSIVE,
    ),
    "the point is above, the interval is not": (
        "delivery_rate<0.95",
        total(955, 1000),
        LimitVerdict.INCONCLUSIVE,
    ),
    "few messages prove nothing": ("delivery_rate<0.95", total(9, 10), LimitVerdict.INCONCLUSIVE),
    "nothing accepted": ("delivery_rate<0.95", total(0, 0), LimitVerdict.INCONCLUSIVE),
    "what is in flight may fix it": (
        "delivery_rate<0.95",
        total(900, 1000, n_in_flight=80),
        LimitVerdict.INCONCLUSIVE,
    ),
    "what is in flight cannot fix it": (
        "delivery_rate<0.95",
        total(800, 1000, n_in_flight=80),
        LimitVerdict.BREACHED,
    ),
    "in flight never lowers delivery": (
        "delivery_rate<0.95",
        total(980, 1000, n_in_flight=20),
        LimitVerdict.HELD,
    ),
    "failures breach whatever comes": (
        "failure_rate>0.05",
        total(900, 1000, n_in_flight=9),
        LimitVerdict.BREACHED,
    ),
    "what is in flight may fail": (
        "failure_rate>0.05",
        total(980, 1000, n_failed=5, n_in_flight=80),
        LimitVerdict.INCONCLUSIVE,
    ),
    "few failures, few in flight": (
        "failure_rate>0.05",
        total(990, 1000, n_failed=5, n_in_flight=5),
        LimitVerdict.HELD,
    ),
    "in flight says nothing of acceptance": (
        "accept_rate<0.9",
        total(0, 1000, n_submitted=1000, n_in_flight=1000),
        LimitVerdict.HELD,
    ),
    "a count, exactly": ("n_failed>=100", total(900, 1000), LimitVerdict.BREACHED),
    "a count, exactly below": ("n_failed>100", total(900, 1000), LimitVerdict.HELD),
    "eight of ten": ("delivery_rate<0.95", total(8, 10), LimitVerdict.INCONCLUSIVE),
    "none of one": ("delivery_rate<0.95", total(0, 1), LimitVerdict.INCONCLUSIVE),
    "none of two": ("delivery_rate<0.95", total(0, 2), LimitVerdict.BREACHED),
    "a message without a DLR may get one": (
        "no_dlr_rate>0.05",
        total(29, 109, n_failed=0, n_no_dlr=80, n_in_flight=80),
        LimitVerdict.INCONCLUSIVE,
    ),
    "overdue messages get none": (
        "no_dlr_rate>0.05",
        total(29, 109, n_failed=0, n_no_dlr=80, n_no_dlr_overdue=80),
        LimitVerdict.BREACHED,
    ),
    "what has no DLR may be queued": (
        "queue_rate>0.05",
        total(900, 1000, n_failed=0, n_no_dlr=100, n_in_flight=100),
        LimitVerdict.INCONCLUSIVE,
    ),
    "an unclear message may be accepted": (
        "accept_rate<0.95",
        total(900, 900, n_submitted=1000, n_unclear=100),
        LimitVerdict.INCONCLUSIVE,
    ),
    "a count may grow": (
        "n_failed>100",
        total(900, 1000, n_failed=60, n_no_dlr=40, n_in_flight=41),
        LimitVerdict.INCONCLUSIVE,
    ),
    "a count cannot grow so far": (
        "n_failed>100",
        total(900, 1000, n_failed=60, n_no_dlr=40, n_in_flight=40),
        LimitVerdict.HELD,
    ),
    "a time": (
        "delivered_p95_s>60",
        total(900, 1000, delivered_p95_low_s=70.0, delivered_p95_high_s=81.0),
        LimitVerdict.BREACHED,
    ),
    "a time, perhaps": (
        "delivered_p95_s>60",
        total(900, 1000, delivered_p95_low_s=55.0, delivered_p95_high_s=81.0),
        LimitVerdict.INCONCLUSIVE,
    ),
    "a share within a time": (
        "delivered_within_30s<0.9",
        total(900, 1000, delivered_within_30s_low=0.85, delivered_within_30s_high=0.89),
        LimitVerdict.BREACHED,
    ),
    "a share within a time, perhaps": (
        "delivered_within_30s<0.9",
        total(900, 1000, delivered_within_30s_low=0.85, delivered_within_30s_high=0.91),
        LimitVerdict.INCONCLUSIVE,
    ),
    "a share nobody watched long enough": (
        "delivered_within_300s<0.9",
        total(900, 1000, delivered_within_300s_low=None, delivered_within_300s_high=None),
        LimitVerdict.INCONCLUSIVE,
    ),
    "a time of all": (
        "delivery_p90_s>60",
        total(900, 1000, delivery_p90_low_s=20.0, delivery_p90_high_s=45.0),
        LimitVerdict.HELD,
    ),
    "a time of all, perhaps": (
        "delivery_p90_s>60",
        total(900, 1000, delivery_p90_low_s=20.0, delivery_p90_high_s=None),
        LimitVerdict.INCONCLUSIVE,
    ),
    "a time of all, however long it is": (
        "delivery_p90_s>60",
        total(900, 1000, delivery_p90_low_s=70.0, delivery_p90_high_s=None),
        LimitVerdict.BREACHED,
    ),
    "a time never reached": (
        "delivery_p90_s>60",
        total(0, 1000, delivery_p90_low_s=None),
        LimitVerdict.INCONCLUSIVE,
    ),
    "a time that is not": ("delivered_p95_s>60", total(900, 1000), LimitVerdict.INCONCLUSIVE),
}


@pytest.mark.parametrize("limit, numbers, verdict", JUDGED.values(), ids=JUDGED)
def test_judge(limit, numbers, verdict):
    """A limit is breached or held only when the data can tell."""
    assert thresholds.judge(thresholds.parse(limit), numbers).verdict == verdict


def test_reason():
    """The reason names the interval, the counts behind it and what is in flight."""
    judgement = thresholds.judge(thresholds.parse("delivery_rate<0.95"), total(900, 1000, n_in_flight=80))
    assert judgement.threshold == "delivery_rate<0.95"
    assert judgement.reason == (
        "delivery_rate lies between 88.0 % and 98.8 % (900 of 1,000 reported delivered, 80 still in flight): "
        "the limit is inside this range, wait or send more"
    )


def test_seldom_wrong():
    """A limit at the true rate is called breached in at most 2.5 % of samples, of any size; counted exactly."""
    for n in (1, 10, 100, 1000):
        for rate in (0.5, 0.95, 0.99):
            limit = thresholds.parse(f"delivery_rate<{rate}")
            breached = [
                k
                for k in range(n + 1)
                if thresholds.judge(limit, total(k, n)).verdict == LimitVerdict.BREACHED
            ]
            assert binom.pmf(breached, n, rate).sum() <= 0.025


PARSED = {
    "delivery_rate<0.95": Threshold(name="delivery_rate", comparison="<", limit=0.95),
    " delivery_rate <= 95 % ": Threshold(name="delivery_rate", comparison="<=", limit=0.95),
    "n_failed>=10": Threshold(name="n_failed", comparison=">=", limit=10),
    "residual_accepted>0": Threshold(name="residual_accepted", comparison=">", limit=0),
}


@pytest.mark.parametrize("text, expected", PARSED.items(), ids=PARSED)
def test_parse(text, expected):
    """A limit is a name, a comparison and a number or percentage."""
    assert thresholds.parse(text) == expected


REFUSED = {
    "delivery<0.95": "did you mean delivery_rate?",
    "delivrey_rate<0.95": "did you mean delivery_rate?",
    "zzz<1": "use one of accept_rate, delivery_rate",
    "delivery_rate=0.95": "write a name, < <= > or >=, and a number",
    "delivery_rate<": "write a name",
    "delivery_rate<0.9.5": "write a name",
    "": "write a name",
    "failure_rate>5": "lies between 0 and 1: write 'failure_rate>5%'",
    "failure_rate>500": "write 100% or less",
    "delivered_within_30s<101%": "write 100% or less",
    "n_failed>5%": "write the number without %",
}


@pytest.mark.parametrize("text, told", REFUSED.items(), ids=REFUSED)
def test_refused(text, told):
    """A limit that cannot be judged is refused with the fix, in one line."""
    with pytest.raises(BadInput) as refusal:
        thresholds.parse(text)
    assert str(refusal.value).startswith("--fail-if ")
    assert told in str(refusal.value)
