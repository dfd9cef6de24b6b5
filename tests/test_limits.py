"""Constant limits met with ten times what they are for: slower, never impossible (`tests/benchmarks/README.md`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from rmanalytics import config, journal
from rmanalytics.imports import bring_in
from rmanalytics.imports import run as importing
from rmanalytics.ingest.run import ingest
from rmanalytics.send import attempts, batch, batch_file
from rmanalytics.send.rows import Defaults
from rmanalytics.support.ids import LONGEST
from rmanalytics.warehouse import connection as warehouse

AT = "2026-01-15T04:50:37.123456Z"
N, N_EACH = 100_000, 1_000
MEMORY = {"send": "300MB", "import": "150MB", "writer": "300MB"}
"""A tenth of what each may use (of a send a third: a block of journal lines takes as much, whatever their number)."""

THREADS = (1, 2, 16)
EXPORT = """COPY (SELECT 'm' || i AS message_id, 'c1' AS campaign_id, (919000000000 + i)::VARCHAR AS msisdn,
    'Your OTP is ' || i || '. Do not share it.' AS body, 'gw-' || i AS gateway_message_id,
    '1101000000000000001' AS entity_id, '1107000000000000001' AS template_id, 'ACMEBK' AS header,
    '2026-01-15 10:20:30' AS planned_at FROM range({n}) t(i)) TO '{path}' (HEADER)"""
DLRS = """COPY (SELECT '91' || (9000000000 + i)::VARCHAR AS sMobileNo, 'DELIVRD' AS sStatus, 'gw-' || i AS sMessageId,
    '2026-01-15 10:20:30' AS dtSubmit, '2026-01-15 10:20:36' AS dtDone FROM range({n}) t(i)) TO '{path}' (HEADER)"""


@pytest.fixture(params=THREADS, ids=lambda n: f"{n} threads")
def threads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Whatever opens a database does so with a tenth of its memory and so many threads."""
    monkeypatch.setattr(attempts, "MEMORY", MEMORY["send"])
    monkeypatch.setattr(importing, "MEMORY", MEMORY["import"])
    monkeypatch.setattr(warehouse, "WRITER_MEMORY", MEMORY["writer"])
    plain = duckdb.connect

    def connect(*args: Any, **other: Any) -> duckdb.DuckDBPyConnection:
        connection = plain(*args, **other)
        connection.execute(f"SET threads = {request.param}")
        return connection

    monkeypatch.setattr(duckdb, "connect", connect)
    n_threads: int = request.param
    return n_threads


def count(settings: config.Settings, relation: str) -> int:
    with duckdb.connect(settings.database, read_only=True) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0])


def submitted(settings: config.Settings) -> None:
    """A journal of requests of 1,000 messages."""
    settings.journal_dir.mkdir(parents=True, exist_ok=True)
    path = settings.journal_dir / "submissions-20260115T045038123456Z-00000002.jsonl"
    with path.open("w") as file:
        for first in range(0, N, N_EACH):
            ids = [f"m{place}" for place in range(first, first + N_EACH)]
            said = [
                {
                    "message_id": one,
                    "result": "accepted",
                    "code": "1701",
                    "gateway_message_id": f"gw-{one[1:]}",
                }
                for one in ids
            ]
            attempt = {"attempt_id": f"a{first}", "attempted_at": AT, "message_ids": ids}
            answer = {"attempt_id": f"a{first}", "answered_at": AT, "http_status": 200, "responses": said}
            file.write(f"{json.dumps(attempt)}\n{json.dumps(answer)}\n")


def test_journal(threads: int, settings: config.Settings, tmp_path: Path) -> None:
    """A batch of as many messages beside a history of them is planned, the history ingested."""
    submitted(settings)
    path = tmp_path / "batch.csv"
    duckdb.sql(EXPORT.format(n=N, path=path))
    opened = batch_file.open_source(path)
    with batch.read(opened, Defaults(), settings.home) as read:
        found = attempts.consult(read, attempts.indexed(settings.journal_dir), "route_mobile")
    assert sum(found.attempted.values()) == N
    assert ingest(settings).n_submissions == N


def test_imports(threads: int, settings: config.Settings, tmp_path: Path) -> None:
    """DLRs that come before their messages, and the messages, are imported, and find each other."""
    for kind, query in (("dlrs", DLRS), ("messages", EXPORT)):
        path = tmp_path / f"{kind}.csv"
        duckdb.sql(query.format(n=N, path=path))
        assert bring_in(settings, kind, path).n_good == N
    assert count(settings, "outcomes WHERE state = 'delivered'") == N


LENGTHS = {"the longest": (LONGEST, 0), "one more": (LONGEST + 1, 1)}


@pytest.mark.parametrize("length, n_faults", LENGTHS.values(), ids=LENGTHS)
def test_long_ids(settings: config.Settings, tmp_path: Path, length: int, n_faults: int) -> None:
    """The longest ids, a thousand in a request, are read again; longer ones are refused with the fix."""
    ids = [f"m{n}".ljust(length, "आ") for n in range(N_EACH)]
    said = [{"message_id": one, "result": "accepted", "detail": "आ" * 200} for one in ids]
    attempt = {"attempt_id": "a", "attempted_at": AT, "message_ids": ids}
    answer = {"attempt_id": "a", "answered_at": AT, "http_status": 200, "responses": said}
    settings.journal_dir.mkdir(parents=True)
    path = settings.journal_dir / "submissions-20260115T045038123456Z-00000002.jsonl"
    path.write_bytes(journal.records.line(attempt) + journal.records.line(answer))
    batch_path = tmp_path / "batch.csv"
    head, row = "msisdn,body,campaign_id,header,entity_id,template_id,message_id", "919800000001,Hi,c,A,1,2"
    batch_path.write_text(f"{head}\n{row},{ids[7]}\n")
    opened = batch_file.open_source(batch_path)
    with batch.read(opened, Defaults(), settings.home) as read:
        assert read.faults.n_rows == n_faults
        found = attempts.consult(read, attempts.indexed(settings.journal_dir), "route_mobile")
        assert sum(found.attempted.values()) == 1 - n_faults
        assert all("use an id of at most 1,000" in one.reason for one in read.faults.listed)
