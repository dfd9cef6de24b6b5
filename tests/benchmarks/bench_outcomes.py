"""How long outcomes and all rates per campaign take, and how much memory, on two threads.

    python tests/benchmarks/bench_outcomes.py FOLDER [N_MESSAGES] [RUNS]

Makes FOLDER/outcomes-N_MESSAGES.duckdb once: 5 million messages and 10 million DLRs unless told otherwise, some
of them of messages that nobody planned. Peak memory is that of this process, which only asks.
"""

from __future__ import annotations

import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import ibis
import pandas as pd

from rmanalytics import metrics, warehouse
from rmanalytics.warehouse import outcomes
from rmanalytics.warehouse.snapshot import Snapshot

AS_OF = datetime(2026, 2, 1, tzinfo=UTC)
MESSAGES = """
INSERT INTO messages BY NAME SELECT
    i || '.1700000001.' || hash(i) % 10_000_000_000 AS message_id, 'camp' || i % 20 AS campaign_id, 'b1' AS batch_id,
    'route_mobile' AS gateway, if(i % 10 = 0, 'international', 'domestic') AS route,
    if(i % 10 = 0, '44', '91') || (9_000_000_000 + i) AS msisdn, 'HDR' || i % 5 AS header,
    '1101000000000000001' AS entity_id, '1107000000000000' || (100 + i % 50) AS template_id,
    'Your code is ' || i || ', valid for 10 minutes' AS body, 'gsm7' AS encoding, 1 AS n_segments,
    TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_milliseconds(i) AS planned_at, i AS line
FROM range($n) AS t(i)
"""
SUBMISSIONS = """
INSERT INTO submissions BY NAME SELECT
    'a' || rowid // 100 AS attempt_id, message_id, batch_id, gateway, planned_at + to_seconds(1) AS attempted_at,
    planned_at + to_milliseconds(1200) AS answered_at, 200 AS http_status,
    CASE WHEN rowid % 100 = 1 THEN 'refused' WHEN rowid % 333 = 2 THEN 'unclear' ELSE 'accepted' END AS result,
    if(result = 'refused', '1706', if(result = 'accepted', '1701', NULL)) AS code,
    if(result = 'accepted', uuid()::VARCHAR, NULL) AS gateway_message_id
FROM messages
"""
DLRS = """
INSERT INTO dlrs BY NAME SELECT
    'c' || uuid() AS callback_id, 0 AS position, s.gateway,
    if(chance % 1000 = 7, NULL, message_id) AS message_id,
    if(chance % 1000 = 7, NULL, 'gateway_message_id') AS matched_by,
    gateway_message_id, '91' || (9_000_000_000 + s.rowid) AS msisdn, 'HDR' || s.rowid % 5 AS header,
    CASE WHEN k = 0 THEN 'queued' WHEN chance % 20 = 0 THEN 'unknown' WHEN chance % 10 = 1 THEN 'failed'
        ELSE 'delivered' END AS status,
    CASE status WHEN 'queued' THEN 'ENROUTE' WHEN 'failed' THEN 'UNDELIV' WHEN 'delivered' THEN 'DELIVRD'
        ELSE 'NEWWORD' END AS raw_status,
    if(status = 'failed', '2' || chance % 60, NULL) AS error_code, attempted_at AS submitted_at,
    attempted_at + to_milliseconds((500 + chance % 20_000)::BIGINT) AS done_at,
    attempted_at + to_milliseconds((900 + chance % 20_000)::BIGINT) AS received_at,
    0.012 AS cost, 0.012 AS charge, ['40410', '40411', '405854', '40471', '310260'][(1 + chance % 5)::INT] AS mcc_mnc,
    'camp' || s.rowid % 20 AS tag
FROM (SELECT *, rowid, hash(message_id) AS chance FROM submissions) AS s, range(3) AS t(k)
WHERE result = 'accepted' AND chance % 97 > 0 AND (k < 2 OR chance % 25 = 0)
"""


def fill(path: Path, n_messages: int) -> None:
    """Make the database."""
    with warehouse.writer(path) as connection:
        connection.execute(MESSAGES, {"n": n_messages})
        connection.execute(SUBMISSIONS)
        connection.execute(DLRS)


def measure(name: str, runs: int, ask: Callable[[], pd.DataFrame]) -> None:
    """Print the times of the runs and the peak memory up to now; CPU time tells of a machine busy otherwise."""
    times, cpu_times = [], []
    for _ in range(runs):
        start, cpu_start = time.perf_counter(), time.process_time()
        ask()
        times.append(time.perf_counter() - start)
        cpu_times.append(time.process_time() - cpu_start)
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    wall, cpu = statistics.median(times), statistics.median(cpu_times)
    print(f"{name:34} {wall:5.2f} s (worst {max(times):.2f}), CPU {cpu:5.2f} s, peak {peak_gb:.2f} GB")


def main(folder: str, n_messages: str = "5000000", runs: str = "5") -> None:
    path = Path(folder) / f"outcomes-{n_messages}.duckdb"
    if not path.exists():
        subprocess.run([sys.executable, __file__, "fill", str(path), n_messages], check=True, timeout=3600)
    engine = ibis.duckdb.from_connection(duckdb.connect(path, read_only=True, config={"threads": 2}))
    table = outcomes.fold(Snapshot(relation=engine.table, as_of=AS_OF), horizon_s=72 * 3600)
    names = ("messages", "submissions", "dlrs")
    sizes = ", ".join(f"{engine.table(name).count().execute():,} {name}" for name in names)
    print(
        f"{sizes}; duckdb {duckdb.__version__}, {platform.machine()}, Python {platform.python_version()}, 2 threads"
    )
    measure("outcomes + all rates per campaign", int(runs), lambda: metrics.rates(table))
    measure("by operator and hour", int(runs), lambda: metrics.rates(table, by=("operator", "hour")))
    measure("accounting", int(runs), lambda: metrics.accounting(table))
    measure("time to DLR per campaign", int(runs), lambda: metrics.time_to_dlr(table))
    everything = table.aggregate([table[name].count().name(name) for name in table.columns])
    measure("every column of every outcome", int(runs), everything.execute)


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        fill(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main(*sys.argv[1:])
