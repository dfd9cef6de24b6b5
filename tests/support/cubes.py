"""Counts of four weeks and a day as `metrics.findings.cube` gives them, drawn by chance, with what is planted today."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from rmanalytics.metrics.failures import CodeMeaning
from rmanalytics.metrics.findings import Cube, Days, Findings, findings
from rmanalytics.metrics.findings.cube import made
from rmanalytics.models import Lasting, Party

TODAY = date(2026, 11, 12)
CAMPAIGNS = {
    "otp": ("t1", "HEAD-A", "domestic", 0.45),
    "alerts": ("t2", "HEAD-A", "domestic", 0.25),
    "sale": ("t3", "HEAD-B", "domestic", 0.2),
    "abroad": ("", "HEAD-C", "international", 0.1),
}
OPERATORS = {"Jio": 0.42, "Airtel": 0.34, "Vi": 0.16, "BSNL": 0.08}
HOURS = (1, 5, 9, 12, 15, 18, 21)
TEMPLATE_CODES = ("633",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """How messages of a group end on a day, and how long delivered ones take (median in seconds) and cost."""

    refused: float = 0.004
    no_dlr: float = 0.012
    queued: float = 0.007
    codes: dict[str, float] = field(
        default_factory=lambda: {"27": 0.02, "1": 0.02, "205": 0.02, "633": 0.012}
    )
    median_s: float = 5.0
    price: float = 0.12

    def more(self, **by: float) -> Odds:
        """These odds with more of an end (it takes from all others alike), or of a code (as `c27`)."""
        own = {name: getattr(self, name) + by[name] for name in by.keys() & {"refused", "no_dlr", "queued"}}
        left = 1 - sum(by[name] for name in own)
        codes = {code: share * left for code, share in self.codes.items()}
        codes |= {name[1:]: codes.get(name[1:], 0) + by[name] for name in by if name.startswith("c")}
        return replace(self, **own, codes=codes)


Plant = Callable[[int, dict[str, str], Odds], Odds]
"""Given how many days ago, the group and its odds, the odds with what is planted."""


def nothing(_back: int, _group: dict[str, str], odds: Odds) -> Odds:
    """As usual."""
    return odds


def drawn(
    seed: int = 1,
    plant: Plant = nothing,
    *,
    per_day: int = 1200,
    wobble: float = 0.005,
    weekend: float = 0.01,
    n_days: int = 28,
    n_judged: int = 1,
    refuse_code: str = "1032",
) -> Cube:
    """A cube of so many days before and the judged ones, in which days differ by `wobble` and weekends by `weekend`."""
    draw = np.random.default_rng(seed)
    rows = [
        row
        for back in range(n_days + n_judged - 1, -1, -1)
        for row in _day(back, draw, plant, per_day, wobble, weekend, refuse_code)
    ]
    return made(pd.DataFrame(rows), Days(first=TODAY - timedelta(days=n_judged - 1), last=TODAY))


def _day(
    back: int,
    draw: np.random.Generator,
    plant: Plant,
    per_day: int,
    wobble: float,
    weekend: float,
    refuse_code: str,
) -> Iterator[dict[str, Any]]:
    day = TODAY - timedelta(days=back)
    worse = max(-0.015, draw.normal(0, wobble) + (weekend if day.weekday() >= 5 else 0))
    size = per_day * (0.8 if day.weekday() >= 5 else 1) * (1.3 - 0.3 * back / 28)
    for campaign_id, (template_id, header, route, share) in CAMPAIGNS.items():
        for operator, part in OPERATORS.items() if route == "domestic" else [("31026", 1.0)]:
            group = {"campaign_id": campaign_id, "template_id": template_id, "header": header, "route": route}
            usual = Odds()
            usual = usual.more(c1=worse) if usual.codes["1"] + worse > 0 else usual
            for hour in HOURS if back == 0 else (-1,):
                odds = plant(back, group | {"operator": operator, "hour": str(hour)}, usual)
                n = int(draw.poisson(size * share * part / (len(HOURS) if back == 0 else 1)))
                number = (day - date(1970, 1, 1)).days
                yield from _group(n, group | {"day": number, "hour": hour}, operator, odds, draw, refuse_code)


def _group(
    n: int,
    group: dict[str, Any],
    operator: str,
    odds: Odds,
    draw: np.random.Generator,
    refuse_code: str,
) -> Iterator[dict[str, Any]]:
    ends = [
        ("refused", refuse_code, odds.refused),
        ("no_dlr", None, odds.no_dlr),
        ("queued", None, odds.queued),
    ]
    ends += [("failed", code, share) for code, share in odds.codes.items()]
    shares = np.clip([share for *_, share in ends], 0, 1)
    counts = draw.multinomial(n, [*shares, max(0.0, 1 - shares.sum())])
    for (state, code, _), k in zip([*ends, ("delivered", None, 0)], counts, strict=True):
        if k:
            logs = draw.normal(np.log(odds.median_s), 0.9, k) if state == "delivered" else np.zeros(0)
            has_dlr = state not in ("refused", "no_dlr")
            yield group | {
                "operator": operator if has_dlr else None,
                "state": state,
                "code": code,
                "n": k,
                "n_young": 0,
                "n_timed": len(logs),
                "log_s": logs.sum(),
                "log_s2": (logs**2).sum(),
                "n_priced": k if has_dlr else 0,
                "spent": k * odds.price if has_dlr else 0.0,
                "spent2": k * odds.price**2 if has_dlr else 0.0,
            }


def meaning(_state: str, code: str) -> CodeMeaning:
    """What a code means here."""
    return CodeMeaning(meaning=f"code {code}", party=Party.NUMBER, lasting=Lasting.PERMANENT, is_sure=True)


def found(cube: Cube) -> Findings:
    """What changed in a cube."""
    return findings(cube, meaning, TEMPLATE_CODES)
