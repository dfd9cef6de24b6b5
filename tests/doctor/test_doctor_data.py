"""Disk, clock, database, journal, relay, versions: every outcome in the words a user reads."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from support import records
from support.doctoring import NOW, find, scene, told
from support.relaying import callback, relay_all
from support.standin import Reply, standing_in

from rmanalytics import journal
from rmanalytics.checks import Finding, Mark
from rmanalytics.config import Settings
from rmanalytics.doctor import Scene
from rmanalytics.doctor.checks import installation, machine
from rmanalytics.ingest.run import ingest

_HOLD = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"
GB = 10**9
HERE = Path("/srv/sms")

JUDGED: dict[str, tuple[Finding, tuple[str, str, str]]] = {
    "room": (
        machine.judge_space(HERE, 100 * GB, 0, 50 * GB),
        ("ok", "50.0 GB of 100 GB free (50%) at /srv/sms", ""),
    ),
    "below 5 %": (
        machine.judge_space(HERE, 100 * GB, 0, 4 * GB),
        (
            "warning",
            "4.0 GB of 100 GB free (4%) at /srv/sms",
            "free disk space, or remove old journal files with `rmanalytics purge`",
        ),
    ),
    "below 1 GB": (
        machine.judge_space(HERE, 2 * GB, 0, GB // 2),
        (
            "warning",
            "0.5 GB of 2 GB free (25%) at /srv/sms",
            "free disk space, or remove old journal files with `rmanalytics purge`",
        ),
    ),
    "full": (
        machine.judge_space(HERE, 2 * GB, 0, 0),
        (
            "fault",
            "0.0 GB of 2 GB free (0%) at /srv/sms",
            "free disk space: nothing can be written to the journal",
        ),
    ),
    "quick": (machine.judge_writing(HERE, 0.002), ("ok", "/srv/sms: writable, fsync 2.0 ms", "")),
    "slow": (
        machine.judge_writing(HERE, 0.08),
        (
            "warning",
            "/srv/sms: writable, fsync 80.0 ms",
            "callbacks wait for it: use a local disk with a safe write cache",
        ),
    ),
    "Python": (installation.judge_python(">=3.11", "3.13.0rc1"), ("ok", "Python 3.13.0rc1", "")),
    "old Python": (
        installation.judge_python(">=3.11", "3.10.4"),
        ("fault", "Python 3.10.4, but >=3.11 is needed", "create the venv with a newer python3"),
    ),
    "in range": (
        installation.judge_dependencies(
            ["duckdb<3,>=2.0", "pytest>=99; extra == 'test'"], {"duckdb": "2.1"}.get
        ),
        ("ok", "1 dependencies within their version ranges", ""),
    ),
    "out of range, missing": (
        installation.judge_dependencies(["duckdb<3,>=2.0", "rich>=15"], {"duckdb": "1.4"}.get),
        (
            "fault",
            "duckdb 1.4, <3,>=2.0 is needed; rich is missing, >=15 is needed",
            "reinstall: pip install -c .ci/constraints.txt .",
        ),
    ),
    "notebooks": (
        installation.judge_notebooks([HERE], []),
        ("ok", "1 notebook, papermill and kernel found", ""),
    ),
    "no notebooks": (
        installation.judge_notebooks([], []),
        ("fault", "no notebooks found", "reinstall: pip install -c .ci/constraints.txt ."),
    ),
    "no papermill": (
        installation.judge_notebooks([HERE], ["papermill"]),
        ("fault", "not importable: papermill", "reinstall: pip install -c .ci/constraints.txt ."),
    ),
}


@pytest.mark.parametrize("found, expected", JUDGED.values(), ids=JUDGED)
def test_judged(found: Finding, expected: tuple[str, str, str]) -> None:
    """What a measurement comes to, on either side of its limit."""
    assert told(found) == expected


@pytest.mark.parametrize("name", ["python", "dependencies", "notebooks", "disk_space"])
def test_this_machine(name: str, tmp_path: Path) -> None:
    """The measurements themselves are taken."""
    assert find(name, scene(tmp_path)).mark in {Mark.PASS, Mark.WARNING}


def test_a_home_that_is_no_folder(tmp_path: Path) -> None:
    """Where no file can be made the disk is at fault; /proc takes none, whoever asks."""
    mark, says, fix = told(find("disk_writing", scene(tmp_path, home=Path("/proc/data"))))
    assert (mark, says.partition(":")[0], fix) == (
        "fault",
        "/proc",
        "make /proc writable for you, or free disk space",
    )


def write(on: Scene, *, at: str = "2026-11-24T11:00:00+00:00") -> Path:
    """A sealed segment with one callback."""
    with journal.Writer(on.settings.journal_dir, journal.CALLBACKS) as writer:
        line = records.callback("GET", sMessageId="m-1", sStatus="DELIVRD") | {"received_at": at}
        writer.append([journal.line(line)])
        assert writer.path is not None
        return writer.path


def test_nothing_yet(tmp_path: Path) -> None:
    """Before the first run there is nothing to look at."""
    found = [
        told(find(name, scene(tmp_path))) for name in ("journal", "database", "backlog", "relay", "clock")
    ]
    assert found == [
        ("not_checked", "no journal yet", ""),
        ("not_checked", "no database yet", "run `rmanalytics ingest`"),
        ("not_checked", "no journal yet", ""),
        ("not_checked", "nothing is relayed", ""),
        ("ok", "nothing recorded yet", ""),
    ]


def test_a_journal_that_waits_and_is_taken_in(tmp_path: Path) -> None:
    """Backlog first, then none, and the rows of each relation."""
    on = scene(tmp_path)
    n_bytes = write(on).stat().st_size
    fix = "run `rmanalytics ingest`, or `ingest --follow`"
    assert told(find("backlog", on)) == ("warning", f"{n_bytes:,} bytes of journal are not ingested", fix)
    assert told(find("journal", on)) == ("ok", f"1 segment, {n_bytes:,} bytes, seals intact", "")
    ingest(on.settings)
    assert told(find("backlog", on)) == ("ok", "journal fully ingested", "")
    found = find("database", on)
    assert told(found) == ("ok", f"opens with DuckDB {duckdb.__version__}, up to date", "")
    assert "callbacks 1, dlrs 1" in found.evidence[0]


def _damage(settings: Settings) -> None:
    path = journal.segments(settings.journal_dir, journal.CALLBACKS)[0]
    path.write_bytes(path.read_bytes()[:-9])


def _remove(settings: Settings) -> None:
    journal.segments(settings.journal_dir, journal.CALLBACKS)[0].unlink()


DAMAGE = {
    "cut": (_damage, "1 of 1 segment is damaged", "bytes are left"),
    "gone": (_remove, "1 of 1 segment is damaged", "missing, only its seal is left"),
}


@pytest.mark.parametrize("damage, says, evidence", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_journal(
    damage: Callable[[Settings], None], says: str, evidence: str, tmp_path: Path
) -> None:
    """A segment that is not what was written is named."""
    on = scene(tmp_path)
    write(on)
    damage(on.settings)
    found = find("journal", on)
    assert told(found) == ("fault", says, "restore them from a backup")
    assert evidence in found.evidence[0]


def test_a_database_that_is_held(tmp_path: Path) -> None:
    """Who holds the database is named."""
    on = scene(tmp_path)
    write(on)
    ingest(on.settings)
    command = [sys.executable, "-c", _HOLD, str(on.settings.database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            found, waiting = find("database", on), find("backlog", on)
        finally:
            holder.kill()
    assert (found.mark, found.fix) == (Mark.WARNING, "close it there and run this again")
    assert f"held by process {holder.pid} (" in found.says
    assert told(waiting) == ("not_checked", "the database cannot be read", "see the database check")


def _older(path: Path) -> None:
    with duckdb.connect(path) as connection:
        connection.execute("DROP VIEW outcomes; ALTER TABLE callbacks DROP COLUMN n_dlrs")


def _no_database(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)


BROKEN = {
    "an earlier version": (_older, "made by an earlier version: it has no callbacks.n_dlrs"),
    "no database": (_no_database, "not readable as a DuckDB 2 database"),
}


@pytest.mark.parametrize("breaks, says", BROKEN.values(), ids=BROKEN)
def test_a_database_of_no_use(breaks: Callable[[Path], None], says: str, tmp_path: Path) -> None:
    """The journal has everything: the fix is to rebuild the database."""
    on = scene(tmp_path)
    write(on)
    ingest(on.settings)
    breaks(on.settings.database)
    found = find("database", on)
    assert says in found.says
    fix = f"delete {on.settings.database} and run `rmanalytics ingest`: the journal has everything"
    assert (found.mark, found.fix) == (Mark.FAIL, fix)


@pytest.mark.parametrize("is_ingested", [False, True], ids=["journal", "database"])
def test_a_clock_that_went_back(is_ingested: bool, tmp_path: Path) -> None:
    """A clock before the newest callback, in journal or database, is wrong; one after it is not."""
    on = scene(tmp_path)
    path = write(on)
    newest = "not before the newest callback, 24 Nov 2026, 16:30:00 IST"
    assert told(find("clock", on)) == ("ok", newest, "")
    path = write(on, at=(NOW + timedelta(hours=2)).isoformat())
    if is_ingested:
        ingest(on.settings)
        path.unlink()
    assert told(find("clock", on)) == (
        "fault",
        "the clock says 24 Nov 2026, 17:30:00 IST, but a callback was at 24 Nov 2026, 19:30:00 IST",
        "set the clock (timedatectl set-ntp true): DLRs are matched by time",
    )


RELAYED = {
    "relayed": (200, ("ok", "clevertap: 1 relayed, 0 waiting, 0 parked, 0 unclear", "")),
    "refused": (
        400,
        (
            "warning",
            "clevertap: 0 relayed, 0 waiting, 1 parked, 0 unclear",
            "`rmanalytics relay parked` lists them with the reason",
        ),
    ),
    **{
        f"put off by {status}": (
            status,
            (
                "warning",
                f"clevertap: 0 relayed, 1 waiting, 0 parked, 0 unclear; the last error: HTTP {status}",
                "if that is not an outage, correct RMANALYTICS_RELAY_URL; `rmanalytics relay status` says when it "
                "tries again",
            ),
        )
        for status in (401, 503)
    },
}


@pytest.mark.parametrize("status, expected", RELAYED.values(), ids=RELAYED)
def test_what_the_relay_has(status: int, expected: tuple[str, str, str], tmp_path: Path) -> None:
    """What waits for a person is a warning."""
    with standing_in(lambda events, n: Reply(status=status)) as there:
        on = scene(tmp_path, relay_url=there.url, relay_retry_s=0.02, relay_interval_s=0.02)
        with journal.Writer(on.settings.journal_dir, journal.CALLBACKS) as writer:
            writer.append([journal.line(callback(1))])
        relay_all(on.settings)
    assert told(find("relay", on)) == expected
