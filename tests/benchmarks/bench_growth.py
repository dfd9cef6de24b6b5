"""What a morning costs beside a history of any size: processor seconds and peak memory of whole commands.

    python tests/benchmarks/bench_growth.py FOLDER [N_MESSAGES …]

Sizes are 0, 1, 5 and 20 million unless told otherwise. The history, spread evenly over the year before today, is
made in SQL, into the relations as ingest leaves them (two DLRs a message, three in a thousand of nobody); nothing
of it is in the journal. An `ingest` then keeps its outcomes, not measured. The morning is 25,000 messages of today
and 50,000 callbacks in the journal. Databases of histories stay in FOLDER and are used again on the same day.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench_ingest import callback, gateway_id

from rmanalytics import config, journal, warehouse
from rmanalytics.warehouse import times

SIZES = (0, 1_000_000, 5_000_000, 20_000_000)
N_NEW = 25_000
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
STEP = 1_000_000

MESSAGES = """
INSERT INTO messages BY NAME SELECT
    i || '.1700000001.' || hash(i) % 10_000_000_000 AS message_id, 'camp' || i * 500 // $all AS campaign_id,
    'b' || i // 25_000 AS batch_id, 'route_mobile' AS gateway, 'domestic' AS route,
    '91' || (6_000_000_000 + i) AS msisdn, 'HDR' || i % 5 AS header, '1101000000000000001' AS entity_id,
    '1107000000000000' || (100 + i % 50) AS template_id,
    'Your code is ' || i || ', valid for 10 minutes' AS body, 'gsm7' AS encoding, 1 AS n_segments,
    $from + to_microseconds((i * 364.0 * 86400e6 / $all)::BIGINT) AS planned_at, i AS line
FROM range($first, $last) AS t(i)
"""
SUBMISSIONS = """
INSERT INTO submissions BY NAME SELECT
    'a' || line // 100 AS attempt_id, message_id, batch_id, gateway, planned_at + to_seconds(1) AS attempted_at,
    planned_at + to_milliseconds(1200) AS answered_at, 200 AS http_status,
    CASE WHEN line % 100 = 1 THEN 'refused' ELSE 'accepted' END AS result,
    if(result = 'refused', '1706', '1701') AS code, if(result = 'accepted', uuid()::VARCHAR, NULL)
        AS gateway_message_id, planned_at
FROM messages WHERE line >= $first AND planned_at >= $since
"""
DLRS = """
INSERT INTO dlrs BY NAME SELECT
    'c' || uuid() AS callback_id, 0 AS position, s.gateway,
    if(chance % 1000 < 3, NULL, s.message_id) AS message_id,
    if(chance % 1000 < 3, NULL, 'gateway_message_id') AS matched_by,
    gateway_message_id, m.msisdn, m.header,
    CASE WHEN k = 0 THEN 'queued' WHEN chance % 10 = 1 THEN 'failed' ELSE 'delivered' END AS status,
    CASE status WHEN 'queued' THEN 'ENROUTE' WHEN 'failed' THEN 'UNDELIV' ELSE 'DELIVRD' END AS raw_status,
    if(status = 'failed', '2' || chance % 60, NULL) AS error_code, attempted_at AS submitted_at,
    attempted_at + to_milliseconds((500 + chance % 20_000)::BIGINT) AS done_at,
    attempted_at + to_milliseconds((900 + chance % 20_000)::BIGINT) AS received_at,
    0.012 AS cost, 0.012 AS charge, ['40410', '40411', '405854'][(1 + chance % 3)::INT] AS mcc_mnc,
    m.campaign_id AS tag, false AS is_time_unread,
    if(message_id IS NULL, attempted_at, s.planned_at) AS planned_at
FROM (SELECT *, hash(message_id) AS chance FROM submissions WHERE planned_at >= $since) AS s
JOIN (FROM messages WHERE planned_at >= $since) AS m USING (message_id), range(2) AS t(k)
WHERE result = 'accepted'
"""


def fill(settings: config.Settings, n_messages: int) -> None:
    """Make the relations of a history, a part at a time, in the order of time."""
    start = TODAY - timedelta(days=365)
    with warehouse.writer(settings.database) as connection:
        for first in range(0, n_messages, STEP):
            last = min(first + STEP, n_messages)
            values = {"all": n_messages, "first": first, "last": last, "from": start}
            connection.execute(MESSAGES, values)
            since = start + timedelta(days=364.0 * first / n_messages) - timedelta(seconds=1)
            connection.execute(SUBMISSIONS, {"first": first, "since": since})
            since = start + timedelta(days=364.0 * first / n_messages)
            connection.execute(DLRS, {"since": since})
        times.measure(connection)
        times.record(connection)


def command(settings: config.Settings, *words: str) -> tuple[float, float, float]:
    """Run a command; return its processor seconds, those of its children included, its peak GB and wall seconds."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "rmanalytics", *words, "--home", str(settings.home)],
        stdout=subprocess.DEVNULL,
        env=os.environ | {"RMANALYTICS_DISPLAY_ZONE": "UTC"},
    )
    _, status, used = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, words
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6, time.perf_counter() - began


