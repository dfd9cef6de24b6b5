"""Sentences: what they say follows from the numbers they are given."""

from __future__ import annotations

import pandas as pd
import pytest

from rmanalytics import metrics
from rmanalytics.models import State
from rmanalytics.notebook import sections


def total(**n: int):
    """Totals in which every state but those given is 0."""
    zero = {
        f"n_{name}": 0
        for name in (*State, "submitted", "accepted", "no_dlr_overdue", "in_flight", "conflicts")
    }
    return zero | {"n_dlr_only": 0, "residual_submitted": 0, "residual_accepted": 0} | n


ACCOUNTING = {
    "no messages": (total(), "There are no messages in this selection."),
    "one message": (
        total(n_submitted=1, n_accepted=1, n_delivered=1),
        "Of **1 message**, **1** (100 %) is reported delivered and none failed. The gateway accepted all of them.",
    ),
    "in flight": (
        total(n_submitted=100, n_accepted=100, n_delivered=90, n_failed=4, n_queued=6, n_in_flight=6),
        "Of **100 messages**, **90** (90.0 %) are reported delivered and **4** failed. **6** are still in flight: "
        "once all are final, the delivery rate will be between 90.0 % and 96.0 %. "
        "The gateway accepted all of them.",
    ),
    "not accepted, overdue, unrecognised words": (
        total(
            n_submitted=10,
            n_accepted=7,
            n_delivered=5,
            n_no_dlr=2,
            n_no_dlr_overdue=2,
            n_refused=2,
            n_unsent=1,
            n_dlr_only=1,
        ),
        "Of **10 messages**, **5** (50.0 %) are reported delivered and none failed. **2** got no DLR within the "
        "horizon and probably never will. Not accepted by the gateway: 2 refused and 1 unsent. "
        "**1** is known from DLRs only: it was not sent from here.",
    ),
}


@pytest.mark.parametrize("numbers, said", ACCOUNTING.values(), ids=ACCOUNTING)
def test_accounting(numbers, said):
    """What happened to the messages is reported with counts, and messages in flight are never called failed."""
    assert sections.accounting.summary(numbers) == said


def rates(**delivered_of: tuple[int, int]) -> pd.DataFrame:
    """Delivered and accepted per campaign, as `metrics.delivery` gives them."""
    rows = [(name, n, k) for name, (k, n) in delivered_of.items()]
    frame = pd.DataFrame(rows, columns=["campaign_id", "n_accepted", "n_delivered"])
    low, high = metrics.wilson(frame["n_delivered"], frame["n_accepted"])
    share = frame["n_delivered"] / frame["n_accepted"].where(frame["n_accepted"] > 0)
    return frame.assign(delivery_rate=share, low=low, high=high)


RATES = {
    "none": (rates(a=(0, 0)), "No message was accepted, so there is no delivery rate."),
    "few": (
        rates(a=(9, 10)),
        "**90.0 %** of the accepted messages are reported delivered; with 10 messages the true rate lies between "
        "**59.6 %** and **98.2 %**. That is a wide range, because there are few messages.",
    ),
    "many": (
        rates(a=(970, 1000)),
        "**97.0 %** of the accepted messages are reported delivered; with 1,000 messages the true rate lies "
        "between **95.7 %** and **97.9 %**.",
    ),
}


@pytest.mark.parametrize("frame, said", RATES.values(), ids=RATES)
def test_rates(frame, said):
    """A rate is said with its interval, and that few messages say little."""
    assert sections.rates.summary(frame.drop(columns="campaign_id")) == said


