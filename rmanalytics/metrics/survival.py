"""How long until a message is delivered, counting those still in flight (Aalen-Johansen)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from rmanalytics.metrics.grouping import DIMENSIONS, ZONE, aggregated, checked, frame
from rmanalytics.metrics.latency import QUANTILES, label
from rmanalytics.models import ACCEPTED, FINAL, State
from rmanalytics.stats.incidence import Curve, incidence

By = str | Sequence[str]

SHARES_S = (5, 30, 60, 300)
"""Times whose share delivered people ask for, in seconds."""

BINS = ((60, 0.1), (3600, 1), (86_400, 60), (float("inf"), 600))
"""Up to so many seconds, times are rounded up to multiples of so many."""

CLOCK_ERROR_S = 60.0
LONGEST_S = 7 * 86_400.0
"""No operator keeps an SMS for longer; a later end is implausible."""

_COUNTS = ("n_delivered", "n_failed", "n_censored")


def ends(outcomes: ir.Table, by: By = (), zone: str = ZONE) -> ir.Table:
    """Return the expression behind the curves: by…, time_s, n_delivered, n_failed, n_censored.

    Times are rounded up to 0.1 s within the first minute, then to 1 s within an hour, 1 min within a day and
    10 min beyond: a million messages make some thousand rows, and curves are exact at those times when no
    message in flight is of an age between two of them. Negative latencies count at 0.
    """
    t = _accepted(outcomes)
    t = t.filter(t.waited_s.notnull()).mutate(waited_s=_rounded_up(ibis.greatest(t.waited_s, 0.0)))
    names = checked(by)
    here = t.state.isin
    return t.group_by(**{name: DIMENSIONS[name](t, zone) for name in names}, time_s=t.waited_s).agg(
        n_delivered=t.count(where=t.state == State.DELIVERED.value),
        n_failed=t.count(where=t.state == State.FAILED.value),
        n_censored=t.count(where=~here(FINAL)),
    )


def curves(outcomes: ir.Table, by: By = (), zone: str = ZONE) -> pd.DataFrame:
    """Return the cumulative incidence of delivered and of failed among all accepted messages, per group.

    Columns: by…, time_s (since acceptance), n_at_risk, n_delivered, n_failed, n_censored (last seen in flight
    at that age), then for delivered and failed each <state>, <state>_low, <state>_high (0 to 1, pointwise 95 %).
    A message in flight is censored at its age as of the outcomes' time: it counts for as long as it was
    watched. A DLR that is still under way when its message was delivered makes young messages look a little
    slower than they are.
    """
    parts = [table.assign(**_lines(table)) for _, table in _groups(outcomes, by, zone)]
    columns = [*checked(by), "time_s", "n_at_risk", *_COUNTS]
    columns += [f"{state}{end}" for state in FINAL for end in ("", "_low", "_high")]
    if not parts:
        return pd.DataFrame(columns=columns, dtype="float64")
    return pd.concat(parts, ignore_index=True)[columns]


def time_to_delivery(
    outcomes: ir.Table,
    by: By = ("campaign_id",),
    quantiles: Sequence[float] = QUANTILES,
    shares_s: Sequence[int] = SHARES_S,
    zone: str = ZONE,
) -> pd.DataFrame:
    """Return when which share of all accepted messages is delivered, those in flight censored, per group.

    Columns: by…, n_accepted, n_in_flight, n_untimed (of no known time: not in the curve), n_negative (counted at
    0 s), n_implausible (dated more than a minute after the outcomes' time, or after more than a week; counted
    as they are), p50_s, p50_low_s, p50_high_s and so on (seconds; NaN where so many are never delivered, as far
    as anyone has watched), within_5s, within_5s_low, within_5s_high and so on (0 to 1; NaN where no message
    was watched so long).
    """
    names = checked(by)
    rows = frame(aggregated(_accepted(outcomes), by, zone, partial(_measures)), by)
    known = {key: _curve(table, State.DELIVERED) for key, table in _groups(outcomes, by, zone)}
    empty = incidence([], [], [], [])
    told = [
        figures(known.get(_key(row, names), empty), quantiles, shares_s) for row in rows.to_dict("records")
    ]
    numbers = pd.DataFrame(told, index=rows.index, columns=list(figures(empty, quantiles, shares_s)))
    return pd.concat([rows, numbers.astype("float64")], axis="columns")


def delivery_curve(outcomes: ir.Table) -> Curve:
    """Return the cumulative incidence of delivered among all accepted messages."""
    return state_curve(outcomes, State.DELIVERED)


def state_curve(outcomes: ir.Table, state: State) -> Curve:
    """Return the cumulative incidence of a final state among all accepted messages."""
    found = [_curve(table, state) for _, table in _groups(outcomes, (), ZONE)]
    return found[0] if found else incidence([], [], [], [])


def figures(
    curve: Curve, quantiles: Sequence[float] = QUANTILES, shares_s: Sequence[int] = SHARES_S
) -> dict[str, float]:
    """Return a curve's quantiles and shares with their intervals, named as in `time_to_delivery`."""
    told: dict[str, float] = {}
    for quantile in quantiles:
        name = label(quantile)
        told |= dict(
            zip((f"{name}_s", f"{name}_low_s", f"{name}_high_s"), curve.quantile(quantile), strict=True)
        )
    for moment in shares_s:
        name = f"within_{moment}s"
        told |= dict(zip((name, f"{name}_low", f"{name}_high"), curve.at(moment), strict=True))
    return told


