"""One send from file to summary: lock, read, consult the journal, plan, journal the messages, hand over."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from rmanalytics import gateways, journal, warehouse
from rmanalytics.config import Settings, is_loopback
from rmanalytics.errors import BadInput, RmaError, SendLocked
from rmanalytics.gateways import Sender
from rmanalytics.models import Message, Result, Route
from rmanalytics.provider import Provider, environment
from rmanalytics.provider.gateway import TIMEOUT_S, AsCleverTap, defaults, refuse_faulty, rehearsed, variables
from rmanalytics.send import batch as batches
from rmanalytics.send import batch_file, resend
from rmanalytics.send.attempt_index import Indexing
from rmanalytics.send.attempts import EarlierAttempts, consult, first_gateway, indexed
from rmanalytics.send.batch import Batch
from rmanalytics.send.messages import messages, write
from rmanalytics.send.pace import Pace
from rmanalytics.send.plan import COUNTED, Plan, plan
from rmanalytics.send.registered import LOCK_WAIT_S, registered
from rmanalytics.send.rows import Defaults, NoGoodRow
from rmanalytics.send.submit import Submission
from rmanalytics.send.tally import Summary, Tally, summarise
from rmanalytics.support import http as transport
from rmanalytics.support import lock
from rmanalytics.support.resources import sql
from rmanalytics.support.tables import PLAIN, ReadOptions
from rmanalytics.support.wording import count, verb


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a send planned and, unless it was a dry run or not approved, its result.

    `resent` is the round of a resend; `resend.finish` ends it once the result was shown.
    """

    plan: Plan
    summary: Summary | None
    resent: resend.Round | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    settings: Settings
    gateway: Sender
    batch: Batch
    earlier: EarlierAttempts
    planned_at: datetime
    retry_refused: bool
    resent: resend.Round | None
    first_gateway: str | None


