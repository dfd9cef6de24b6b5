"""Pages of simulated mornings: how often a steady one alarms, and how often a fault that is there is found.

Seeded and bounded; the rates, with those of before, are in `tests/benchmarks/README.md`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from support.mornings import burst_counts, cells, hour_counts, hours, rates

from rmanalytics.metrics import bursts, control
from rmanalytics.metrics.comparisons import Evidence, compared, judged

N_DAY = 60_000
WOBBLE = 0.01
"""Hourly rates have this standard deviation beside chance: one point."""

HEADERS = {"A": 0.5, "B": 0.3, "C": 0.2}
OPERATORS = {"Jio": 0.4, "Airtel": 0.3, "Vi": 0.24, "BSNL": 0.06}
CAMPAIGNS = {f"c{place}": 1.0 for place in range(8)}
OUTSIDE = (control.StepVerdict.BELOW, control.StepVerdict.ABOVE, control.StepVerdict.DRIFT)


def page(*frames: pd.DataFrame) -> pd.DataFrame:
    """The comparisons of one page that are called real, q-values over all of them."""
    parts = [compared(one, "group").assign(dimension=str(place)) for place, one in enumerate(frames)]
    rows = judged(pd.concat(parts, ignore_index=True))
    return rows[rows["evidence"].isin([Evidence.HIGHER, Evidence.LOWER])]


def sent_at(chance: np.random.Generator) -> dict[str, list[int]]:
    """Each campaign is sent in two hours of the day."""
    return {name: chance.choice(np.arange(8, 22), 2, replace=False).tolist() for name in CAMPAIGNS}


def null_page(chance: np.random.Generator, *, is_shared: bool) -> pd.DataFrame:
    """A page on which nothing differs but by chance and wobble."""
    sizes = hours(N_DAY)
    by_hour = cells(chance, {"all": 1.0}, sizes, WOBBLE).assign(group=lambda t: t["slice"])
    groups = [cells(chance, names, sizes, WOBBLE, is_shared=is_shared) for names in (HEADERS, OPERATORS)]
    return page(*groups, cells(chance, CAMPAIGNS, sizes, WOBBLE, at=sent_at(chance)), by_hour)


@pytest.mark.parametrize("is_shared", [True, False], ids=["hours wobble", "each group wobbles"])
def test_a_steady_page_alarms_in_one_of_twenty(is_shared: bool) -> None:
    """Of 40 pages of headers, operators, campaigns and hours without any effect at most 3 call one different; this
    holds for 5 % as well (binomial, in 86 of 100 cases).
    """
    chance = np.random.default_rng(20261130)
    assert sum(len(null_page(chance, is_shared=is_shared)) > 0 for _ in range(40)) <= 3


def test_one_bad_campaign_is_the_only_one() -> None:
    """A campaign of eight that is 8 points worse is found in 9 of 10 pages, and no good one is called higher."""
    chance, found, higher = np.random.default_rng(8), 0, 0
    for _ in range(40):
        lower = {"c3": 0.08}
        real = page(cells(chance, CAMPAIGNS, hours(N_DAY), WOBBLE, at=sent_at(chance), lower=lower))
        found += "c3" in set(real["group"])
        higher += bool((real["evidence"] == Evidence.HIGHER).any())
    assert found >= 36
    assert higher <= 2


def test_a_header_five_points_lower_is_found() -> None:
    """A header that is five points lower all day is always found, and the others rarely differ too."""
    chance, others = np.random.default_rng(9), 0
    for _ in range(20):
        real = page(cells(chance, HEADERS, hours(N_DAY), WOBBLE, is_shared=False, lower={"C": 0.05}))
        assert "C" in set(real["group"])
        others += len(real) > 1
    assert others <= 3


def test_an_outage_of_a_small_operator_is_found() -> None:
    """An operator with 6 % of the traffic that delivers nothing for two hours of the day is called lower."""
    chance = np.random.default_rng(10)
    for _ in range(20):
        own = cells(chance, OPERATORS, hours(N_DAY), WOBBLE)
        own.loc[(own["group"] == "BSNL") & own["slice"].isin([11, 12]), "k"] = 0
        assert "BSNL" in set(page(own)["group"])


def charts(
    n_pages: int,
    days: int,
    step_s: int,
    fault: Callable[[np.ndarray], None] | None = None,
    wobble: float = WOBBLE,
) -> list[list[control.StepVerdict]]:
    """The verdicts of so many charts; `fault` changes the true rates of the hours."""
    chance, found = np.random.default_rng(11), []
    for _ in range(n_pages):
        n = np.maximum(chance.poisson(hours(N_DAY, days)), 1)
        rate = rates(chance, len(n), wobble)
        if fault:
            fault(rate)
        found.append(
            control.judged(hour_counts(chance.binomial(n, rate), n, step_s), step_s)["verdict"].tolist()
        )
    return found


CHARTS = {
    "hours of a day": (1, 3600),
    "hours of a week": (7, 3600),
    "days of a week": (7, 86_400),
    "4 days": (4, 86_400),
}


@pytest.mark.parametrize("days, step_s", CHARTS.values(), ids=CHARTS)
def test_a_steady_chart_alarms_in_one_of_twenty(days: int, step_s: int) -> None:
    """Of 100 charts at most 8 show anything; this holds for 5 % in 94 of 100 cases."""
    assert sum(any(one in OUTSIDE for one in verdicts) for verdicts in charts(100, days, step_s)) <= 8


def outage(rate: np.ndarray) -> None:
    """An operator with 6 % of the traffic delivers nothing for two hours of the last day."""
    rate[-13:-11] *= 0.94


def lower_day(rate: np.ndarray) -> None:
    """The last day is five points lower."""
    rate[-24:] -= 0.05


def test_an_outage_of_two_hours_is_found_by_day() -> None:
    """The chart of the hours of a day shows it in most cases (3 of 4), that of a week nearly always."""
    for days, least in ((1, 24), (7, 36)):
        found = charts(40, days, 3600, outage)
        assert sum(control.StepVerdict.BELOW in verdicts[-13:-11] for verdicts in found) >= least


@pytest.mark.parametrize("days", [2, 3, 4, 7, 14])
def test_a_day_five_points_lower_is_found(days: int) -> None:
    """Of two days or more the one that is five points lower is always below its limits."""
    assert all(verdicts[-1] == control.StepVerdict.BELOW for verdicts in charts(20, days, 86_400, lower_day))


@pytest.mark.parametrize("days", [1, 3])
def test_steady_codes_make_no_burst(days: int) -> None:
    """Of 30 pages whose failures wobble by a point at most one has a burst."""
    chance = np.random.default_rng(12)
    assert sum(len(bursts.found(burst_counts(chance, N_DAY, days, WOBBLE))) > 0 for _ in range(30)) <= 1


def test_a_burst_of_three_hours_is_found() -> None:
    """A code that strikes two points more for three hours is found as one burst, its expectation is what the other
    hours have: within a quarter of the truth.
    """
    chance, found = np.random.default_rng(13), []
    for _ in range(20):
        rows = bursts.found(burst_counts(chance, N_DAY, 3, WOBBLE, at=range(11, 14), code="77", more=0.02))
        found += rows[rows["code"] == "77"].to_dict("records")
    assert len(found) >= 18
    long = [row for row in found if row["hours"] == 3]
    assert len(long) >= 15
    for row in long:
        assert row["n_expected"] == pytest.approx(row["n_planned"] * 0.05 * 0.08, rel=0.25)
