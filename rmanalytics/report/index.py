"""The index page: every report in a folder, from the numbers beside each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import jinja2

import rmanalytics
from rmanalytics.notebook.numbers import N_IN_FLIGHT
from rmanalytics.report import html, trend
from rmanalytics.report.output import Folder
from rmanalytics.support.times import readable
from rmanalytics.support.wording import interval, percent

ENDING = ".metrics.json"
WORST = ("breached", "inconclusive", "held")


def write(folder: Folder) -> str:
    """Write `index.html` over all runs in the folder, the last made first, and return its path or URL."""
    rows = sorted(known(folder), key=lambda run: run["made_at"], reverse=True)
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    page = environment.from_string(html.asset("index.html.j2")).render(
        rows=[_row(run) for run in rows],
        policy=html.POLICY,
        style=html.asset("style.css"),
        script=html.asset("index.js"),
        version=rmanalytics.__version__,
        is_simulated=any(run["numbers"].get("is_simulated") for run in rows),
    )
    folder.write("index.html", page)
    return folder.url("index.html")


def known(folder: Folder) -> Iterator[dict[str, Any]]:
    """Yield what is known about each run; files that are none of ours are passed over."""
    stems = (name.removesuffix(ENDING) for name in folder.names(ENDING))
    yield from (run for stem in stems if (run := known_as(folder, stem)))


def known_as(folder: Folder, stem: str) -> dict[str, Any] | None:
    """Return what is known about the run of that name; None when there is none of ours."""
    try:
        run = json.loads(folder.read(f"{stem}{ENDING}"))
        return {**run, "numbers": dict(run["numbers"]), "made_at": str(run["made_at"])}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _row(run: dict[str, Any]) -> dict[str, Any]:
    total = run["numbers"].get("total", {})
    zone = ZoneInfo(run["numbers"].get("display_zone", "UTC"))
    verdicts = [judgement["verdict"] for judgement in run["judgements"]]
    worst = next((verdict for verdict in WORST if verdict in verdicts), "")
    return {
        **run,
        "campaign": run["campaign_id"] or "all campaigns",
        "as_of_text": readable(datetime.fromisoformat(run["as_of"]), zone),
        "reasons": "\n".join(f"{j['threshold']}: {j['verdict']}, {j['reason']}" for j in run["judgements"]),
        "verdict": "failed" if run["status"] == "failed" else worst,
        "submitted": _count(total.get("n_submitted")),
        "failed": _count(total.get("n_failed")),
        "in_flight": _count(total.get(N_IN_FLIGHT)),
        "trend": trend.drawn(run),
        **_delivery(total),
    }


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _delivery(total: dict[str, Any]) -> dict[str, Any]:
    """Return the delivery rate in words, and where its interval lies in percent for the small bar."""
    rate, low, high = (total.get(f"delivery_{end}") for end in ("rate", "low", "high"))
    if rate is None or low is None or high is None:
        return {"rate": "–", "interval": "", "low": None}
    shown = {"rate": percent(rate), "interval": interval(low, high)}
    return {
        **shown,
        "low": round(100 * low, 2),
        "width": round(100 * (high - low), 2),
        "dot": round(100 * rate, 2),
    }
