"""`rmanalytics send`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.text import Text

from rmanalytics.cli.options import (
    LONGEST_S,
    HomeOption,
    JsonOption,
    MapOption,
    SetOption,
    SheetOption,
    SkipRowsOption,
    emit,
    escape,
    reading,
    settings,
    stderr,
    stdout,
    visible,
)
from rmanalytics.errors import BadInput

if TYPE_CHECKING:
    from rmanalytics.config import Settings
    from rmanalytics.send import Plan, Sent, Tally
    from rmanalytics.send.single_message import Standing, Trial


_LONG_S = 2.0
"""Seconds after which indexing shows itself."""

BatchArgument = Annotated[
    Path | None,
    typer.Argument(
        help="Batch file: CSV, XLSX, Parquet or JSONL with columns msisdn, body, campaign_id; optional message_id, "
        "template_id, template_variables (JSON list), header, entity_id, route."
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Send without asking.")]
RateOption = Annotated[float | None, typer.Option("--rate", min=0.001, max=1e6, help="Messages per second.")]
StrictOption = Annotated[bool, typer.Option("--strict", help="Refuse the whole batch if any row is bad.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Only show the plan; exits 1 for bad rows, as sending would.")
]
RetryRefusedOption = Annotated[
    bool, typer.Option("--retry-refused", help="Also resend messages that the gateway refused before.")
]
ResendOption = Annotated[
    bool,
    typer.Option(
        "--resend",
        help="Send everything again that was sent before, except rows with a message_id; run it again to resume.",
    ),
]
SkipBadOption = Annotated[bool, typer.Option("--skip-bad", help="Exit 0 even if bad rows were left out.")]

ProviderOption = Annotated[
    Path | None,
    typer.Option(
        "--provider", help="Send as CleverTap would with this provider definition: 15 s timeout, no retries."
    ),
]
TestOption = Annotated[
    str | None,
    typer.Option("--test", metavar="MSISDN", help="Send one test message and follow it until its final DLR."),
]
BodyOption = Annotated[str | None, typer.Option("--body", help="With --test: the message text.")]
TemplateOption = Annotated[
    str | None, typer.Option("--template-id", help="With --test: the DLT template id.")
]
HeaderOption = Annotated[str | None, typer.Option("--header", help="With --test: the header (sender id).")]
EntityOption = Annotated[str | None, typer.Option("--entity-id", help="With --test: the DLT entity id.")]
WaitOption = Annotated[
    float,
    typer.Option(
        "--wait", min=0, max=LONGEST_S, metavar="SECONDS", help="With --test: how long to follow it."
    ),
]


def send(
    batch: BatchArgument = None,
    yes: YesOption = False,
    rate: RateOption = None,
    strict: StrictOption = False,
    dry_run: DryRunOption = False,
    retry_refused: RetryRefusedOption = False,
    resend: ResendOption = False,
    skip_bad: SkipBadOption = False,
    provider: ProviderOption = None,
    columns: MapOption = None,
    values: SetOption = None,
    sheet: SheetOption = None,
    skip_rows: SkipRowsOption = 0,
    test: TestOption = None,
    body: BodyOption = None,
    template_id: TemplateOption = None,
    header: HeaderOption = None,
    entity_id: EntityOption = None,
    wait: WaitOption = 120.0,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Send a batch file: show the plan and its cost, ask (unless simulated), then hand the messages over.

    Run the same command again to resume. A message that was sent, or may have been sent, is never sent again. A row
    without message_id is known by number, campaign and text, so a corrected file sends only what was missing.

    Exit codes: 0 all handed over; 1 some refused, or bad rows left out; 3 some unclear; 4 some unsent (gateway
    unreachable, stopped by the gateway, interrupted); the highest counts. 2 the batch or a setting is wrong.
    """
    from rmanalytics import provider as providers
    from rmanalytics.send.resend import finish
    from rmanalytics.send.single_message import discard, one_row

    chosen = settings(home=home)
    definition = providers.load(provider) if provider else None
    asked = reading(sheet, skip_rows, columns, values)
    given = {"body": body, "template_id": template_id, "header": header, "entity_id": entity_id}
    single_message = _trial(chosen, batch, test, given)
    with one_row(single_message) if single_message else nullcontext():
        sent = _run(
            single_message.batch if single_message else batch,
            chosen,
            as_json=as_json,
            yes=yes,
            rate=rate,
            strict=strict,
            dry_run=dry_run,
            retry_refused=retry_refused,
            resend_all=resend,
            skip_bad=skip_bad,
            provider=definition,
            reading=asked,
        )
    if single_message and not sent.summary:
        discard(single_message)
    if single_message and sent.summary:
        raise typer.Exit(_follow(chosen, single_message, wait, as_json=as_json))
    _print_result(sent, as_json=as_json)
    if sent.resent:  # only now: whoever was killed before has seen no result, and sends on
        finish(chosen.home, sent.resent)
    raise typer.Exit(sent.summary.exit_code if sent.summary else _left_out(sent.plan, dry_run, skip_bad))


