"""Days of messages whose truth is known, as counts: what groups and hours deliver, chance and wobble included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

DAY = np.array(
    [0.2, 0.1, 0.1, 0.1, 0.1, 0.2, 0.5, 1, 2, 3, 4, 4, 3, 3, 3, 3, 3, 4, 4, 3, 2, 1.5, 1, 0.5],
    dtype=np.float64,
)
"""How many messages each hour has, night hours few."""

RATE = 0.95


def hours(n: int, days: int = 1) -> np.ndarray:
    """Sizes of the hours of so many days of n messages each."""
    return np.tile(n * DAY / DAY.sum(), days)


def rates(chance: np.random.Generator, n_hours: int, wobble: float) -> np.ndarray:
    """The true rate of each hour."""
    return np.clip(RATE + wobble * chance.standard_normal(n_hours), 0, 1)


def cells(
    chance: np.random.Generator,
    groups: Mapping[str, float],
    sizes: np.ndarray,
    wobble: float,
    *,
    is_shared: bool = True,
    lower: Mapping[str, float] | None = None,
    at: Mapping[str, Iterable[int]] | None = None,
) -> pd.DataFrame:
    """Counts as `metrics.comparisons.counts` gives them: groups with their share of each hour, or `at` some hours only.

    `lower` is by how much a group's rate is lower; with `is_shared` all groups wobble alike in an hour.
    """
    together = rates(chance, len(sizes), wobble)
    found = []
    for name, share in groups.items():
        own = together if is_shared else rates(chance, len(sizes), wobble)
        places = np.array(sorted((at or {}).get(name, range(len(sizes)))))
        n = np.maximum((share * sizes[places]).astype(np.int64), 1)
        p = np.clip(own[places] - (lower or {}).get(name, 0.0), 0, 1)
        found.append(
            pd.DataFrame({"group": name, "slice": places, "n_messages": n, "k": chance.binomial(n, p)})
        )
    return pd.concat(found, ignore_index=True).assign(n_young=0)


def hour_counts(k: np.ndarray, n: np.ndarray, step_s: int) -> pd.DataFrame:
    """Counts as `metrics.control.steps` gives them, one row for each hour from 0 on."""
    hour = np.arange(len(n)) * 3600
    return pd.DataFrame({"second": hour // step_s * step_s, "hour": hour, "n": n, "k": k, "n_young": 0})


CODES = {"633": 0.5, "20b": 0.25, "4": 0.15, "77": 0.08, "9": 0.02}
"""Which share of the failures has which code."""


def burst_counts(
    chance: np.random.Generator,
    n_day: int,
    days: int,
    wobble: float,
    *,
    at: Iterable[int] = (),
    code: str = "",
    more: float = 0.0,
) -> pd.DataFrame:
    """Counts as `metrics.bursts.by_hour` gives them; in the hours `at`, `code` strikes `more` of all messages."""
    sizes = np.maximum(chance.poisson(hours(n_day, days)), 1)
    rows: list[tuple[int, str, str | None, int]] = []
    for hour, (n, rate) in enumerate(zip(sizes, rates(chance, len(sizes), wobble), strict=True)):
        shares = np.array(list(CODES.values())) * (1 - rate)
        if code and hour in set(at):
            shares[list(CODES).index(code)] += more
        *struck, rest = chance.multinomial(n, [*shares, 1 - shares.sum()])
        rows += [(hour * 3600, "failed", name, k) for name, k in zip(CODES, struck, strict=True) if k]
        rows.append((hour * 3600, "other", None, rest))
    return pd.DataFrame(rows, columns=["hour", "state", "code", "n_messages"])
