"""How long the notebooks take: all for one campaign of a million messages, the overview over 10 million.

    python tests/benchmarks/bench_notebooks.py FOLDER

Makes FOLDER/one/rmanalytics.duckdb (1,000,000 messages of one campaign) and FOLDER/many/rmanalytics.duckdb (500
campaigns, 10,000,000 messages), each with a DLR a message, once. Beside them papermill's empty notebook, so that
our share of the time is visible. Peak memory is that of the largest process.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import nbformat

from rmanalytics import warehouse
from rmanalytics.notebook import parameters
from rmanalytics.report.build import report
from rmanalytics.support import resources

AS_OF = "2026-11-21T00:00:00Z"
SIZES = {"one": (1_000_000, 1), "many": (10_000_000, 500)}
MESSAGES = """
INSERT INTO messages BY NAME SELECT
    'm' || i AS message_id, 'camp' || (i % $n_campaigns) AS campaign_id, 'b1' AS batch_id,
    'route_mobile' AS gateway, if(i % 10 = 0, 'international', 'domestic') AS route,
    if(i % 10 = 0, '44', '91') || (9_000_000_000 + i) AS msisdn, 'HDR' || i % 5 AS header,
    '1101000000000000001' AS entity_id, '1107000000000000' || (100 + i % 50) AS template_id,
    'Your code is ' || (i % 10_000) AS body, 'gsm7' AS encoding, 1 AS n_segments,
    TIMESTAMPTZ '2026-11-20 03:00:00+00' + to_microseconds((72_000_000_000 * i) // $n) AS planned_at, i AS line
FROM range($n) AS t(i)
"""
SUBMISSIONS = """
INSERT INTO submissions BY NAME SELECT
    'a' || rowid // 100 AS attempt_id, message_id, batch_id, gateway, planned_at + to_milliseconds(400) AS attempted_at,
    planned_at + to_milliseconds(600) AS answered_at, planned_at, 200 AS http_status,
    CASE WHEN rowid % 100 = 1 THEN 'refused' WHEN rowid % 333 = 2 THEN 'unclear' ELSE 'accepted' END AS result,
    if(result = 'refused', '1706', if(result = 'accepted', '1701', NULL)) AS code,
    if(result = 'accepted', 'g' || rowid, NULL) AS gateway_message_id
FROM messages
"""
DLRS = """
INSERT INTO dlrs BY NAME SELECT
    'c' || rowid AS callback_id, 0 AS position, gateway, message_id, 'gateway_message_id' AS matched_by,
    gateway_message_id, 'HDR' || rowid % 5 AS header,
    CASE WHEN chance % 29 = 0 THEN 'queued' WHEN chance % 53 = 0 THEN 'unknown' WHEN chance % 11 = 1 THEN 'failed'
        ELSE 'delivered' END AS status,
    CASE status WHEN 'queued' THEN 'ENROUTE' WHEN 'failed' THEN 'UNDELIV' WHEN 'delivered' THEN 'DELIVRD'
        ELSE 'UNKNOWN' END AS raw_status,
    if(status = 'failed', ['633', '650', '612', '27', '1'][(1 + chance % 5)::INT], NULL) AS error_code,
    planned_at, attempted_at AS submitted_at,
    attempted_at + to_milliseconds(500 + (chance % 20_000)::BIGINT) AS done_at,
    done_at + to_milliseconds(400) AS received_at, 0.12 AS cost, 0.12 AS charge,
    ['40410', '40411', '405854', '40471', '310260'][(1 + chance % 5)::INT] AS mcc_mnc
FROM (SELECT *, rowid, hash(message_id) AS chance FROM submissions) WHERE result = 'accepted' AND chance % 97 > 0
"""
EMPTY = nbformat.v4.new_notebook(
    cells=[nbformat.v4.new_code_cell("pass")],
    metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}},
)


def fill(home: Path, n: int, n_campaigns: int) -> None:
    """Make the database."""
    with warehouse.writer(home / "rmanalytics.duckdb") as connection:
        connection.execute(MESSAGES, {"n": n, "n_campaigns": n_campaigns})
        connection.execute(SUBMISSIONS)
        connection.execute(DLRS)


def measure(home: Path, *names: str) -> None:
    """Print how long the notebooks of those names take, one after the other, and how large their pages are."""
    asked = parameters.check(home=home, as_of=AS_OF, now=datetime.now(UTC))
    for name in names:
        start = time.perf_counter()
        made = report(
            [resources.notebooks()[0].parent / f"{name}.ipynb"], asked, out=home / "out", is_fresh=True
        )
        took, size = time.perf_counter() - start, (home / "out" / made.runs[0]["html"]).stat().st_size
        error = made.runs[0]["error"] or ""
        print(
            f"{home.name}: {name:20} {took:6.2f} s, page {size / 1e3:.0f} kB, {peak_gb():.2f} GB {error}",
            flush=True,
        )


def empty(folder: Path) -> None:
    """Print how long papermill takes for a notebook that does nothing."""
    import papermill

    notebook = folder / "empty.ipynb"
    notebook.write_text(nbformat.writes(EMPTY))
    start = time.perf_counter()
    papermill.execute_notebook(
        notebook, folder / "empty-out.ipynb", progress_bar=False, kernel_name="python3"
    )
    print(f"papermill's empty notebook {time.perf_counter() - start:6.2f} s, {peak_gb():.2f} GB", flush=True)


def peak_gb() -> float:
    """Peak memory of the largest process that has ended, in GB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6


def main(folder: str) -> None:
    """Fill what is missing, then measure."""
    homes = {name: Path(folder) / name for name in SIZES}
    for name, home in homes.items():
        if not (home / "rmanalytics.duckdb").exists():
            home.mkdir(parents=True, exist_ok=True)
            subprocess.run(
                [sys.executable, __file__, "fill", str(home), *map(str, SIZES[name])],
                check=True,
                timeout=3600,
            )
    empty(Path(folder))
    start = time.perf_counter()
    measure(homes["one"], *(path.stem for path in resources.notebooks()))
    print(f"all for one campaign {time.perf_counter() - start:6.2f} s", flush=True)
    measure(homes["many"], "overview")


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        fill(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        main(*sys.argv[1:])
