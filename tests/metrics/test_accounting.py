"""The accounting identities and their residuals."""

from __future__ import annotations

from typing import Any

import duckdb
import ibis
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.evidence import dlr, fold, message, submission

from rmanalytics import metrics

PLANNED = [message("m1"), message("m2"), message("m3", campaign_id=None)]
IDS = st.sampled_from(["m1", "m2", "m3"])
SUBMISSIONS = st.builds(submission, st.sampled_from(["accepted", "unclear", "refused", "unsent"]), IDS)
DLRS = st.builds(dlr, st.sampled_from(["delivered", "failed", "queued", "unknown", "x"]), st.none() | IDS)


@settings(max_examples=15, deadline=None)
@given(st.lists(SUBMISSIONS, max_size=5), st.lists(DLRS, max_size=5))
def test_adds_up(submissions: list[dict[str, Any]], dlrs: list[dict[str, Any]]) -> None:
    """Whatever submit responses and DLRs say, every message is in exactly one place: both residuals are 0."""
    found = metrics.accounting(fold(PLANNED, submissions, dlrs), by="campaign_id")
    assert found[["residual_submitted", "residual_accepted"]].eq(0).all(axis=None)
    assert found["n_submitted"].sum() == 3 + any(one["message_id"] is None for one in dlrs)


def test_whole_row() -> None:
    """The counts of a small table, and nothing left over."""
    submissions = [submission(message_id="m1"), submission("refused", "m2")]
    [row] = metrics.accounting(fold(PLANNED, submissions, [dlr()])).to_dict("records")
    assert row == {
        "n_submitted": 3,
        "n_refused": 1,
        "n_unclear": 0,
        "n_unsent": 1,
        "n_accepted": 1,
        "n_delivered": 1,
        "n_failed": 0,
        "n_queued": 0,
        "n_unknown": 0,
        "n_no_dlr": 0,
        "residual_submitted": 0,
        "residual_accepted": 0,
    }


UNSOUND = {
    "sound": ({}, (0, 0)),
    "a state that does not exist": ({"state": "lost"}, (0, 1)),
    "delivered, though nobody took it": ({"submit_result": "refused", "n_dlrs": 0}, (1, -1)),
    "no_dlr, though never taken": ({"state": "no_dlr", "submit_result": None, "n_dlrs": 0}, (1, -1)),
    "refused, though a DLR came": ({"state": "refused"}, (-1, 1)),
    "one message twice": ({"message_id": "m2"}, (-1, 0)),
}


@pytest.mark.parametrize("change, residuals", UNSOUND.values(), ids=UNSOUND)
def test_shows_what_is_wrong(change: dict[str, Any], residuals: tuple[int, int]) -> None:
    """An unsound table has residuals: the identities do not hold by definition."""
    sound = {"message_id": "m1", "state": "delivered", "submit_result": "accepted", "n_dlrs": 1}
    connection = duckdb.connect()
    connection.register("outcomes", pa.Table.from_pylist([sound | {"message_id": "m2"}, sound | change]))
    row = metrics.accounting(ibis.duckdb.from_connection(connection).table("outcomes")).iloc[0]
    assert (row["residual_submitted"], row["residual_accepted"]) == residuals


def test_no_outcomes() -> None:
    """No outcomes give one row of zeros, by a dimension none, in the types of any others."""
    assert metrics.accounting(fold()).to_dict("records") == [dict.fromkeys(metrics.accounting(fold()), 0)]
    none, full = (metrics.accounting(fold(rows), by="route") for rows in ([], PLANNED))
    pd.testing.assert_series_equal(none.dtypes, full.dtypes)
    assert none.empty
