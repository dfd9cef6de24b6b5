"""Do the numbers add up?"""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir
import pandas as pd

from rmanalytics.metrics.grouping import ZONE, aggregated, frame
from rmanalytics.models import ACCEPTED, NOT_ACCEPTED, Result


def tally(outcomes: ir.Table, by: str | Sequence[str] = (), zone: str = ZONE) -> ir.Table:
    """Return the expression that counts messages, states and acceptances, each by its own evidence."""
    return aggregated(outcomes, by, zone, _measures)


def accounting(outcomes: ir.Table, by: str | Sequence[str] = (), zone: str = ZONE) -> pd.DataFrame:
    """Return the accounting identities, per group, with what is left over.

    submitted = refused + unclear + unsent + accepted;
    accepted = delivered + failed + queued + unknown + no DLR.
    Columns: by…, n_submitted, n_refused, n_unclear, n_unsent, n_accepted, n_delivered, n_failed, n_queued,
    n_unknown, n_no_dlr, residual_submitted, residual_accepted; both residuals are 0 when outcomes are sound.
    They can differ from it: n_submitted counts different message_ids, n_accepted counts submit responses and
    DLRs, and only the others count states.
    """
    rows = frame(tally(outcomes, by, zone), by)
    states_not_accepted, states_accepted = (
        rows[[f"n_{state}" for state in states]].sum(axis="columns") for states in (NOT_ACCEPTED, ACCEPTED)
    )
    return rows.assign(
        residual_submitted=rows["n_submitted"] - rows["n_accepted"] - states_not_accepted,
        residual_accepted=rows["n_accepted"] - states_accepted,
    )


def _measures(t: ir.Table) -> dict[str, ir.Value]:
    taken = (t.submit_result == Result.ACCEPTED.value) | (t.n_dlrs > 0)
    return {
        "n_submitted": t.message_id.nunique(),
        **{f"n_{state}": t.count(where=t.state == state.value) for state in NOT_ACCEPTED},
        "n_accepted": t.count(where=taken),
        **{f"n_{state}": t.count(where=t.state == state.value) for state in ACCEPTED},
    }
