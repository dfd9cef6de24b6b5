"""Rows per second of `import messages` from CSV, ingest included: `python tests/benchmarks/bench_import.py [ROWS]`."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from rmanalytics import config
from rmanalytics.imports import bring_in

ROWS = """COPY (SELECT 'msg-' || i AS message_id, (1700000000 + i % 50)::VARCHAR AS campaign_id,
    '91' || (9800000000 + i)::VARCHAR AS msisdn, 'TESTSM' AS header, '1101000000000000001' AS entity_id,
    '1107000000000000001' AS template_id, CASE WHEN i % 10 = 0 THEN 'आपका ओटीपी ' || i || ' है'
    ELSE 'Dear customer, your OTP is ' || i || '. Do not share it. ACME' END AS body, 'gw-' || i AS gateway_message_id,
    '2025-01-15 10:20:30' AS planned_at FROM range({n}) t(i)) TO '{path}' (HEADER)"""


def main() -> None:
    """Print the figures."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "messages.csv"
        duckdb.sql(ROWS.format(n=n, path=path))
        start = time.perf_counter()
        read = bring_in(config.load(home=Path(folder) / "data"), "messages", path)
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{read.n_rows:,} rows in {seconds:.1f} s, {read.n_rows / seconds:,.0f}/s, peak {peak:.1f} GB")


if __name__ == "__main__":
    main()
