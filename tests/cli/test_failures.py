"""However a command fails, it ends in one line that says what and where, and in an exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.command import run

COMMAND = [sys.executable, "-m", "rmanalytics"]
SURROUNDINGS = {
    "stdout is closed": ("dlt codes >&-", 2, "error stdout: Bad file descriptor"),
    "stdout is closed, help": ("--help >&-", 2, "error stdout: Bad file descriptor"),
    "stdout is full": ("dlt codes >/dev/full", 2, "error stdout: No space left on device"),
    "stdout is full, JSON": ("dlt codes --json >/dev/full", 2, "error stdout: No space left on device"),
    "an argument in Latin-1": (
        "report overview --campaign $'Diwali \\x96'",
        2,
        "error Diwali \\udc96: not UTF-8: write the option in UTF-8",
    ),
}


@pytest.mark.parametrize(("words", "code", "line"), SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_odd_surroundings(words: str, code: int, line: str, tmp_path: Path) -> None:
    """A stream that takes nothing and bytes that are no text end in one line."""
    command = f"{sys.executable} -m rmanalytics {words}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env={**os.environ, "NO_COLOR": "1"},
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (code, line + "\n")


def test_a_pipe_that_closes_early(tmp_path: Path) -> None:
    """Whoever reads only the first line gets it, and no complaint."""
    words = f"set -o pipefail; {sys.executable} -m rmanalytics dlt codes | head -1"
    done = subprocess.run(["bash", "-c", words], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.stdout[:11], done.stderr) == ("platform6xx", "")


@pytest.mark.parametrize("words", [("--home", "A", "status"), ("status", "--home", "A")], ids=" ".join)
def test_the_home_may_stand_before_the_command(words: tuple[str, ...], tmp_path: Path) -> None:
    """`--home` works before and behind the command, groups of commands too; the nearer one is taken."""
    assert run(*words, cwd=tmp_path).stderr == "error A: no database yet: run `rmanalytics ingest` first\n"
    nearer = run("--home", "B", *words, cwd=tmp_path) if words[0] == "status" else run(*words, cwd=tmp_path)
    assert nearer.stderr.startswith("error A:")
    assert run("--home", "A", "relay", "status", cwd=tmp_path).returncode == 0


def test_an_unexpected_error_is_one_line(tmp_path: Path) -> None:
    """What nobody expected names its place, not its text, which may hold a secret; `--debug` shows all."""
    broken = (
        "from rmanalytics.cli import failures\n"
        "def app(**_):\n    raise LookupError('s3cret')\n"
        "failures.guarded(app)"
    )
    told = subprocess.run([sys.executable, "-c", broken], capture_output=True, text=True, cwd=tmp_path)
    assert told.returncode == 1
    assert told.stderr.startswith("error unexpected LookupError in ")
    assert told.stderr.count("\n") == 1
    assert "s3cret" not in told.stderr
    for secret, text in (("", "s3cret"), ("s3cret", "***")):
        environment = {**os.environ, "RMANALYTICS_ROUTE_MOBILE_PASSWORD": secret or "other"}
        words = [sys.executable, "-c", broken, "--debug"]
        shown = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=tmp_path)
        assert f"LookupError: {text}" in shown.stderr
        assert secret not in shown.stderr or not secret


def test_a_closed_stdin(tmp_path: Path) -> None:
    """Whoever cannot be asked is not asked: a command without stdin goes on as one without a terminal."""
    (tmp_path / "one.csv").write_text("message_id,msisdn,body,campaign_id\nm1,919800000001,Hi,c\n")
    words = f"{sys.executable} -m rmanalytics import messages one.csv <&-"
    told = subprocess.run(["bash", "-c", words], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (told.returncode, "1 row, 1 good" in told.stdout) == (0, True)