def _run(batch: Path | None, chosen: Settings, *, as_json: bool, yes: bool, **how: Any) -> Sent:
    """Send the batch with the plan and a bar on stderr; if it is refused, JSON still has the plan."""
    from rmanalytics.send import Sent
    from rmanalytics.send import send as run

    plans: list[Plan] = []

    def show(plan: Plan) -> None:
        plans.append(plan)
        if not as_json:
            _print_plan(plan, stdout if how["dry_run"] else stderr, chosen.display_zone)

    if batch is None:
        raise BadInput("no batch: give a batch file (see --help), or --test MSISDN")
    try:
        with _progress() as watch, _indexing() as indexing:
            how |= {"watch": watch, "indexing": indexing}
            return run(batch, chosen, show=show, approve=lambda plan: yes or _ask(plan), **how)
    except BadInput:
        if as_json and plans:
            _print_result(Sent(plan=plans[0], summary=None), as_json=True)
        raise


def _trial(chosen: Settings, batch: Path | None, test: str | None, given: Mapping[str, Any]) -> Trial | None:
    """Return the requested test message, if any, with the values that were `given`."""
    from rmanalytics.send import single_message

    if test is None:
        return None
    if batch is not None:
        raise BadInput("give a batch file or --test MSISDN, not both")
    return single_message.prepare(chosen, test, **given)


def _follow(chosen: Settings, single_message: Trial, wait: float, *, as_json: bool) -> int:
    """Show what happens to the test message, then print the verdict of `validate`."""
    from rmanalytics import validate
    from rmanalytics.send import single_message as trials
    from rmanalytics.validate import screen

    def watch(standing: Standing) -> None:
        at = datetime.now(chosen.zone)
        stderr.print(f"{at:%H:%M:%S %Z}  {escape(standing.describe())}", soft_wrap=True)

    stderr.print(f"following the test message for up to {wait:g} s (Ctrl-C stops)", soft_wrap=True)
    standing = trials.follow(chosen, single_message, wait_s=wait, watch=watch)
    verdict = validate.validate(chosen, campaign_id=single_message.campaign_id)
    emit(
        {"campaign_id": single_message.campaign_id, "state": standing.state, **verdict.as_dict()},
        as_json,
        screen.screen(verdict),
    )
    return standing.exit_code


def _left_out(plan: Plan, dry_run: bool, skip_bad: bool) -> int:
    """Return the exit code of a plan alone: a look says what the run itself would say of bad rows."""
    return 1 if dry_run and plan.n_bad and not skip_bad else 0


def _print_plan(plan: Plan, console: Console, zone: str) -> None:
    from rmanalytics.send.render import describe_plan

    console.print(Text(visible(f"{describe_plan(plan, zone)}\n")), soft_wrap=True)


def _print_result(sent: Sent, *, as_json: bool) -> None:
    from rmanalytics.send.render import describe_summary

    if as_json:
        emit({"plan": sent.plan.as_dict(), "summary": sent.summary and sent.summary.as_dict()}, True, "")
    elif sent.summary:
        stdout.print(Text(visible(describe_summary(sent.summary))), soft_wrap=True)


def _ask(plan: Plan) -> bool:
    """Return the user's answer to the plan; raise BadInput when there is no terminal to ask on."""
    from rmanalytics.support.wording import count

    if not sys.stdin.isatty():
        raise BadInput("--yes is missing: there is no terminal to ask on; add --yes to send for real")
    whose = "These are your own numbers, or their owners expect this? " if plan.is_first_real else ""
    question = f"{whose}Send {count(plan.n_to_send, 'message')} through {plan.gateway} for real?"
    if typer.confirm(question, err=True):
        return True
    stderr.print("nothing was sent")
    return False


@contextmanager
def _progress() -> Iterator[Callable[[Tally], None]]:
    """Yield a function that takes the counts and, on a terminal, shows them as a bar."""
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


@contextmanager
def _indexing() -> Iterator[Callable[[int, int], None]]:
    """Yield a function that takes how far the journal is indexed and, on a terminal, shows what takes long."""
    if not stderr.is_terminal:
        yield lambda done, total: None
        return
    bar = Progress(
        TextColumn("indexing the journal"), BarColumn(), DownloadColumn(), console=stderr, transient=True
    )
    task = bar.add_task("indexing")
    began: list[float] = []

    def watch(done: int, total: int) -> None:
        began.append(time.monotonic())
        if began[-1] - began[0] > _LONG_S and done < total:
            bar.start()
        bar.update(task, completed=done, total=total)
        if done == total:
            bar.stop()

    try:
        yield watch
    finally:
        bar.stop()


def _counts(tally: Tally) -> str:
    found = ", ".join(f"{n:,} {result}" for result, n in sorted(tally.by_result.items()))
    return f"{found}, {tally.rate:,.0f}/s{' stopping' if tally.is_stopping else ''}"
