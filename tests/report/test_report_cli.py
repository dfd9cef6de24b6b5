"""`rmanalytics report`: options, exit codes, what is on stdout and what on stderr."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from support import seeding
from typer.testing import CliRunner

from rmanalytics import warehouse
from rmanalytics.cli.report import report
from rmanalytics.errors import BadInput
from rmanalytics.notebook import parameters
from rmanalytics.report import build

app = typer.Typer()
app.command()(report)
TOTAL = '{"n_submitted": 100, "n_accepted": 100, "n_delivered": 90, "n_failed": 10, "n_in_flight": 0, '
TOTAL += '"delivery_rate": 0.9, "delivery_low": 0.8256, "delivery_high": 0.9448}'
CELL = (
    "from IPython.display import display\n"
    f"display({{'application/vnd.rmanalytics.numbers+json': {{'total': {TOTAL}, 'display_zone': 'UTC'}}}}, raw=True)"
)
WAIT = f"time.sleep(float(os.environ['WAIT_S']))\n{CELL}"


def run(*arguments):
    """Run the command; our own errors are raised, as `cli.main` expects them."""
    return CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)


@pytest.mark.parametrize(
    "limit, exit_code, told",
    {
        "held": ("delivery_rate<0.5", 0, ""),
        "breached": (
            "delivery_rate<0.96",
            1,
            "breached counts--OTP-LOGIN.html: delivery_rate<0.96: delivery_rate lies between",
        ),
        "inconclusive": ("delivery_rate<0.9", 3, "inconclusive counts--OTP-LOGIN.html: delivery_rate<0.9"),
    }.values(),
    ids=["held", "breached", "inconclusive"],
)
def test_limits_end_in_exit_codes(limit, exit_code, told, notebook, home, tmp_path):
    """A breach exits with 1, what cannot be told with 3; the reason is on stderr, the results on stdout."""
    path = notebook("counts", CELL)
    result = run(
        path,
        "--home",
        home,
        "--campaign",
        "OTP-LOGIN",
        "--out",
        tmp_path / "out",
        "--json",
        "--fail-if",
        limit,
    )
    assert result.exit_code == exit_code, result.stderr
    assert told in result.stderr
    answer = json.loads(result.stdout)
    assert answer["exit_code"] == exit_code
    assert answer["index"] == str(tmp_path / "out" / "index.html")
    assert [run["campaign_id"] for run in answer["runs"]] == ["OTP-LOGIN"]


def test_a_limit_is_said_once(notebook, home, tmp_path):
    """The pages of one selection say the same about a limit: it is printed once, with their number."""
    paths = [notebook(name, CELL) for name in ("one", "two", "three")]
    result = run(*paths, "--home", home, "--out", tmp_path / "out", "--fail-if", "delivery_rate<0.96")
    assert result.stderr.startswith("breached delivery_rate<0.96: delivery_rate lies between")
    assert (result.stderr.count("\n"), result.stderr.endswith(" (3 pages)\n")) == (1, True)


DAY = ("--since", "2025-01-04", "--until", "2025-01-04", "--fail-if", "delivery_rate<0.95")
NOWHERE = "inconclusive campaign_delivery--all-campaigns.html: delivery_rate<0.95: no messages between 2025-01-04 and "
FEWER = (*DAY, "--fail-if", "n_submitted<1")
NOTHING = {
    "an empty home": (0, DAY, 3, (NOWHERE + "2025-01-04",)),
    "a day without messages": (50, DAY, 3, (NOWHERE + "2025-01-04",)),
    "a count is known": (50, FEWER, 1, (NOWHERE + "2025-01-04", "n_submitted<1: n_submitted is 0")),
    "nothing delivered": (-50, ("--fail-if", "delivery_rate<0.95"), 1, ("breached", "(0 of ")),
}


@pytest.mark.parametrize("n, options, exit_code, told", NOTHING.values(), ids=NOTHING)
def test_where_there_is_nothing(tmp_path, n, options, exit_code, told):
    """A page about nothing, or nothing delivered, is made; what a limit then means is said in one line."""
    database = seeding.seed(tmp_path / "data" / "rmanalytics.duckdb", max(abs(n), 1))
    with warehouse.writer(database) as connection:
        if n == 0:
            for table in ("messages", "submissions", "callbacks", "dlrs", "message_times"):
                connection.execute(f"DELETE FROM {table}")
        if n < 0:
            connection.execute("UPDATE dlrs SET status = 'failed'")
    result = run("campaign_delivery", "--home", tmp_path / "data", *options)
    assert result.exit_code == exit_code, result.output
    assert [words for words in told if words not in result.stderr] == []
    assert "failed campaign_delivery" not in result.stderr


def test_text_is_the_page_to_open(notebook, home, tmp_path):
    """Without --json stdout names each page with its delivery rate, and the index last."""
    result = run(notebook("counts", CELL), "--home", home, "--out", tmp_path / "out")
    assert result.stdout.splitlines() == [
        "counts--all-campaigns.html: delivered 90.0 % (82.6 – 94.5 %)",
        str(tmp_path / "out" / "index.html"),
    ]
    assert result.stderr == ""


def test_reports_go_to_the_home(notebook, tmp_path):
    """Without --out the pages are in the home's folder of reports."""
    seeding.seed(tmp_path / "data" / "rmanalytics.duckdb", 5)
    result = run(notebook("counts", CELL), "--home", tmp_path / "data")
    assert result.exit_code == 0
    assert (tmp_path / "data" / "reports" / "counts--all-campaigns.html").is_file()


