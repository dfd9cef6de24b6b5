"""`rmanalytics report`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from rmanalytics.cli.options import HomeOption, JsonOption, emit, escape, settings, stderr
from rmanalytics.errors import BadInput

if TYPE_CHECKING:
    from rmanalytics.report.build import Report
    from rmanalytics.report.pages import Pages
    from rmanalytics.report.run import Run, Watch

MANY = 200
"""With more pages than this, say so before rendering: it takes a while."""

_TIMES = "2026-11-01 or 2026-11-01T18:30:00+05:30; without an offset, in the display zone"


NotebooksArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NOTEBOOK]...", help="Notebook names or paths. Default: all shipped notebooks."),
]
CampaignOption = Annotated[
    list[str] | None,
    typer.Option(
        "--campaign",
        help="Only this campaign; repeat for a page per campaign. Default: one page over all campaigns.",
    ),
]
SinceOption = Annotated[str, typer.Option("--since", help=f"Messages planned at or after: {_TIMES}.")]
UntilOption = Annotated[
    str,
    typer.Option(
        "--until", help="Messages planned before this time; a date alone means the end of that day."
    ),
]
AsOfOption = Annotated[
    str,
    typer.Option(
        "--as-of",
        help="Report what was known at this time; a date alone means the end of that day. Only with it do pages stay "
        "the same: without it, each run shows what is known by then. Default: now.",
    ),
]
ZoneOption = Annotated[
    str | None, typer.Option("--zone", help="Time zone of displayed times [env RMANALYTICS_DISPLAY_ZONE].")
]
ParameterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter",
        "-p",
        metavar="NAME=VALUE",
        help="Set another notebook parameter; a text parameter stays text, even if it looks like a number.",
    ),
]
EachOption = Annotated[
    bool,
    typer.Option("--each-campaign", help="Make a page for each campaign that has messages in the selection."),
]
OutOption = Annotated[
    str | None,
    typer.Option(
        "--out",
        help="Write the pages to this folder, or to a URL such as s3://bucket/reports (needs the "
        "store's fsspec package) [default: reports in the home].",
    ),
]
FreshOption = Annotated[
    bool,
    typer.Option(
        "--fresh",
        help="Render every page again. By default a page with the same --as-of is kept if its notebook, "
        "parameters, settings and database have not changed.",
    ),
]
JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs", min=1, max=1_000, help="Run this many notebooks at once. Default: the number of cores."
    ),
]
FailIfOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-if",
        metavar="CONDITION",
        help="Condition to check on each page, such as 'delivery_rate<0.95', or 'findings': anything that changed "
        "for the worse. Exit 1 if the whole 95 % interval, "
        "counting messages in flight both ways, breaches it; 3 if that cannot be determined yet.",
    ),
]
_FINDINGS, _ANY_FINDING = "findings", "n_findings>0"
"""How to fail on any finding, and the limit that this is."""

SingleFileOption = Annotated[
    bool, typer.Option("--single-file", help="Embed Plotly in each page (4.8 MB), for sending by mail.")
]


def report(
    notebooks: NotebooksArgument = None,
    campaign: CampaignOption = None,
    each_campaign: EachOption = False,
    since: SinceOption = "",
    until: UntilOption = "",
    as_of: AsOfOption = "",
    zone: ZoneOption = None,
    parameter: ParameterOption = None,
    out: OutOption = None,
    jobs: JobsOption = None,
    fail_if: FailIfOption = None,
    single_file: SingleFileOption = False,
    fresh: FreshOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Render notebooks as offline HTML pages without code, with their numbers and an index."""
    from rmanalytics import dlt
    from rmanalytics.report import shipped, warm_kernels
    from rmanalytics.warehouse import connection, names

    chosen = settings(home, display_zone=zone)
    dlt.reading(chosen)
    connection.existing(chosen.home)
    names.require(chosen.home, "campaign", campaign or ())
    asked_for = shipped.find(notebooks or ())
    warm_kernels.KERNEL_SERVER.start()  # the kernels' imports run beside ours

    from rmanalytics.notebook import parameters
    from rmanalytics.report import build, thresholds

    limits = [thresholds.parse(_ANY_FINDING if text.strip() == _FINDINGS else text) for text in fail_if or ()]
    asked = parameters.check(
        home=chosen.home,
        since=since,
        until=until,
        as_of=as_of,
        display_zone=chosen.display_zone,
        now=datetime.now(UTC),
    )
    if each_campaign:
        campaign = [*(campaign or ()), *build.campaigns_of(asked)]
    place = out or _beside(chosen.home)
    with _progress() as (pages, started, watch), _continued(pages, place):
        made = build.report(
            asked_for,
            asked,
            out=place,
            campaigns=campaign or (),
            others=dict(map(_named, parameter or ())),
            limits=limits,
            jobs=jobs or warm_kernels.cores(),
            is_single_file=single_file,
            is_fresh=fresh,
            started=started,
            watch=watch,
            finished=pages.finished,
        )
    from rmanalytics.support.wording import count

    if made.n_kept:
        stderr.print(
            f"{made.n_kept} of {count(len(made.runs), 'page')} kept: nothing changed (use --fresh to render them again)"
        )
    _complain(made)
    _print(made, as_json)
    raise typer.Exit(made.exit_code)


