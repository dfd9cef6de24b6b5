"""Time to DLR."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.evidence import at, dlr, fold, message, submission

from rmanalytics import metrics
from rmanalytics.metrics.latency import delivered_bounds


def timed(status: str, seconds: list[float]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Messages and the DLRs that say so after these seconds."""
    ids = [f"{status}{i}" for i in range(len(seconds))]
    dlrs = [
        dlr(status, one, submitted_at=at(1), done_at=at(1 + s)) for one, s in zip(ids, seconds, strict=True)
    ]
    return [message(one) for one in ids], dlrs


def test_whole_row() -> None:
    """Counts, negatives, those in flight and the quantiles of both ends."""
    good, said_good = timed("delivered", [-1, 2, 4, 6, 8])
    bad, said_bad = timed("failed", [60])
    untimed = dlr("failed", "untimed", submitted_at=None)
    waiting = [submission(message_id="waiting")]
    outcomes = fold(
        [*good, *bad, message("untimed"), message("waiting"), message("queued")],
        waiting,
        [*said_good, *said_bad, untimed, dlr("queued", "queued")],
    )
    [row] = metrics.time_to_dlr(outcomes, quantiles=(0.5, 0.9)).to_dict("records")
    assert row == pytest.approx(
        {
            "campaign_id": "camp42",
            "n_accepted": 9,
            "n_in_flight": 2,
            "n_delivered": 5,
            "n_delivered_timed": 5,
            "n_delivered_negative": 1,
            "n_failed": 2,
            "n_failed_timed": 1,
            "n_failed_negative": 0,
            "delivered_p50_s": 4,
            "delivered_p90_s": 7.2,
            "failed_p50_s": 60,
            "failed_p90_s": 60,
        }
    )


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(-5, 500).map(float), min_size=1, max_size=30))
def test_quantiles_are_exact(seconds: list[float]) -> None:
    """The engine's quantiles are numpy's."""
    row = metrics.time_to_dlr(fold(timed("delivered", seconds)[0], [], timed("delivered", seconds)[1])).iloc[
        0
    ]
    found = row[[f"delivered_{name}_s" for name in ("p50", "p90", "p95", "p99")]].tolist()
    assert found == pytest.approx(np.quantile(seconds, [0.5, 0.9, 0.95, 0.99]).tolist())


def test_no_outcomes() -> None:
    """Without a final message the quantiles are NaN; without outcomes there is no row; the types stay."""
    messages, dlrs = timed("delivered", [5])
    full, none = metrics.time_to_dlr(fold(messages, [], dlrs)), metrics.time_to_dlr(fold())
    pd.testing.assert_series_equal(none.dtypes, full.dtypes)
    assert none.empty
    row = metrics.time_to_dlr(fold(), by=()).iloc[0]
    assert (row["n_delivered"], row["n_failed"]) == (0, 0)
    assert row[["delivered_p50_s", "failed_p99_s"]].isna().all()


def test_bounds_are_order_statistics() -> None:
    """The 40th and 61st of a hundred bound the median; pending messages may come below, above, or never."""
    messages, dlrs = timed("delivered", [float(s) for s in range(1, 101)])
    outcomes = fold(messages, [], dlrs)
    ends = delivered_bounds(outcomes, 0)
    assert (ends["delivered_p50_low_s"], ends["delivered_p50_high_s"]) == (40, 61)
    assert (ends["delivered_p99_low_s"], ends["delivered_p99_high_s"]) == (
        97,
        pytest.approx(math.nan, nan_ok=True),
    )
    wider = delivered_bounds(outcomes, 20)
    assert (wider["delivered_p50_low_s"], wider["delivered_p50_high_s"]) == (29, 72)
    for n_pending in (0, 1):
        nothing = delivered_bounds(fold([message("m")], [], []), n_pending)
        assert all(math.isnan(end) for end in nothing.values())
