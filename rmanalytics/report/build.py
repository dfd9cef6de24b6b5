"""`report`: notebooks × campaigns → pages, their numbers, an index, and a verdict on every limit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import nbformat
import plotly

from rmanalytics import warehouse
from rmanalytics.errors import BadInput
from rmanalytics.metrics.findings import Findings
from rmanalytics.notebook import selection
from rmanalytics.notebook.parameters import Parameters
from rmanalytics.notebook.sections import findings
from rmanalytics.report import html, index, thresholds
from rmanalytics.report.cache import evidence, fingerprint
from rmanalytics.report.notebook_file import Value
from rmanalytics.report.output import Folder, folder
from rmanalytics.report.run import Done, Run, Watch, plan, run_all
from rmanalytics.report.selections import selections
from rmanalytics.report.shipped import find
from rmanalytics.report.thresholds import Judgement, LimitVerdict, Threshold
from rmanalytics.report.trend import with_history
from rmanalytics.support.times import zone_named

__all__ = ["Report", "campaigns_of", "find", "report"]

FINE, FAILED, INCONCLUSIVE = 0, 1, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one call made: the index page, and of each run what its `metrics.json` holds.

    `n_kept` of the runs were not made again, for nothing that they depend on had changed.
    """

    index: str
    runs: list[dict[str, Any]]
    n_kept: int = 0

    @property
    def exit_code(self) -> int:
        """1: a notebook failed or a limit is breached; 3: a limit cannot be judged yet; else 0."""
        verdicts = {judgement["verdict"] for run in self.runs for judgement in run["judgements"]}
        if LimitVerdict.BREACHED in verdicts or any(run["status"] == "failed" for run in self.runs):
            return FAILED
        return INCONCLUSIVE if LimitVerdict.INCONCLUSIVE in verdicts else FINE


def campaigns_of(asked: Parameters) -> list[str]:
    """Return the ids of the campaigns that the parameters select, the largest first."""
    with warehouse.connect(asked.home) as source:
        t = selection.chosen(source, asked)
        sizes = t.group_by("campaign_id").agg(n=t.count()).order_by(ibis.desc("n"), "campaign_id").execute()
    return [str(campaign) for campaign in sizes["campaign_id"].dropna()]


def report(
    notebooks: Sequence[Path],
    parameters: Parameters,
    *,
    out: str | Path,
    campaigns: Sequence[str] = (),
    others: Mapping[str, Value] | None = None,
    limits: Sequence[Threshold] = (),
    jobs: int = 1,
    is_single_file: bool = False,
    is_fresh: bool = False,
    started: Callable[[Sequence[Run]], None] = lambda runs: None,
    watch: Watch = lambda run: None,
    finished: Callable[[Run], None] = lambda run: None,
) -> Report:
    """Run the notebooks, write their pages, numbers and the index into `out`, and judge the limits.

    `out` is a folder or a URL of fsspec; `others` are further parameters of the notebooks. A page that is
    there and would come out the same is kept, unless `is_fresh`; only its limits are judged anew. `started` gets
    the runs to come, `watch` one whose cell begins, `finished` one whose page is written. Raises
    BadInput before anything runs: no database, a notebook that does not know a parameter, an `out` that
    cannot be written.
    """
    if taken := sorted((others or {}).keys() & parameters.injected().keys()):
        raise BadInput(
            f"parameter {', '.join(taken)}: it has its own option, see `rmanalytics report --help`"
        )
    known = evidence(parameters.home)
    runs = plan(notebooks, campaigns or [parameters.campaign_id], {**parameters.injected(), **(others or {})})
    place = _room(out, is_single_file=is_single_file)
    prints = {run.stem: fingerprint(run, known, is_single_file=is_single_file) for run in runs}
    kept = {} if is_fresh else _kept(place, prints, limits)
    started([run for run in runs if run.stem not in kept])

    def keep(done: Done) -> dict[str, Any]:
        pages = {
            run.notebook.stem: f"{run.stem}.html" for run in runs if run.campaign_id == done.run.campaign_id
        }
        known = _keep(
            done, place=place, prints=prints, limits=limits, is_single_file=is_single_file, pages=pages
        )
        finished(done.run)
        return known

    made = _made([run for run in runs if run.stem not in kept], parameters, jobs=jobs, watch=watch, keep=keep)
    every = kept | {run["stem"]: run for run in made}
    return Report(index=index.write(place), runs=[every[run.stem] for run in runs], n_kept=len(kept))