def _beside(home: Path) -> Path:
    """Return the folder of reports of a home, or of the home that a database file is in."""
    return (home.parent if home.is_file() else home) / "reports"


def _named(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadInput(f"--parameter {text!r}: write it as NAME=VALUE")
    return name, value


@contextmanager
def _continued(pages: Pages, out: str | Path) -> Iterator[None]:
    """Say what is there and how to go on where Ctrl-C comes."""
    try:
        yield
    except KeyboardInterrupt:
        if left := pages.left(str(out)):
            stderr.print(escape(left), soft_wrap=True)
        raise


@contextmanager
def _progress() -> Iterator[tuple[Pages, Any, Watch]]:
    """Show a bar over the cells of all runs on stderr, if it is a terminal."""
    from rmanalytics.report.pages import Pages

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal) as bar:
        task = bar.add_task("rendering", total=None)
        pages = Pages(lambda text: bar.update(task, description=escape(text)))

        def started(runs: Sequence[Run]) -> None:
            pages.started(runs)
            bar.update(task, total=sum(run.n_cells for run in runs))
            if len(runs) > MANY:
                stderr.print(
                    f"{len(runs):,} pages to render, some seconds each: name the notebooks you need, or use --jobs"
                )

        def watch(run: Run) -> None:
            pages.watch(run)
            bar.update(task, advance=1)

        yield pages, started, watch


def _complain(made: Report) -> None:
    """Print on stderr which runs failed, which limits are breached, and which cannot be determined yet."""
    for run in made.runs:
        if run["error"]:
            stderr.print(f"[red]failed[/red] {escape(run['html'])}: {escape(run['error'])}", soft_wrap=True)
    for (verdict, campaign, text), pages in _judged(made.runs).items():
        colour = "red" if verdict == "breached" else "yellow"
        what = f"campaign {campaign}: {text}" if campaign else text
        said = f"{pages[0]}: {text}" if len(pages) == 1 else f"{what} ({len(pages)} pages)"
        stderr.print(f"[{colour}]{verdict}[/{colour}] {escape(said)}", soft_wrap=True)


def _judged(runs: Sequence[dict[str, Any]]) -> dict[tuple[str, str, str], list[str]]:
    """Return what is said of limits that are not held, with the pages: all of one selection say the same."""
    said: dict[tuple[str, str, str], list[str]] = {}
    for run in runs:
        for one in run["judgements"]:
            if one["verdict"] != "held":
                key = (one["verdict"], run["campaign_id"], f"{one['threshold']}: {one['reason']}")
                said.setdefault(key, []).append(run["html"])
    return said


def _print(made: Report, as_json: bool) -> None:
    if as_json:
        emit({"index": made.index, "exit_code": made.exit_code, "runs": made.runs}, as_json, None)
    else:
        typer.echo("\n".join(_lines(made)))


def _lines(made: Report) -> Iterator[str]:
    """Yield a line per page with its delivery rate, and last the index, which is the file to open."""
    from rmanalytics.support.wording import interval, percent

    for run in made.runs:
        total = run["numbers"].get("total", {})
        share, low, high = (total.get(f"delivery_{end}") for end in ("rate", "low", "high"))
        otherwise = "no messages" if total.get("n_submitted") == 0 else run["status"]
        rate = f"delivered {percent(share)} ({interval(low, high)})" if share is not None else otherwise
        yield f"{run['html']}: {rate}"
    yield str(made.index)