def _groups(outcomes: ir.Table, by: By, zone: str) -> Iterator[tuple[tuple[Any, ...], pd.DataFrame]]:
    """Yield each group's key and its table of times, ascending."""
    names = list(checked(by))
    rows = frame(ends(outcomes, names, zone), names).sort_values([*names, "time_s"], ignore_index=True)
    if not names:
        if len(rows):
            yield (), rows
        return
    for _, table in rows.groupby(names, dropna=False, sort=False):
        yield _key(table.iloc[0].to_dict(), names), table


def _key(row: dict[Any, Any], names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(None if pd.isna(row[name]) else row[name] for name in names)


def _curve(table: pd.DataFrame, state: State) -> Curve:
    other = next(one for one in FINAL if one != state)
    counts = (table[f"n_{state}"], table[f"n_{other}"], table["n_censored"])
    return incidence(table["time_s"].to_numpy(), *(count.to_numpy() for count in counts))


def _lines(table: pd.DataFrame) -> dict[str, Any]:
    lines: dict[str, Any] = {}
    for state in FINAL:
        curve = _curve(table, state)
        lines |= {"n_at_risk": curve.at_risk.astype("int64"), state.value: curve.share}
        lines |= {f"{state}_low": curve.low, f"{state}_high": curve.high}
    return lines


def _accepted(outcomes: ir.Table) -> ir.Table:
    """Return the accepted messages and how long each was seen waiting, until its end or until now."""
    t = outcomes.filter(outcomes.state.isin(ACCEPTED))
    return t.mutate(waited_s=t.state.isin(FINAL).ifelse(t.latency_s, t.age_s))


def _rounded_up(seconds: ir.FloatingColumn) -> ir.FloatingColumn:
    """Return the seconds as the next multiple of their bin; a millionth of clock noise makes no new bin."""
    cases = [
        (seconds <= limit, ((seconds / width - 1e-6).ceil() * width).round(1)) for limit, width in BINS[:-1]
    ]
    width = BINS[-1][1]
    return ibis.cases(*cases, else_=((seconds / width - 1e-6).ceil() * width).round(1)).cast("float64")


def _measures(t: ir.Table) -> dict[str, ir.Value]:
    finals = t.state.isin(FINAL)
    odd = (t.latency_s > t.age_s + CLOCK_ERROR_S) | (t.latency_s > LONGEST_S)
    return {
        "n_accepted": t.count(),
        "n_in_flight": t.count(where=~finals),
        "n_untimed": t.count(where=t.waited_s.isnull()),
        "n_negative": t.count(where=finals & (t.latency_s < 0)),
        "n_implausible": t.count(where=finals & odd),
    }