def _made(
    runs: Sequence[Run],
    parameters: Parameters,
    *,
    jobs: int,
    watch: Watch,
    keep: Callable[[Done], dict[str, Any]],
) -> list[dict[str, Any]]:
    """Run them; pages about the same messages read one selection."""

    def asked(run: Run) -> Parameters:
        return replace(parameters, campaign_id=run.campaign_id)

    with selections(map(asked, runs)) as shared:
        return run_all(
            runs, jobs=jobs, watch=watch, environment=lambda run: shared.variables(asked(run)), keep=keep
        )


def _room(out: str | Path, *, is_single_file: bool) -> Folder:
    """Return the folder, with Plotly beside the pages once."""
    place = folder(out)
    if not is_single_file and not place.has(html.PLOTLY_FILE):
        plotly_js = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
        place.write(html.PLOTLY_FILE, plotly_js.read_bytes())
    return place


def _kept(place: Folder, prints: Mapping[str, str], limits: Sequence[Threshold]) -> dict[str, dict[str, Any]]:
    """Return what is known about the pages that need not be made again, their limits judged anew."""
    kept = {}
    for known in index.known(place):
        stem = str(known.get("stem"))
        is_same = known.get("fingerprint") == prints.get(stem) and known.get("status") == "ok"
        if is_same and stem in prints and place.has(known["html"]):
            kept[stem] = {**known, "judgements": _judgements(limits, known["numbers"])}
            place.write(known["metrics"], _json(kept[stem]))
    return kept


def _keep(
    done: Done,
    *,
    place: Folder,
    prints: Mapping[str, str],
    limits: Sequence[Threshold],
    is_single_file: bool,
    pages: Mapping[str, str],
) -> dict[str, Any]:
    """Write what a run left, each file in one step, and return what is known about it."""
    stem = done.run.stem
    title = html.heading_title(done.notebook, done.run.notebook.stem)
    failure = html.Failure(summary=done.error, kept=f"{stem}.ipynb") if done.error else None
    page = html.render(
        done.notebook,
        name=done.run.notebook.stem,
        title=f"{title} · {done.run.campaign_id or 'all campaigns'}",
        failure=failure,
        is_single_file=is_single_file,
        pages=pages,
    )
    known = with_history(
        {**_known(done, title, limits), "fingerprint": prints[stem]}, index.known_as(place, stem)
    )
    place.write(f"{stem}.ipynb", nbformat.writes(done.notebook) + "\n")  # type: ignore[no-untyped-call]
    place.write(f"{stem}.html", page)
    place.write(f"{stem}.metrics.json", _json(known))
    return known


def _json(known: Mapping[str, Any]) -> str:
    return json.dumps(known, ensure_ascii=False, indent=1)


def _known(done: Done, title: str, limits: Sequence[Threshold]) -> dict[str, Any]:
    stem, numbers = done.run.stem, _told(done.numbers)
    return {
        "stem": stem,
        "notebook": done.run.notebook.stem,
        "title": title,
        "campaign_id": done.run.campaign_id,
        "as_of": done.run.parameters["as_of"],
        "status": "failed" if done.error else "ok",
        "error": done.error,
        "html": f"{stem}.html",
        "ipynb": f"{stem}.ipynb",
        "metrics": f"{stem}.metrics.json",
        "made_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "seconds": round(done.seconds, 2),
        "judgements": _judgements(limits, numbers),
        "numbers": numbers,
    }


def _told(numbers: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of a report with each finding in words too."""
    if "findings" not in numbers:
        return numbers
    return numbers | {"findings": findings.told(Findings.from_dict(numbers["findings"]))}


def _judgements(limits: Sequence[Threshold], numbers: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [asdict(_judged(limit, numbers)) for limit in limits]


def _judged(limit: Threshold, numbers: Mapping[str, Any]) -> Judgement:
    if not numbers:
        reason = "the report has no numbers"
        return Judgement(threshold=str(limit), verdict=LimitVerdict.INCONCLUSIVE, reason=reason)
    judged = thresholds.judge(limit, numbers["total"])
    is_empty = numbers["total"].get("n_submitted") == 0
    if is_empty and judged.verdict is LimitVerdict.INCONCLUSIVE:
        return replace(judged, reason=_nothing(numbers))
    return judged


def _nothing(numbers: Mapping[str, Any]) -> str:
    """Return that there are no messages between which days, the last of them as people count days."""
    zone = zone_named(numbers["display_zone"])
    since, until = numbers.get("since"), numbers.get("until")
    first = f"{datetime.fromisoformat(since).astimezone(zone):%Y-%m-%d}" if since else "the beginning"
    last = until or numbers["as_of"]
    end = datetime.fromisoformat(last).astimezone(zone) - timedelta(microseconds=1)
    return f"no messages between {first} and {end:%Y-%m-%d}"
