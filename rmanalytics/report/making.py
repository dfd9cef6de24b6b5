"""`report`: notebooks × campaigns → pages, their numbers, an index, and a verdict on every limit."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import plotly

from rmanalytics import shipped, warehouse
from rmanalytics.errors import BadInput
from rmanalytics.report import files, html, index, thresholds
from rmanalytics.report.declared import Value
from rmanalytics.report.parameters import Parameters
from rmanalytics.report.run import Done, Run, Watch, plan, run_all
from rmanalytics.report.thresholds import Judgement, Threshold, Verdict

FINE, FAILED, INCONCLUSIVE = 0, 1, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one call made: the index page, and of each run what its `metrics.json` holds."""

    index: Path
    runs: list[dict[str, Any]]

    @property
    def exit_code(self) -> int:
        """1: a notebook failed or a limit is breached; 3: a limit cannot be judged yet; else 0."""
        verdicts = {judgement["verdict"] for run in self.runs for judgement in run["judgements"]}
        if Verdict.BREACHED in verdicts or any(run["status"] == "failed" for run in self.runs):
            return FAILED
        return INCONCLUSIVE if Verdict.INCONCLUSIVE in verdicts else FINE


def find(names: Sequence[str]) -> list[Path]:
    """Return the notebooks of those names or paths; no names means all that are shipped.

    Raises BadInput naming the shipped ones when there is no such notebook.
    """
    there = {notebook.stem: notebook for notebook in shipped.notebooks()}
    if not names:
        return list(there.values())
    found = []
    for name in names:
        notebook = there.get(name.removesuffix(".ipynb"), Path(name))
        if not notebook.is_file():
            raise BadInput(f"no notebook {name!r}: give a path, or one of {', '.join(there)}")
        found.append(notebook.absolute())
    return found


def report(
    notebooks: Sequence[Path],
    parameters: Parameters,
    *,
    out: Path,
    campaigns: Sequence[str] = (),
    others: Mapping[str, Value] | None = None,
    limits: Sequence[Threshold] = (),
    jobs: int = 1,
    is_single_file: bool = False,
    started: Callable[[Sequence[Run]], None] = lambda runs: None,
    watch: Watch = lambda run: None,
) -> Report:
    """Run the notebooks, write their pages, numbers and the index into `out`, and judge the limits.

    `others` are further parameters of the notebooks. Raises BadInput before anything runs: no database, a
    notebook that does not know a parameter, an `out` that cannot be written.
    """
    if taken := sorted((others or {}).keys() & parameters.injected().keys()):
        raise BadInput(f"parameter {', '.join(taken)}: an option of its own sets it, see `rmanalytics report --help`")
    _check(parameters.home)
    runs = plan(notebooks, campaigns or [parameters.campaign_id], {**parameters.injected(), **(others or {})})
    _make_room(out, is_single_file=is_single_file)
    started(runs)
    keep = partial(_keep, out=out, limits=limits, is_single_file=is_single_file)
    made = run_all(runs, out, jobs=jobs, watch=watch, keep=keep)
    return Report(index=index.write(out), runs=made)


def _check(home: Path) -> None:
    """Raise BadInput or WarehouseLocked when no notebook could read the database."""
    with warehouse.connect(home) as source:
        source.table("messages")


def _make_room(out: Path, *, is_single_file: bool) -> None:
    """Make the folder, and put Plotly beside the pages once."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not is_single_file and not (out / html.PLOTLY_FILE).exists():
            temporary = files.beside(out / html.PLOTLY_FILE)
            shutil.copyfile(Path(plotly.__file__).parent / "package_data" / "plotly.min.js", temporary)
            temporary.replace(out / html.PLOTLY_FILE)
    except OSError as error:
        raise BadInput(f"{out}: {error.strerror}: choose another folder with --out") from None


def _keep(done: Done, *, out: Path, limits: Sequence[Threshold], is_single_file: bool) -> dict[str, Any]:
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
    )
    known = _known(done, title, limits)
    files.write_notebook(out / f"{stem}.ipynb", done.notebook)
    files.write(out / f"{stem}.html", page)
    files.write(out / f"{stem}.metrics.json", json.dumps(known, ensure_ascii=False, indent=1))
    return known


def _known(done: Done, title: str, limits: Sequence[Threshold]) -> dict[str, Any]:
    stem, numbers = done.run.stem, done.numbers
    return {
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
        "judgements": [asdict(_judged(limit, numbers)) for limit in limits],
        "numbers": numbers,
    }


def _judged(limit: Threshold, numbers: Mapping[str, Any]) -> Judgement:
    if not numbers:
        reason = "the report came to no numbers"
        return Judgement(threshold=str(limit), verdict=Verdict.INCONCLUSIVE, reason=reason)
    return thresholds.judge(limit, numbers["total"])
