"""`rmanalytics send`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn
from rich.text import Text

from rmanalytics.cli.options import HomeOption, JsonOption, emit, settings, stderr, stdout, visible
from rmanalytics.errors import BadInput

if TYPE_CHECKING:
    from rmanalytics.send import Plan, Sent, Tally


BatchArgument = Annotated[
    Path,
    typer.Argument(
        help="CSV, Parquet or JSONL with columns msisdn, body, campaign_id; optional message_id, "
        "template_id, template_variables (JSON list), header, entity_id, route."
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Send without asking.")]
RateOption = Annotated[float | None, typer.Option("--rate", min=0.001, help="Messages per second.")]
StrictOption = Annotated[bool, typer.Option("--strict", help="Refuse the whole batch for one bad row.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only show the plan.")]
RetryRefusedOption = Annotated[
    bool, typer.Option("--retry-refused", help="Also send again what the gateway refused before.")
]


def send(
    batch: BatchArgument,
    yes: YesOption = False,
    rate: RateOption = None,
    strict: StrictOption = False,
    dry_run: DryRunOption = False,
    retry_refused: RetryRefusedOption = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Send a batch: shows the plan and its cost, asks (outside the simulator), then hands the messages over.

    Run the same command again to resume: what was sent is never sent again, nor is what may have been sent.

    Exit codes: 0 all handed over; 1 some were refused; 3 some are unclear; 4 some are left unsent (gateway
    out of reach, stopped by it, interrupted); the highest counts. 2 the batch or a setting is wrong.
    """
    from rmanalytics.send import Sent
    from rmanalytics.send import send as run

    plans: list[Plan] = []

    def show(plan: Plan) -> None:
        plans.append(plan)
        if not as_json:
            _print_plan(plan, stdout if dry_run else stderr)

    try:
        with _progress() as watch:
            sent = run(
                batch,
                settings(home=home),
                show=show,
                approve=lambda plan: yes or _ask(plan),
                watch=watch,
                rate=rate,
                strict=strict,
                dry_run=dry_run,
                retry_refused=retry_refused,
            )
    except BadInput:
        if as_json and plans:
            _print_result(Sent(plan=plans[0], summary=None), as_json=True)
        raise
    _print_result(sent, as_json=as_json)
    raise typer.Exit(sent.summary.exit_code if sent.summary else 0)


def _print_plan(plan: Plan, console: Console) -> None:
    from rmanalytics.send.describe import describe_plan

    console.print(Text(visible(f"{describe_plan(plan)}\n")), soft_wrap=True)


def _print_result(sent: Sent, *, as_json: bool) -> None:
    from rmanalytics.send.describe import describe_summary

    if as_json:
        emit({"plan": sent.plan.as_dict(), "summary": sent.summary and sent.summary.as_dict()}, True, "")
    elif sent.summary:
        stdout.print(Text(visible(describe_summary(sent.summary))), soft_wrap=True)


def _ask(plan: Plan) -> bool:
    """Return what the user says to the plan; raise BadInput where there is nobody to ask."""
    if not sys.stdin.isatty():
        raise BadInput("--yes is missing: nobody can be asked here, so add it to send for real")
    question = f"Send {plan.n_to_send:,} messages through {plan.gateway} for real?"
    if typer.confirm(question, err=True):
        return True
    stderr.print("nothing was sent")
    return False


@contextmanager
def _progress() -> Iterator[Callable[[Tally], None]]:
    """Yield what takes the counts and, on a terminal, shows them as a bar."""
    if not stderr.is_terminal:
        yield lambda tally: None
        return
    bar = Progress(
        *Progress.get_default_columns(), TextColumn("{task.fields[counts]}"), console=stderr, transient=True
    )
    task = bar.add_task("sending", total=None, start=False, visible=False, counts="")

    def watch(tally: Tally) -> None:
        if not bar.live.is_started:
            bar.start()
            bar.start_task(task)
            bar.update(task, total=tally.n_to_send, visible=True)
        bar.update(task, completed=tally.n_done, counts=_counts(tally))

    try:
        yield watch
    finally:
        bar.stop()


def _counts(tally: Tally) -> str:
    found = ", ".join(f"{n:,} {result}" for result, n in sorted(tally.by_result.items()))
    return f"{found}, {tally.rate:,.0f}/s{' stopping' if tally.is_stopping else ''}"
