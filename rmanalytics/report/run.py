"""Running notebooks with papermill: the plan, each run, and what is left of one that failed."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError

from rmanalytics.notebook.numbers import NUMBERS_MIME
from rmanalytics.report.kernel import died, end_all, kernels, own_loop
from rmanalytics.report.notebook_file import Value, fit, known, read_notebook
from rmanalytics.report.output import stem

LOOK_S = 0.05
"""Seconds between two looks at what is to end."""

Kept = TypeVar("Kept")
Watch = Callable[["Run"], None]
"""Called whenever a cell of a run begins."""
Environment = Callable[["Run"], Mapping[str, str]]
"""What the kernel of a run finds in its environment, asked as the run begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One notebook with one set of parameters."""

    notebook: Path
    campaign_id: str
    parameters: Mapping[str, Value]
    n_cells: int

    @property
    def stem(self) -> str:
        """Name of its files, without their endings."""
        return stem(self.notebook.stem, self.campaign_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A run notebook; `error` is None when all of its cells ran."""

    run: Run
    notebook: nbformat.NotebookNode
    error: str | None
    seconds: float

    @property
    def numbers(self) -> dict[str, Any]:
        """The machine-readable numbers that the notebook showed; empty when it came to none."""
        for cell in self.notebook.cells:
            for output in cell.get("outputs", ()):
                if NUMBERS_MIME in output.get("data", {}):
                    return dict(output["data"][NUMBERS_MIME])
        return {}


def plan(notebooks: Iterable[Path], campaigns: Sequence[str], parameters: Mapping[str, Value]) -> list[Run]:
    """Return every notebook with every campaign; no campaigns means one run over all of them.

    Raises BadInput when a notebook does not know a parameter or declares it of another type.
    """
    runs = []
    for notebook in notebooks:
        n_cells = len(read_notebook(notebook).cells) + 1  # and the injected one
        declared = known(notebook)
        for campaign_id in dict.fromkeys(campaigns or [""]):
            fitted = fit(notebook, {**parameters, "campaign_id": campaign_id}, declared)
            runs.append(Run(notebook=notebook, campaign_id=campaign_id, parameters=fitted, n_cells=n_cells))
    return runs


def run_all(
    runs: Sequence[Run], *, jobs: int, watch: Watch, environment: Environment, keep: Callable[[Done], Kept]
) -> list[Kept]:
    """Run them, `jobs` at a time, hand each to `keep` as soon as it is done, and return what that returns."""

    is_over = threading.Event()

    def one(run: Run) -> Kept:
        return keep(_run(run, watch, environment, is_over))

    logging.getLogger("papermill").addHandler(logging.NullHandler())  # what failed is ours to tell
    with ThreadPoolExecutor(jobs, thread_name_prefix="report") as pool:
        futures = [pool.submit(one, run) for run in runs]
        try:
            return [future.result() for future in futures]
        except BaseException:
            is_over.set()
            pool.shutdown(wait=False, cancel_futures=True)
            _end(futures)
            raise


def _end(futures: Sequence[Future[Any]]) -> None:
    """End the kernels of what still runs, and of what is only about to start one."""
    while any(future.running() for future in futures):
        end_all()
        time.sleep(LOOK_S)


def _run(run: Run, watch: Watch, environment: Environment, is_over: threading.Event) -> Done:
    """Run a notebook; where its kernel died, once more, unless all is over."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="rma-report-") as folder:
        unfinished = Path(folder) / f"{run.stem}.ipynb"
        try:
            error = _execute(run, unfinished, watch, environment)
        except Exception as first:
            if not died(first) or is_over.is_set():
                raise
            error = _again(run, unfinished, watch, environment)
        notebook = read_notebook(unfinished)
    return Done(run=run, notebook=notebook, error=error, seconds=time.monotonic() - began)


def _again(run: Run, unfinished: Path, watch: Watch, environment: Environment) -> str | None:
    try:
        return _execute(run, unfinished, watch, environment)
    except Exception as second:
        if not died(second):
            raise
        if not unfinished.exists():
            unfinished.write_text(run.notebook.read_text(encoding="utf-8"), encoding="utf-8")
        return "its kernel died twice: check that there is enough memory"


def _execute(run: Run, output: Path, watch: Watch, environment: Environment) -> str | None:
    """Run a notebook into `output` and return what stopped it, if anything did."""
    try:
        with own_loop():
            papermill.execute_notebook(
                read_notebook(run.notebook),
                _literal(output),
                parameters=dict(run.parameters),
                progress_bar=False,
                request_save_on_cell_execute=False,  # or it is written twice per cell
                kernel_manager_class=kernels(environment(run)),
                on_cell_start=lambda **_: watch(run),
            )
    except PapermillExecutionError as error:
        return f"{error.evalue}" if error.ename in _PLAIN else f"{error.ename}: {error.evalue}"
    return None


def _literal(path: Path) -> str:
    """Return the path for papermill, which fills what stands in braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


_PLAIN = frozenset({"BadInput", "ConfigError", "WarehouseLocked"})
"""Errors whose text is meant for the reader as it stands."""