def send(
    path: Path,
    settings: Settings,
    *,
    approve: Callable[[Plan], bool],
    show: Callable[[Plan], None] = lambda plan: None,
    watch: Callable[[Tally], None] = lambda tally: None,
    indexing: Indexing = lambda done, total: None,
    rate: float | None = None,
    strict: bool = False,
    dry_run: bool = False,
    retry_refused: bool = False,
    resend_all: bool = False,
    skip_bad: bool = False,
    provider: Provider | None = None,
    reading: ReadOptions = PLAIN,
) -> Sent:
    """Send what was not sent before of the batch file; return the plan and the result.

    `resend_all` sends it all again; `skip_bad` makes rows that were left out no failure. `show` gets the plan;
    outside the simulator `approve` must then return true. `watch` gets the counts whenever they change, `indexing`
    the bytes that are indexed where the journal has segments that no send has looked at before.
    Raises BadInput for a file that cannot be sent (with `strict` also for a single bad row), SendLocked while another
    send runs in this home, ConfigError and JournalError. With a `provider` requests are CleverTap's: its timeout,
    no retries.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it prints URLs, which may hold the password
    if provider:
        provider, settings = _as_clevertap(provider, settings)
    with ExitStack() as stack:
        stack.enter_context(nullcontext() if dry_run else exclusive(settings.home))
        opened = batch_file.open_source(path, reading)
        run = _prepare(
            opened,
            settings,
            stack,
            indexing,
            retry_refused=retry_refused,
            resend_all=resend_all,
            provider=provider,
        )
        _refuse_mixture(run)
        planned = _plan(run)
        show(planned)
        _refuse(planned, strict=strict)
        if dry_run or (settings.gateway != "simulator" and planned.n_to_send and not approve(planned)):
            return Sent(plan=planned, summary=None)
        summary = replace(_submit(run, planned, rate, watch), n_bad=planned.n_bad, is_bad_skipped=skip_bad)
        return Sent(plan=planned, summary=summary, resent=None if summary.n_unsent else run.resent)


def _prepare(
    opened: batch_file.BatchFile,
    settings: Settings,
    stack: ExitStack,
    indexing: Indexing,
    *,
    retry_refused: bool,
    resend_all: bool,
    provider: Provider | None,
) -> _Run:
    asked = gateways.get(settings.gateway, settings)
    gateway: Sender = asked
    given, where = asked.defaults, f"{asked.profile.variable('header')}, or send with --provider FILE"
    if provider:
        where = asked.profile.variable("header")
        known = variables(settings, os.environ)
        given = defaults(provider, environment(known))
        gateway = AsCleverTap(provider, asked, known)
    batch = stack.enter_context(
        batches.read(
            opened,
            Defaults(
                header_variable=where,
                registered=registered(settings),
                is_real=settings.gateway != "simulator",
                **given,
            ),
            settings.home,
        )
    )
    now, resent, index = datetime.now(UTC), None, indexed(settings.journal_dir, indexing)
    if resend_all:
        resent = resend.begin(batch, index, settings.home, now, retry_refused=retry_refused)
        batch.suffix = resent.suffix
    return _Run(
        settings=settings,
        gateway=gateway,
        batch=batch,
        earlier=consult(batch, index, settings.gateway, retry_refused=retry_refused),
        planned_at=now,
        retry_refused=retry_refused,
        resent=resent,
        first_gateway=first_gateway(index),
    )


def _less(attempted: Mapping[Result, int], n_resolved: int) -> dict[Result, int]:
    left = {**attempted, Result.UNCLEAR: attempted.get(Result.UNCLEAR, 0) - n_resolved}
    return {result: n for result, n in left.items() if n}


def _resolved(run: _Run) -> int:
    """Return how many messages without a clear answer have a DLR by now; none where no database can be read."""
    n_unclear = run.earlier.attempted.get(Result.UNCLEAR, 0)
    if not n_unclear:
        return 0
    with (
        suppress(RmaError, duckdb.Error),
        warehouse.reading(run.settings.home, lock_wait_s=LOCK_WAIT_S) as connection,
    ):
        chunks = run.batch.chunks(columns=("line", "message_id"))
        schema = pa.schema([("line", pa.int64()), ("message_id", pa.string())])
        connection.register("chunks", pa.RecordBatchReader.from_batches(schema, chunks))
        ((n,),) = connection.execute(sql("rmanalytics.send", "n_resolved")).fetchall()
        return min(int(n), n_unclear)
    return 0


def _as_clevertap(provider: Provider, settings: Settings) -> tuple[Provider, Settings]:
    """Return both as CleverTap would have them, for a simulator its address in the endpoint.

    Raises ConfigError where nothing may be sent.
    """
    refuse_faulty(provider)
    if settings.gateway == "simulator" and not is_loopback(provider.endpoint):
        provider = rehearsed(provider, gateways.get(settings.gateway, settings).endpoint(Route.DOMESTIC))
    return provider, settings.model_copy(update={"send_timeout_s": TIMEOUT_S, "send_retries": 0})


def _messages(run: _Run) -> Iterator[Message]:
    return messages(run.batch, run.settings.gateway, run.planned_at, without=run.earlier.done)


def _plan(run: _Run) -> Plan:
    sample = list(islice(_messages(run), COUNTED))
    n_resolved = _resolved(run)
    planned = plan(run.batch, run.earlier, sample, run.gateway, run.settings)
    is_continued = run.resent is not None and run.resent.is_continued
    return replace(
        planned,
        n_resolved=n_resolved,
        attempted_before=_less(planned.attempted_before, n_resolved),
        resend_begun_at=run.resent.begun_at if run.resent and is_continued else None,
        is_first_real=run.settings.gateway != "simulator" and run.first_gateway is None,
    )


def _refuse_mixture(run: _Run) -> None:
    """Raise BadInput where a home would show real messages as simulated ones, or the other way round."""
    if n := run.earlier.n_elsewhere:
        where = f"another gateway in {run.settings.home}"
        fault = f"{run.batch.path}: {n:,} of its messages were already planned for {where}"
        raise BadInput(f"{fault}: {_SEPARATE}")
    if run.first_gateway == "simulator" and run.settings.gateway != "simulator":
        raise BadInput(f"{run.settings.home} is a rehearsal's home, its messages are simulated: {_SEPARATE}")


_SEPARATE = "use separate --home folders for a rehearsal and the real send"


def _refuse(planned: Plan, *, strict: bool) -> None:
    """Raise BadInput where nothing of the batch may go."""
    if not planned.n_bad:
        return
    first = f"{planned.path}: {planned.faults[0].describe()}"
    if planned.n_bad == planned.n_rows:
        raise NoGoodRow(f"{first} (none of {count(planned.n_rows, 'row')} can be sent)", planned.faults[0])
    if strict:
        them = verb(planned.n_bad, "it", "them")
        raise BadInput(f"{first}: {count(planned.n_bad, 'bad row')}: fix {them} or send without --strict")


def _submit(run: _Run, planned: Plan, rate: float | None, watch: Callable[[Tally], None]) -> Summary:
    """Journal the messages, then hand them over."""
    with journal.Writer(run.settings.journal_dir, journal.MESSAGES) as writer:
        known = np.union1d(run.earlier.done, run.earlier.planned)
        write(writer, run.batch, run.settings.gateway, run.planned_at, without=known)
    tally = Tally(n_to_send=planned.n_to_send, watch=watch)
    stopped = asyncio.run(_hand_over(run, tally, rate)) if planned.n_to_send else None
    again = {Result.REFUSED} if run.retry_refused else set()
    before = {result: n for result, n in planned.attempted_before.items() if result not in again}
    return summarise(
        tally, batch_id=planned.batch_id, gateway=planned.gateway, stopped=stopped, before=before
    )


async def _hand_over(run: _Run, tally: Tally, rate: float | None) -> str | None:
    """Return why the run stopped before its end, None when it did not."""
    commit = journal.GroupCommit(journal.Writer(run.settings.journal_dir, journal.SUBMISSIONS))
    authorise = run.gateway.authorise if isinstance(run.gateway, AsCleverTap) else None
    submission = Submission(run.gateway, run.settings, commit, Pace(rate), tally, authorise)
    try:
        async with transport.client(run.settings.send_concurrency) as http:
            await submission.run(iter(run.gateway.batches(_messages(run))), http)
    finally:
        await commit.close()
    return submission.stopped


@contextmanager
def exclusive(home: Path) -> Iterator[None]:
    """Hold the home's lock; raise SendLocked when another process does. It is released however the process ends."""
    home.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        try:
            held.enter_context(lock.exclusive(home / "send.lock"))
        except lock.Taken as holder:
            raise SendLocked(
                f"another send is running in {home} (process {holder}): wait until it ends, or use another --home"
            ) from None
        yield