def codes(*rows: tuple[str, str | None, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["state", "code", "n_messages"])


FAILURES = {
    "none": (codes(), "No message was refused or failed."),
    "one code": (
        codes(("failed", "633", 5)),
        "Of the **5** that were refused or failed, 100 % have the same code: **failed 633**.",
    ),
    "few codes of many": (
        codes(
            ("failed", "633", 50),
            ("refused", "1706", 40),
            ("failed", "1", 4),
            ("failed", "2", 3),
            ("failed", None, 3),
        ),
        "Of the **100** that were refused or failed, 50.0 % have the same code: **failed 633**; 2 of 5 codes "
        "account for four fifths of them. 3 have no code.",
    ),
}


@pytest.mark.parametrize("frame, said", FAILURES.values(), ids=FAILURES)
def test_failures(frame, said):
    """The commonest code is named, how few make up most, and for how many there is no reason."""
    assert sections.failures.summary(frame) == said


def matches(*rows: tuple[str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["matched_by", "n_dlrs", "n_repeated"]).assign(
        n_times_unread=0, n_times_impossible=0, n_other_numbers=0
    )


TRUST = {
    "none": (matches(), (0, 0), total(), "No DLR was received for these messages."),
    "all well": (
        matches(("message_id", 5, 0)),
        (5, 0),
        total(),
        "All **5** DLRs were read and matched to a message. None repeats or contradicts another.",
    ),
    "doubts": (
        matches(("message_id", 5, 2), ("unmatched", 1, 0)),
        (9, 3),
        total(n_conflicts=1),
        "**6** DLRs received: 1 could not be matched to a message, 2 only repeat an earlier DLR, 1 message got "
        "contradicting final states and 3 of all 9 callbacks could not be read in full.",
    ),
    "another number": (
        matches(("message_id", 5, 0)).assign(n_other_numbers=1),
        (5, 0),
        total(),
        "**5** DLRs received: 1 names another number than the message.",
    ),
}


@pytest.mark.parametrize("frame, unreadable, numbers, said", TRUST.values(), ids=TRUST)
def test_trust(frame, unreadable, numbers, said):
    """What speaks against the DLRs is named, or that nothing does."""
    assert sections.dlr_quality.trust(frame, unreadable, numbers) == said


def times(**p95: float) -> pd.DataFrame:
    frame = pd.DataFrame({"campaign_id": list(p95), "delivered_p95_s": list(p95.values())})
    n = range(len(p95), 0, -1)
    return frame.assign(delivered_p50_s=3.0, n_delivered_timed=n, n_delivered_negative=0)


TIMES = {
    "none": (times(), "No message is reported delivered yet."),
    "one": (
        times(a=15),
        "In **a**, half of the delivered messages took at most **3.0 s** and 19 of 20 at most **15 s**.",
    ),
    "another is slower": (
        times(a=15, b=90),
        "In **a**, half of the delivered messages took at most **3.0 s** and 19 of 20 at most **15 s**. "
        "Slowest is **b**: 19 of 20 within 90 s.",
    ),
    "clocks": (
        times(a=15).assign(n_delivered_negative=2),
        "In **a**, half of the delivered messages took at most **3.0 s** and 19 of 20 at most **15 s**. "
        "2 are dated before they were submitted: a clock is wrong.",
    ),
}


@pytest.mark.parametrize("frame, said", TIMES.values(), ids=TIMES)
def test_times(frame, said):
    """Times are said of the largest campaign, and of one that is much slower."""
    assert sections.latency.summary(frame) == said


def steps(step_s: int, *rows: tuple[str, str, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["started_at", "state", "n_messages"])
    return frame.assign(started_at=pd.to_datetime(frame["started_at"]), step_s=step_s)


DONE = "No accepted message is still open."
NINE = ("2026-11-20 09:00", "delivered", 4)
OVER_TIME = {
    "none": (steps(1), "There are no messages in this selection."),
    "hours": (
        steps(
            3600,
            ("2026-11-20 09:00", "delivered", 3),
            ("2026-11-20 09:00", "failed", 1),
            ("2026-11-20 10:00", "delivered", 1),
        ),
        f"The busiest hour was **20 Nov 09:00–10:00**, with 4 messages. {DONE}",
    ),
    "open": (
        steps(15, ("2026-11-20 09:00:15", "no_dlr", 1), ("2026-11-20 09:00:30", "queued", 2)),
        "The busiest 15 seconds were **20 Nov 09:00:30–09:00:45**, with 2 messages. **3** are still open, the oldest "
        "from 20 Nov 09:00:15.",
    ),
    "a second": (steps(1, NINE), f"The busiest second was **20 Nov 09:00**, with 4 messages. {DONE}"),
    "minutes": (
        steps(300, NINE),
        f"The busiest 5 minutes were **20 Nov 09:00–09:05**, with 4 messages. {DONE}",
    ),
    "until midnight": (
        steps(3 * 3600, ("2026-11-20 21:00", "delivered", 1)),
        f"The busiest 3 hours were **20 Nov 21:00–00:00**, with 1 message. {DONE}",
    ),
    "a day": (
        steps(86_400, ("2026-11-20", "delivered", 4)),
        f"The busiest day was **20 Nov**, with 4 messages. {DONE}",
    ),
    "weeks": (
        steps(7 * 86_400, ("2026-11-16", "delivered", 4)),
        f"The busiest week began on **16 Nov**, with 4 messages. {DONE}",
    ),
}


@pytest.mark.parametrize("frame, said", OVER_TIME.values(), ids=OVER_TIME)
def test_over_time(frame, said):
    """The busiest step is named, and how old what is open is."""
    assert sections.over_time.summary(frame) == said


def test_identity():
    """A residual is never hidden."""
    assert sections.accounting.identity(total()).startswith("Both sums add up: the residual is **0**")
    assert sections.accounting.identity(total(residual_accepted=-2)).startswith(
        "**The sums do not add up**, residuals 0 and -2"
    )