WRONG = {
    "no database": (["--home", "nowhere"], "no database yet: run `rmanalytics ingest`"),
    "a time": (["--since", "soon"], "since: 'soon' is not a time"),
    "a limit": (["--fail-if", "delivery<1"], "did you mean delivery_rate"),
    "a zone": (["--zone", "Mars/Olympus"], "is not a time zone"),
    "a parameter": (["-p", "x"], "--parameter 'x': write it as NAME=VALUE"),
    "an unknown parameter": (["-p", "sicne=2026-11-01"], "no parameter 'sicne': did you mean since"),
}


@pytest.mark.parametrize("arguments, told", WRONG.values(), ids=WRONG)
def test_wrong(arguments, told, home):
    """A mistake ends in one line that names the fix, with exit code 2."""
    with pytest.raises(Exception, match=r".") as refusal:
        run("--home", home, *arguments)
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert refusal.value.exit_code == 2


def test_no_database(home, notebook):
    """A report about a file that is no database is refused before anything runs."""
    (home / "other").mkdir()
    (home / "other" / "rmanalytics.duckdb").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(BadInput, match=r"not readable as a DuckDB"):
        run(notebook("counts", CELL), "--home", home / "other")


def test_a_parameter_with_an_option_is_refused(tmp_path: Path) -> None:
    """`-p campaign_id=…` would silently report on all campaigns: it is refused before anything runs."""
    asked = parameters.check(
        home=tmp_path, since="", until="", as_of="", display_zone="Asia/Kolkata", now=datetime.now(UTC)
    )
    with pytest.raises(BadInput, match="parameter campaign_id: it has its own option"):
        build.report(build.find(()), asked, out=tmp_path / "out", others={"campaign_id": "x"})


def test_ctrl_c_says_what_is_there_and_how_to_go_on(notebook, home, tmp_path):
    """A stopped report names the pages that are written; the same command goes on, and keeps them as of a time."""
    paths = [notebook("a_counts", CELL), notebook("b_waits", f"import os, time\n{WAIT}")]
    words = (
        "report",
        *paths,
        "--home",
        home,
        "--out",
        tmp_path / "out",
        "--jobs",
        1,
        "--as-of",
        "2026-11-29",
    )
    command = [sys.executable, "-m", "rmanalytics", *map(str, words)]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=os.environ | {"WAIT_S": "60"}
    ) as begun:
        deadline = time.monotonic() + 60
        while not list((tmp_path / "out").glob("a_counts*.metrics.json")):
            assert time.monotonic() < deadline, "the first page was never written"
            time.sleep(0.002)  # so that the second one is only about to start its kernel
        begun.send_signal(signal.SIGINT)
        said = begun.communicate(timeout=30)[1]
    assert said.splitlines() == [
        f"1 of 2 pages is written to {tmp_path / 'out'}, the index is not; run the same command again "
        "(with --as-of TIME it keeps the pages that are written)",
        "interrupted",
    ]
    again = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | {"WAIT_S": "0"}
    )
    assert "1 of 2 pages kept" in again.stderr
    assert (tmp_path / "out" / "index.html").exists()


def test_a_killed_report_leaves_no_kernel(notebook, home, tmp_path):
    """Where the command cannot clean up, its kernels end by themselves."""
    told = tmp_path / "pid"
    path = notebook(
        "waits", f"import os, pathlib, time\npathlib.Path({str(told)!r}).write_text(str(os.getpid()))\n{WAIT}"
    )
    command = [sys.executable, "-m", "rmanalytics", "report", path, "--home", home, "--out", tmp_path / "out"]
    with subprocess.Popen(
        [*map(str, command)], stderr=subprocess.DEVNULL, env=os.environ | {"WAIT_S": "60"}
    ) as begun:
        assert _comes(lambda: told.exists() and told.read_text() != "")
        begun.kill()
    kernel = Path("/proc", told.read_text(), "cmdline")
    assert _comes(lambda: not kernel.exists() or not kernel.read_bytes())


def _comes(is_so):
    """Return whether something is so within a minute."""
    deadline = time.monotonic() + 60
    while not (found := is_so()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found
