"""Codes of refusals and failures, counted."""

from __future__ import annotations

import ibis
import pandas as pd
import pytest

from rmanalytics.metrics import wilson
from rmanalytics.metrics.failures import failure_codes

EARLY, LATE = pd.Timestamp("2026-11-20 09:00", tz="UTC"), pd.Timestamp("2026-11-20 10:00", tz="UTC")
COLUMNS = ["state", "error_code", "submit_code", "final_at"]


def outcomes(*rows: tuple[str, str | None, str | None, pd.Timestamp | None]):
    """Outcomes of those states, codes and times."""
    frame = pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(COLUMNS[:3], "str"))
    frame = frame.assign(gateway=pd.Series("route_mobile", frame.index, dtype="str"))
    return ibis.memtable(frame.assign(final_at=pd.to_datetime(frame["final_at"], utc=True)))


def test_counts_and_shares():
    """Each code has its count, its share of what it could have hit, its interval, first and last time."""
    found = failure_codes(
        outcomes(
            ("failed", "633", "1701", LATE),
            ("failed", "633", "1701", EARLY),
            ("failed", None, "1701", LATE),
            ("refused", None, "1706", EARLY),
            ("delivered", None, "1701", LATE),
            ("no_dlr", None, "1701", None),
            ("unsent", None, None, None),
            ("unclear", None, None, None),
        )
    )
    rows = found[["state", "code", "n_messages", "n_base"]].values.tolist()
    assert rows[0] == ["failed", "633", 2, 5]
    assert rows[1][:1] + rows[1][2:] == ["failed", 1, 5]
    assert pd.isna(rows[1][1])
    assert rows[2] == ["refused", "1706", 1, 8]
    assert found["share"].tolist() == pytest.approx([2 / 5, 1 / 5, 1 / 8])
    low, high = wilson([2, 1, 1], [5, 5, 8])
    assert found["low"].tolist() == pytest.approx(low.tolist())
    assert found["high"].tolist() == pytest.approx(high.tolist())
    assert found.loc[0, ["first_at", "last_at"]].tolist() == [EARLY, LATE]


def test_a_code_is_text():
    """The same number refused and failed stays two rows, and no zero is lost."""
    found = failure_codes(outcomes(("failed", "007", None, LATE), ("refused", None, "007", LATE)))
    assert found[["state", "code"]].values.tolist() == [["failed", "007"], ["refused", "007"]]


def test_nothing_failed():
    """Without failures there is no row, and without messages neither."""
    assert failure_codes(outcomes(("delivered", None, "1701", LATE))).empty
    assert failure_codes(outcomes()).empty
