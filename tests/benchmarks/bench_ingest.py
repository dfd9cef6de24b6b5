"""How fast the journal gets into DuckDB, beside DuckDB's own read_json of the same file in the same run.

    python tests/benchmarks/bench_ingest.py [N_CALLBACKS] [RUNS]

Half of the callbacks are GET, half POST forms; one message in two is known. Figures are whole calls of
`ingest`: reading, translating, matching, inserting, committing, checkpointing.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path

import duckdb

from rmanalytics import config, journal
from rmanalytics.ingest.run import ingest

FIELDS = (
    "sSender=TESTSM&sMobileNo=9198{n:08}&sStatus=DELIVRD&dtSubmit=2025-01-15%2010:20:30&dtDone=2025-01-15%2010:20:36"
    "&sMessageId={id}&iCostPerSms=0.0120&iCharge=0.0120&iMCCMNC=40445&iErrCode=0&sTagName=camp42&sUdf1=&sUdf2="
)
NAMES = ("callback_id", "received_at", "gateway", "method", "query", "content_type", "body")
COLUMNS = "{" + ", ".join(f"{name}: 'VARCHAR'" for name in NAMES) + "}"


def gateway_id(n: int) -> str:
    return str(uuid.UUID(int=(n * 0x9E3779B97F4A7C15F39CC0605CEDC835) % (1 << 128)))


def fill(settings: config.Settings, n_callbacks: int) -> Path:
    """Write messages, submissions and callbacks; return the segment of the callbacks."""
    at = "2025-01-15T04:50:37.123456Z"
    with journal.Writer(settings.journal_dir, journal.MESSAGES, segment_bytes=1 << 40) as writer:
        for start in range(0, n_callbacks // 2, 10_000):
            writer.append(
                journal.line(
                    {
                        "message_id": f"m{n}",
                        "campaign_id": "camp42",
                        "gateway": "route_mobile",
                        "msisdn": f"9198{n:08}",
                        "header": "TESTSM",
                        "body": "Your code is 1234",
                        "planned_at": at,
                    }
                )
                for n in range(start, start + 10_000)
            )
    with journal.Writer(settings.journal_dir, journal.SUBMISSIONS, segment_bytes=1 << 40) as writer:
        for start in range(0, n_callbacks // 2, 1_000):
            names = range(start, start + 1_000)
            responses = [
                {
                    "message_id": f"m{n}",
                    "result": "accepted",
                    "code": "1701",
                    "gateway_message_id": gateway_id(n),
                }
                for n in names
            ]
            ids = [f"m{n}" for n in names]
            writer.append(
                [
                    journal.line({"attempt_id": f"a{start}", "attempted_at": at, "message_ids": ids}),
                    journal.line(
                        {
                            "attempt_id": f"a{start}",
                            "answered_at": at,
                            "http_status": 200,
                            "responses": responses,
                        }
                    ),
                ]
            )
    with journal.Writer(settings.journal_dir, journal.CALLBACKS, segment_bytes=1 << 40) as writer:
        for start in range(0, n_callbacks, 10_000):
            writer.append(journal.line(callback(n, at)) for n in range(start, start + 10_000))
        assert writer.path is not None
        return writer.path


def callback(n: int, at: str) -> dict[str, str]:
    text = FIELDS.format(n=n, id=gateway_id(n))
    record = {"callback_id": f"cb-{n}", "received_at": at, "gateway": "route_mobile"}
    if n % 2:
        return record | {"method": "GET", "query": text, "content_type": "", "body": ""}
    return record | {
        "method": "POST",
        "query": "",
        "content_type": "application/x-www-form-urlencoded",
        "body": text,
    }


def read_json_s(segment: Path, folder: Path) -> float:
    """Return the seconds that DuckDB itself takes to read the file into a table."""
    began = time.perf_counter()
    with duckdb.connect(folder / f"{uuid.uuid4()}.duckdb") as connection:
        connection.execute(
            f"CREATE TABLE raw AS SELECT * FROM read_json('{segment}', format='newline_delimited', columns={COLUMNS})"
        )
    return time.perf_counter() - began


def main(n_callbacks: int, runs: int) -> None:
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    )
    with tempfile.TemporaryDirectory() as name:
        rates, ratios = [], []
        for number in range(runs):
            settings = config.load(home=Path(name) / str(number))
            segment = fill(settings, n_callbacks)
            hidden = segment.rename(segment.with_suffix(".hidden"))
            ingest(settings)
            hidden.rename(segment)
            raw_s = read_json_s(segment, Path(name))
            began = time.perf_counter()
            done = ingest(settings)
            took_s = time.perf_counter() - began
            assert (done.n_callbacks, done.n_dlrs) == (n_callbacks, n_callbacks)
            rates.append(n_callbacks / took_s)
            ratios.append(raw_s / took_s)
            print(
                f"ingest {rates[-1]:,.0f}/s, read_json {n_callbacks / raw_s:,.0f}/s, ratio {ratios[-1]:.2f}"
            )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"median: {statistics.median(rates):,.0f} callbacks/s, ratio {statistics.median(ratios):.2f}, "
            f"peak {peak:.2f} GB"
        )


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    main(*(arguments + [1_000_000, 3][len(arguments) :]))
