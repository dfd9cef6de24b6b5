"""Whether a number got worse in any group by more than chance, and which is the smallest group that explains it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, log

import numpy as np
import pandas as pd

from rmanalytics.metrics.findings.cube import DIMENSIONS, NOW, Cube
from rmanalytics.stats.baseline import Change, higher, rise
from rmanalytics.stats.intervals import Floats

ALPHA = 0.05
"""The probability that a page has any finding where nothing changed: shared by all its tests (Bonferroni)."""

N_MIN = 30
"""A group of fewer messages is not tested by itself."""

N_GROUPS = 50
"""So many groups of a dimension are tested, the largest."""

MOST_HOURS = 6
"""A change within a day is dated to hours where they are at most so many."""

_MARGIN = 6.0
"""By how much likelier (logarithm) today is with a change of its own for a part of a group."""

_DEEPEST = 2
_NEARLY_ALL, _AS_GOOD = 0.85, 2.0

Weights = Mapping[str, Floats]
Where = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """A group in which a number got worse: how, and its sums by place."""

    where: Where
    change: Change
    sums: Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareWatch:
    """A share to watch: k of n, where more is worse; it must rise by `least` and `least_n` messages to be told of."""

    weigh: Callable[[pd.DataFrame], Weights]
    gates: Sequence[str]
    least: float = 0.01
    least_n: int = 5

    def may_be(self, sums: Weights) -> bool:
        """Return whether it may be a finding at all: most groups are out by this."""
        n, k = sums["n"], sums["k"]
        return bool(k[NOW] - self.least_n >= n[NOW] * _pooled(sums) * 0.5 and k[NOW] >= self.least_n)

    def change(self, sums: Weights, *, is_day: bool) -> Change:
        """Return how it changed."""
        n, k = sums["n"], sums["k"]
        return rise(n[:NOW], k[:NOW], float(n[NOW]), float(k[NOW]), is_day=is_day)

    @property
    def order(self) -> list[str]:
        """The dimensions, those first by which a group is named if it can be by several."""
        return _ordered(self.gates)

    def moved(self, sums: Weights) -> float:
        """Return by how much it rose."""
        return float(sums["k"][NOW]) / float(sums["n"][NOW]) - _pooled(sums)

    def score(self, sums: Weights, moved: float) -> float:
        """Return how much likelier today is with a share of its own than with the one of before and `moved`."""
        n, k, usual = (
            float(sums["n"][NOW]),
            float(sums["k"][NOW]),
            min(max(_pooled(sums) + moved, 1e-6), 1 - 1e-6),
        )
        if not n or k / n <= usual:
            return 0.0
        rest = n - k
        return k * log(k / (n * usual)) + (rest * log(rest / (n * (1 - usual))) if rest else 0.0)

    def n_lost(self, found: Grouped) -> int:
        """Return by how many messages it is worse than expected."""
        return round(found.change.difference * float(found.sums["n"][NOW]))

    def is_large(self, found: Grouped) -> bool:
        """Return whether it is worth a word."""
        return found.change.difference >= self.least and self.n_lost(found) >= self.least_n

    def level(self, sums: Weights) -> Floats:
        """Return the share by place."""
        return _ratio(sums["k"], sums["n"])


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanWatch:
    """A mean to watch: of n values their `sum` and the sum of their squares, on a scale of logarithms or not."""

    weigh: Callable[[pd.DataFrame], Weights]
    gates: Sequence[str]
    least: float
    is_log: bool = False

    def may_be(self, sums: Weights) -> bool:
        """Return whether it may be a finding at all."""
        usual = _ratio(sums["sum"][:NOW].sum(), sums["n"][:NOW].sum())
        return bool(sums["n"][NOW] >= N_MIN and self.level(sums)[NOW] > usual)

    def change(self, sums: Weights, *, is_day: bool) -> Change:
        """Return how it changed."""
        n, mean = sums["n"], self.level(sums)
        variance = self._variance(sums)
        return higher(n[:NOW], mean[:NOW], variance, float(n[NOW]), float(mean[NOW]), is_day=is_day)

    @property
    def order(self) -> list[str]:
        """The dimensions, those first by which a group is named if it can be by several."""
        return _ordered(self.gates)

    def moved(self, sums: Weights) -> float:
        """Return by how much it rose."""
        usual = _ratio(sums["sum"][:NOW].sum(), sums["n"][:NOW].sum())
        return float(self.level(sums)[NOW] - usual)

    def score(self, sums: Weights, moved: float) -> float:
        """Return how much likelier today is with a mean of its own than with the one of before and `moved`."""
        n, variance = sums["n"], self._variance(sums)
        off = self.moved(sums) - moved
        return float(n[NOW]) * off**2 / (2 * variance) if off > 0 and variance > 0 else 0.0

    def n_lost(self, found: Grouped) -> int:
        """Return how many messages it is about: none of them is lost."""
        return 0

    def is_large(self, found: Grouped) -> bool:
        """Return whether it is worth a word."""
        return self.ratio(found.change.difference, found.change.before) >= self.least

    def ratio(self, difference: float, before: float) -> float:
        """Return a difference as how many times as much."""
        return exp(difference) if self.is_log else 1 + difference / before if before > 0 else 1.0

    def level(self, sums: Weights) -> Floats:
        """Return the mean by place."""
        return _ratio(sums["sum"], sums["n"])

    def _variance(self, sums: Weights) -> float:
        """Return the variance of single values, at least that of one part in a hundred."""
        n, total = float(sums["n"].sum()), float(sums["sum"].sum())
        if not n:
            return 0.0
        within = float((sums["squares"] - sums["sum"] * self.level(sums)).sum())
        mean = total / n
        return max(within / n, 1e-4 if self.is_log else (0.01 * mean) ** 2)


Watch = ShareWatch | MeanWatch


def n_tests(cube: Cube, watch: Watch) -> int:
    """Return how many groups of a number are tested."""
    return sum(1 for _ in _gates(cube, watch))


def scan(cube: Cube, watch: Watch, alpha: float) -> Iterator[Grouped]:
    """Yield the groups in which the number got worse, the plainest first, each without those before."""
    while (found := _explaining(cube, watch, alpha)) is not None:
        yield found
        if not found.where:
            return
        cube = cube.without(found.where)


def since(cube: Cube, watch: Watch, found: Grouped) -> tuple[date, tuple[int, int] | None]:
    """Return the first day of those, up to the last one, on which it was as bad as now; of one day also the hours."""
    own = cube.of(found.where)
    halfway = (found.change.now + found.change.before) / 2
    first = cube.days.last
    for place, level in _by_day(own, watch):
        if level < halfway:
            break
        first = cube.days.before + timedelta(days=place)
    is_today = cube.days.is_one and first == cube.days.first
    return first, _hours(own, watch, found.change.before) if is_today else None


def _by_day(cube: Cube, watch: Watch) -> Iterator[tuple[int, float]]:
    """Yield place and level of each day with some messages, the last one first."""
    rows = cube.rows.assign(**watch.weigh(cube.rows))
    names = ["n", "k"] if isinstance(watch, ShareWatch) else ["n", "sum"]
    days = rows.groupby("day_place")[names].sum().sort_index(ascending=False)
    for place, row in days[days["n"] >= 5].iterrows():
        yield int(str(place)), float(row[names[1]] / row["n"])


def _hours(cube: Cube, watch: Watch, before: float) -> tuple[int, int] | None:
    """Return the hours (the end not included) that a change of one day is confined to, None where it is not."""
    if not isinstance(watch, ShareWatch):
        return None
    rows = cube.rows[cube.rows["place"] == NOW]
    hours = rows.assign(**watch.weigh(rows)).groupby("hour")[["n", "k"]].sum()
    excess = (hours["k"] - before * hours["n"]).clip(lower=0).reindex(range(24)).fillna(0.0).to_numpy()
    bad = np.flatnonzero(excess >= 0.25 * excess.max())
    if bad[-1] - bad[0] >= MOST_HOURS or excess[bad[0] : bad[-1] + 1].sum() < 0.8 * excess.sum():
        return None
    return int(bad[0]), int(bad[-1]) + 1


def _gates(cube: Cube, watch: Watch) -> Iterator[tuple[Where, Weights]]:
    """Yield all messages together and the larger groups of each dimension; the same messages only once."""
    weights, seen = dict(watch.weigh(cube.rows)), set[bytes]()
    for _, sums in cube.by((), weights):
        yield {}, sums
    for name in watch.gates:
        own = [(group, sums) for group, sums in cube.by((name,), weights) if sums["n"][NOW] >= N_MIN]
        own.sort(key=lambda one: -one[1]["n"][NOW])
        for group, sums in own[:N_GROUPS]:
            told = b"".join(one.tobytes() for one in sums.values())
            if told not in seen:
                seen.add(told)
                yield {name: group[0]}, sums


def _explaining(cube: Cube, watch: Watch, alpha: float) -> Grouped | None:
    """Return the smallest group that explains what got worse, None where nothing did.

    All messages, or else the tested group with the plainest change; then, as long as a part of it changed more than
    the rest of it by more than chance explains, that part.
    """
    worse = list(_worse(cube, watch, alpha))
    if not worse:
        return None
    found = worse[0] if not worse[0].where else max(worse, key=lambda one: watch.score(one.sums, 0.0))
    while len(found.where) < _DEEPEST and (part := _part(cube, watch, found)):
        found = part
    return found if found.where else _most(cube, watch, found)


def _worse(cube: Cube, watch: Watch, alpha: float) -> Iterator[Grouped]:
    """Yield the tested groups in which it got worse by more than chance, and by enough to be told of."""
    for where, sums in _gates(cube, watch):
        if watch.may_be(sums):
            found = _found(cube, watch, where, sums)
            if found.change.p <= alpha and watch.is_large(found):
                yield found


def _part(cube: Cube, watch: Watch, whole: Grouped) -> Grouped | None:
    """Return the part of a group that changed more than the rest of it: with a change of its own it is much likelier
    than with that of the whole.
    """
    own, usual_change = cube.of(whole.where), watch.moved(whole.sums)
    weights = dict(watch.weigh(own.rows))
    best: tuple[float, Where, Weights] | None = None
    for name in (one for one in watch.order if one not in whole.where):
        for group, sums in own.by((name,), weights):
            gain = watch.score(sums, usual_change) if sums["n"][NOW] >= N_MIN // 2 else 0.0
            if gain > _MARGIN and (best is None or gain > best[0] * (1 + 1e-9)):
                best = gain, {name: group[0]}, sums
    if best is None:
        return None
    part = _found(cube, watch, whole.where | best[1], best[2])
    return part if watch.is_large(part) else None


def _most(cube: Cube, watch: Watch, found: Grouped) -> Grouped:
    """Return the group that is nearly all messages and as much worse, if there is one, instead of all of them."""
    n, score = found.sums["n"][NOW], watch.score(found.sums, 0.0)
    for where, sums in _gates(cube, watch):
        is_most = bool(where) and sums["n"][NOW] >= _NEARLY_ALL * n
        if is_most and watch.score(sums, 0.0) >= score - _AS_GOOD:
            return _found(cube, watch, where, sums)
    return found


def _found(cube: Cube, watch: Watch, where: Where, sums: Weights) -> Grouped:
    return Grouped(where=where, change=watch.change(sums, is_day=cube.days.is_one), sums=sums)


def _ordered(first: Sequence[str]) -> list[str]:
    return [*first, *(name for name in DIMENSIONS if name not in first)]


def _pooled(sums: Weights) -> float:
    """Return the share of the days before, never none or all."""
    return float((sums["k"][:NOW].sum() + 0.5) / (sums["n"][:NOW].sum() + 1))


def _ratio(k: Floats, n: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        divided: Floats = np.where(np.asarray(n) > 0, np.divide(k, n), 0.0)
    return divided
