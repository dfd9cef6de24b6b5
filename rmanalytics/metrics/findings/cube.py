"""Counts of the days asked about and of the 28 before, by all that may explain a change: one query in the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from rmanalytics.metrics.local_time import local_seconds
from rmanalytics.metrics.money import spent
from rmanalytics.metrics.operators import operator
from rmanalytics.models import ACCEPTED, NOT_ACCEPTED, State
from rmanalytics.stats.baseline import N_DAYS
from rmanalytics.stats.intervals import Floats

DIMENSIONS = ("route", "operator", "campaign_id", "template_id", "header")
"""What a change may be confined to; of two that say the same, the earlier one is named."""

KEYS = ("day", "hour", *DIMENSIONS, "state", "code")
MEASURES = ("n", "n_young", "n_timed", "log_s", "log_s2", "n_priced", "spent", "spent2")
_EPOCH = date(1970, 1, 1)
_LEAST_S = 1.0
NOW = N_DAYS
"""The place of the days asked about, behind those before."""

Group = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The local days that are asked about, both included."""

    first: date
    last: date

    @property
    def before(self) -> date:
        """The first of the days that they are compared with."""
        return self.first - timedelta(days=N_DAYS)

    @property
    def is_one(self) -> bool:
        """Whether it is a single day."""
        return self.first == self.last


def counts(outcomes: ir.Table, days: Days, zone: str, after_s: float) -> ir.Table:
    """Return the expression behind `read`: a row per local day (hour too, of the days asked about) and group.

    n are the messages that can be judged (not accepted, or accepted and at least `after_s` old), n_young the others;
    of delivered ones n_timed have the time log_s (sum of logarithms), log_s2 (of their squares); so of spent.
    """
    t = outcomes.mutate(
        local=local_seconds(outcomes.planned_at, zone),
        operator=operator(outcomes.mcc_mnc),
        code=outcomes.state.isin(NOT_ACCEPTED).ifelse(outcomes.submit_code, outcomes.error_code),
        is_old=~outcomes.state.isin(ACCEPTED) | (outcomes.age_s >= after_s).fill_null(False),
        log_s=outcomes.latency_s.clip(lower=_LEAST_S).ln(),
        paid=spent(outcomes),
    )
    is_timed = t.is_old & (t.state == State.DELIVERED.value) & t.latency_s.notnull()
    first = (days.first - _EPOCH).days
    day = (t.local // 86_400).cast("int64")
    hour = (day >= first).ifelse((t.local // 3600 % 24).cast("int64"), ibis.literal(-1, type="int64"))
    grouped = t.group_by(day=day, hour=hour, **{name: t[name] for name in (*DIMENSIONS, "state", "code")})
    counted: ir.Table = grouped.agg(
        n=t.is_old.sum(),
        n_young=(~t.is_old).sum(),
        n_timed=is_timed.sum(),
        log_s=t.log_s.sum(where=is_timed),
        log_s2=(t.log_s * t.log_s).sum(where=is_timed),
        n_priced=t.paid.count(where=t.is_old),
        spent=t.paid.sum(where=t.is_old),
        spent2=(t.paid * t.paid).sum(where=t.is_old),
    )
    return counted


def read(outcomes: ir.Table, days: Days, zone: str, after_s: float) -> Cube:
    """Return the counts of the outcomes planned in these days and the 28 before."""
    return made(counts(outcomes, days, zone, after_s).execute(), days)


def made(rows: pd.DataFrame, days: Days) -> Cube:
    """Return the cube of rows with `KEYS` and `MEASURES`; days that are not asked about are left out."""
    place = rows["day"].to_numpy("int64") - (days.before - _EPOCH).days
    is_in = (place >= 0) & (rows["day"].to_numpy("int64") <= (days.last - _EPOCH).days)
    rows, place = rows[is_in].reset_index(drop=True), place[is_in]
    rows[list(MEASURES)] = rows[list(MEASURES)].astype("float64").fillna(0.0)
    texts = {name: rows[name].astype("str").where(rows[name].notna(), "") for name in (*DIMENSIONS, "code")}
    return Cube(days=days, rows=rows.assign(**texts, day_place=place, place=np.minimum(place, NOW)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cube:
    """The rows, each with `place`: 0 to 27 is a day before, `NOW` a day asked about (`day_place` goes on counting)."""

    days: Days
    rows: pd.DataFrame

    @property
    def n_before(self) -> int:
        """Days before with any message that can be judged."""
        seen = self.rows.loc[(self.rows["place"] < NOW) & (self.rows["n"] > 0), "place"]
        return int(seen.nunique())

    def total(self, measure: str) -> int:
        """Return the sum of a measure over the days asked about."""
        return int(self.rows.loc[self.rows["place"] == NOW, measure].sum())

    def of(self, where: dict[str, str]) -> Cube:
        """Return the part about these values."""
        return replace(self, rows=self.rows[self._is_in(where)])

    def without(self, *wheres: dict[str, str]) -> Cube:
        """Return the part about everything else, of all days."""
        rows = self.rows
        for where in wheres:
            rows = rows[~replace(self, rows=rows)._is_in(where)]
        return replace(self, rows=rows)

    def keeping(self, wanted: Callable[[pd.DataFrame], pd.Series]) -> Cube:
        """Return the part whose rows are wanted."""
        return replace(self, rows=self.rows[wanted(self.rows)])

    def by(
        self, names: Sequence[str], measures: dict[str, Floats]
    ) -> Iterator[tuple[Group, dict[str, Floats]]]:
        """Yield each group that has a value for all names, with its measures by place (`NOW` the last)."""
        rows = self.rows
        numbers = np.zeros(len(rows), dtype="int64")
        values: list[pd.Index] = []
        is_named = np.ones(len(rows), dtype=bool)
        for name in names:
            found, uniques = pd.factorize(rows[name])
            numbers = numbers * max(len(uniques), 1) + found
            values.append(pd.Index(uniques))
            is_named &= (rows[name] != "").to_numpy()
        there, own = np.unique(numbers[is_named], return_inverse=True)
        slots = own * (NOW + 1) + rows["place"].to_numpy()[is_named]
        shape = (len(there), NOW + 1)
        summed = {
            name: np.bincount(slots, weights[is_named], minlength=shape[0] * shape[1]).reshape(shape)
            for name, weights in measures.items()
        }
        for place, number in enumerate(there):
            yield _named(int(number), values), {name: table[place] for name, table in summed.items()}

    def _is_in(self, where: dict[str, str]) -> pd.Series:
        is_in = pd.Series(True, index=self.rows.index)
        for name, value in where.items():
            is_in &= self.rows[name] == value
        return is_in


def _named(number: int, values: Sequence[pd.Index]) -> Group:
    """Return the values that a group's number stands for."""
    named: list[str] = []
    for own in reversed(values):
        number, place = divmod(number, max(len(own), 1))
        named.append(str(own[place]))
    return tuple(reversed(named))
