"""Why messages did not arrive: the codes of refusals and of failed DLRs, with their share."""

from __future__ import annotations

import ibis.expr.types as ir
import pandas as pd

from rmanalytics.metrics.stats.intervals import wilson
from rmanalytics.models import ACCEPTED, State

UNREACHED = (State.REFUSED, State.FAILED)


def failure_codes(outcomes: ir.Table) -> pd.DataFrame:
    """Return one row per code that refused or failed a message, the most frequent first.

    Columns: state (`refused`: by the submit response; `failed`: by DLR), code (null: none was told),
    n_messages, n_base (submitted, or accepted), share (0 to 1), low, high (95 % Wilson interval),
    first_at, last_at (final_at of the first and last of them).
    """
    bases = outcomes.aggregate(
        refused=outcomes.count(),
        failed=outcomes.state.isin(ACCEPTED).sum(),
    ).execute()
    t = outcomes.filter(outcomes.state.isin(UNREACHED))
    code = (t.state == State.REFUSED).ifelse(t.submit_code, t.error_code)
    counts = t.group_by(state=t.state, code=code).agg(
        n_messages=t.count(), first_at=t.final_at.min(), last_at=t.final_at.max()
    )
    frame: pd.DataFrame = counts.execute()
    n_base = frame["state"].map(bases.iloc[0].fillna(0)).astype("int64")
    low, high = wilson(frame["n_messages"], n_base)
    frame = frame.assign(n_base=n_base, share=frame["n_messages"] / n_base, low=low, high=high)
    frame = frame.sort_values(
        ["n_messages", "state", "code"], ascending=[False, True, True], ignore_index=True
    )
    return frame[["state", "code", "n_messages", "n_base", "share", "low", "high", "first_at", "last_at"]]
