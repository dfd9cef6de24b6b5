"""What is beyond each constant limit: `python tests/benchmarks/bench_limits.py FOLDER CASE THREADS [ROWS]`.

Each case meets a limit with about ten times what it was made for, with DuckDB on so many threads; it prints time
and peak memory, and fails where anything but time grows without a bound.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

import rmanalytics as rm
from rmanalytics import config, purge
from rmanalytics.dlt import files as _files  # noqa: F401  (loaded before the clock starts)
from rmanalytics.imports import bring_in
from rmanalytics.ingest.run import ingest
from rmanalytics.send import attempts, batch, batch_file
from rmanalytics.send.rows import Defaults

EACH = 1_000
AT = "2026-01-15T04:50:37.123456Z"
MESSAGES = """COPY (SELECT 'm' || i AS message_id, 'c' || i % 50 AS campaign_id,
    '91' || (6000000000 + i)::VARCHAR AS msisdn,
    'TESTSM' AS header, '1101000000000000001' AS entity_id, '1107000000000000001' AS template_id,
    'Dear customer, your OTP is ' || i || '. Do not share it. ACME' AS body,
    'gw-' || i AS gateway_message_id, '2026-01-15 10:20:30' AS planned_at FROM range({n}) t(i)) TO '{path}' (HEADER)"""
DLRS = """COPY (SELECT 'TESTSM' AS sSender, '91' || (6000000000 + i)::VARCHAR AS sMobileNo, 'DELIVRD' AS sStatus,
    '2026-01-15 10:20:30' AS dtSubmit, '2026-01-15 10:20:36' AS dtDone, 'gw-' || i AS sMessageId, '0' AS iErrCode,
    'camp42' AS sTagName FROM range({n}) t(i)) TO '{path}' (HEADER)"""


def requests(n: int) -> Iterator[str]:
    """Yield the journal's lines of `n` messages, submitted in requests of 1,000."""
    for first in range(0, n, EACH):
        ids = [f"m{place}" for place in range(first, first + EACH)]
        said = {"result": "accepted", "code": "1701", "detail": "x" * 60}
        answers = [said | {"message_id": one, "gateway_message_id": f"gw-{one[1:]:0>36}"} for one in ids]
        attempt = {"attempt_id": f"a{first}", "attempted_at": AT, "batch_id": "b", "gateway": "route_mobile"}
        answer = {"attempt_id": f"a{first}", "answered_at": AT, "http_status": 200, "responses": answers}
        yield f"{json.dumps(attempt | {'message_ids': ids})}\n{json.dumps(answer)}\n"


def submitted(settings: config.Settings, n: int) -> None:
    """Write a segment of submissions, unless it is there."""
    path = settings.journal_dir / "submissions-20260115T045038123456Z-00000002.jsonl"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            file.writelines(requests(n))


def send_plan(settings: config.Settings, n: int) -> Callable[[], Any]:
    """Plan a batch of as many messages beside a history of them (1 GB)."""
    submitted(settings, n)
    path = settings.home / "batch.csv"
    duckdb.sql(MESSAGES.format(n=n, path=path))

    def run() -> Any:
        opened = batch_file.open_source(path)
        with batch.read(opened, Defaults(batch_id=opened.batch_id), settings.home) as rows:
            return attempts.consult(rows, attempts.indexed(settings.journal_dir), "route_mobile").attempted

    return run


def ingest_submissions(settings: config.Settings, n: int) -> Callable[[], Any]:
    """Ingest them (chunks of 128 MiB, 3 GB)."""
    submitted(settings, n)
    settings.database.unlink(missing_ok=True)
    return lambda: ingest(settings).n_submissions


def callbacks(settings: config.Settings, n: int) -> Callable[[], Any]:
    """Ingest callbacks that match nothing: all are tried again by every later ingest that brings messages."""
    path = settings.journal_dir / "callbacks-20260115T045038123456Z-00000002.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    query = f"""COPY (SELECT 'cb' || i AS callback_id, '{AT}' AS received_at, 'route_mobile' AS gateway,
        'GET' AS method,
        'sSender=TESTSM&sMobileNo=91' || (6000000000 + i) || '&sStatus=DELIVRD&dtSubmit=2026-01-15+10%3A20%3A30'
        || '&dtDone=2026-01-15+10%3A20%3A36&sMessageId=other-' || i || '&iErrCode=0&sTagName=camp42' AS query,
        '' AS content_type, '' AS body FROM range({n}) t(i)) TO '{path}' (FORMAT json)"""
    if not path.exists():
        duckdb.sql(query)
    settings.database.unlink(missing_ok=True)
    return lambda: ingest(settings).n_dlrs


def rematch(settings: config.Settings, n: int) -> Callable[[], Any]:
    """Bring messages to as many DLRs that match by number, header and time only."""
    callbacks(settings, n)()
    path = settings.home / "messages.csv"
    duckdb.sql(MESSAGES.format(n=n, path=path))
    return lambda: bring_in(settings, "messages", path).ingested


def import_messages(settings: config.Settings, n: int) -> Callable[[], Any]:
    """Import messages from CSV (1.5 GB to check, parts of 1,000,000 rows, 3 GB to ingest)."""
    path = settings.home.parent / f"messages-{n}.csv"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        duckdb.sql(MESSAGES.format(n=n, path=path))
    return lambda: bring_in(settings, "messages", path).n_changed


def import_dlrs(settings: config.Settings, n: int) -> Callable[[], Any]:
    """Import DLRs from CSV."""
    settings.home.mkdir(parents=True, exist_ok=True)
    path = settings.home / "dlrs.csv"
    duckdb.sql(DLRS.format(n=n, path=path))
    return lambda: bring_in(settings, "dlrs", path).n_changed


def page(settings: config.Settings, n: int) -> Callable[[], Any]:
    """Count all outcomes by campaign, behind `import_messages`."""
    import_messages(settings, n)()
    return lambda: len(rm.metrics.rates(rm.connect(settings.home).outcomes()))


def purged(settings: config.Settings, n: int) -> Callable[[], Any]:
    """Purge: the database is made anew from the journal."""
    ingest_submissions(settings, n)()
    (settings.journal_dir / "callbacks-20200115T045038123456Z-00000009.jsonl").write_text("")
    chosen = purge.plan(settings, datetime.now(UTC))
    kept = [path for path in chosen.paths if path.name.startswith("callbacks")]
    return lambda: purge.purge(
        settings, purge.PurgePlan(before=chosen.before, paths=tuple(kept), n_bytes=0, kept={})
    )


CASES = {one.__name__: one for one in (send_plan, ingest_submissions, callbacks, rematch, import_messages)}
CASES |= {one.__name__: one for one in (import_dlrs, page, purged)}


def main() -> None:
    """Print the figures of one case."""
    folder, name, threads, *more = sys.argv[1:]
    n = int(more[0]) if more else 3_000_000
    plain = duckdb.connect

    def connect(*args: Any, **other: Any) -> duckdb.DuckDBPyConnection:
        connection = plain(*args, **other)
        connection.execute(f"SET threads = {threads}")
        return connection

    duckdb.connect = connect
    settings = config.load(home=Path(folder) / "data")
    settings.home.mkdir(parents=True, exist_ok=True)
    run = CASES[name](settings, n)
    start = time.perf_counter()
    found = run()
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6
    print(
        f"{name}: {n:,} on {threads} threads: {seconds:.1f} s ({cpu:.0f} s cpu), peak {peak:.1f} GB, {found!r:.80}"
    )


if __name__ == "__main__":
    main()