def write_morning(settings: config.Settings) -> None:
    """Journal the morning: plans, attempts with their answers, two callbacks a message."""
    at = f"{TODAY:%Y-%m-%dT}00:00:10.000000Z"
    names = {f"new{n}": n for n in range(N_NEW)}
    with journal.Writer(settings.journal_dir, journal.MESSAGES) as writer:
        writer.append(journal.line(message(name, n, at)) for name, n in names.items())
    with journal.Writer(settings.journal_dir, journal.SUBMISSIONS) as writer:
        for start in range(0, N_NEW, 1000):
            some = [f"new{n}" for n in range(start, start + 1000)]
            writer.append(map(journal.line, attempt(f"new-a{start}", some, at)))
    with journal.Writer(settings.journal_dir, journal.CALLBACKS) as writer:
        writer.append(journal.line(dated(n, at)) for n in range(N_NEW))
        writer.append(journal.line(dated(n, at) | {"callback_id": f"again-{n}"}) for n in range(N_NEW))


def message(name: str, n: int, at: str) -> dict[str, object]:
    own = {"message_id": name, "campaign_id": "morning", "batch_id": "today", "gateway": "route_mobile"}
    own |= {"route": "domestic", "msisdn": f"9198{n:08}", "header": "TESTSM", "encoding": "gsm7"}
    return own | {"body": f"Your code is {n}", "n_segments": 1, "planned_at": at, "line": n}


def attempt(name: str, ids: list[str], at: str) -> list[dict[str, object]]:
    responses = [
        {
            "message_id": one,
            "result": "accepted",
            "code": "1701",
            "gateway_message_id": gateway_id(int(one[3:])),
        }
        for one in ids
    ]
    own = {"attempt_id": name, "batch_id": "today", "gateway": "route_mobile"}
    return [
        own | {"attempted_at": at, "message_ids": ids},
        {"attempt_id": name, "answered_at": at, "http_status": 200, "responses": responses},
    ]


def dated(n: int, at: str) -> dict[str, str]:
    told = callback(n, at)
    day = f"{TODAY:%Y-%m-%d}"
    return {key: value.replace("2025-01-15%2010:20", f"{day}%2005:30") for key, value in told.items()}


def main(folder: Path, sizes: list[int]) -> None:
    print("messages of history | ingest: s, GB | report of the day: s, GB | wall s of both")
    first: list[float] = []
    for size in sizes:
        there = folder / f"history-{size}-{TODAY:%Y%m%d}"
        settings = config.load(home=there / "data")
        if not settings.database.exists():
            # In a process of its own: a child's peak memory is never less than its parent's when it was started.
            subprocess.run([sys.executable, __file__, "fill", str(there), str(size)], check=True)
            command(settings, "ingest")
        morning = config.load(home=folder / "morning" / "data")
        shutil.rmtree(morning.home.parent, ignore_errors=True)
        shutil.copytree(there, morning.home.parent)
        write_morning(morning)
        day = f"{TODAY:%Y-%m-%d}"
        taken, taken_gb, taken_wall = command(morning, "ingest")
        out = str(folder / "morning" / "reports")
        shown = command(morning, "report", "campaign_delivery", "--since", day, "--until", day, "--out", out)
        found = [taken, taken_gb, shown[0], shown[1]]
        first = first or found
        ratios = ", ".join(f"{now / then:.2f}" for now, then in zip(found, first, strict=True))
        print(
            f"{size:11,} | {taken:5.1f} {taken_gb:5.2f} | {shown[0]:5.1f} {shown[1]:5.2f} | "
            f"{taken_wall:5.1f} {shown[2]:5.1f} | ÷ the first row: {ratios}",
            flush=True,
        )


if __name__ == "__main__" and sys.argv[1] == "fill":
    fill(config.load(home=Path(sys.argv[2]) / "data"), int(sys.argv[3]))
elif __name__ == "__main__":
    main(Path(sys.argv[1]), [int(size) for size in sys.argv[2:]] or list(SIZES))
