"""The command line as a user meets it: help, errors in one line, exit codes, data on stdout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import run
from support.commands import commands


@pytest.mark.parametrize("name", commands())
def test_help_teaches(tmp_path: Path, name: str) -> None:
    """Each command explains itself and its options."""
    done = run(name, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "Usage: " in done.stdout
    assert len(done.stdout.splitlines()) > 5


FAULTS = {
    "no such command": (("sned",), 2, "No such command 'sned'"),
    "no such option": (("status", "--hom", "x"), 2, "No such option"),
    "an option in front of the command": (("--json", "status"), 2, "put it after the command"),
    "no such option in front of the command": (("--jsn", "status"), 2, "No such option"),
    "an option without its value": (("validate", "--wait"), 2, "'--wait' requires an argument"),
    "no such choice": (("simulate", "--callback-method", "x"), 2, "'x' is not one of 'GET', 'POST', 'mixed'"),
    "an argument is missing": (("provider", "lint"), 2, "Missing argument"),
    "status without a database": (("status",), 2, "no database yet: run `rmanalytics ingest`"),
    "report without a database": (("report",), 2, "no database yet: run `rmanalytics ingest`"),
    "send without a file": (("send", "nothing.csv"), 2, "nothing.csv"),
    "send a folder": (("send", "."), 2, "."),
    "collect without a token": (("collect",), 2, "RMANALYTICS_COLLECT_TOKEN"),
    "home is a file": (("ingest", "--home", "file"), 2, "file"),
}


@pytest.mark.parametrize("arguments, code, words", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_one_line(tmp_path: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    """A user's mistake ends in its exit code, words on stderr, nothing on stdout, and no traceback."""
    (tmp_path / "file").touch()
    done = run(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_wrong_settings_are_one_line(tmp_path: Path) -> None:
    """A wrong setting ends every command with exit code 2 and its name."""
    done = run("status", cwd=tmp_path, RMANALYTICS_COLLECT_PORT="many")
    assert done.returncode == 2
    assert "RMANALYTICS_COLLECT_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_init_writes_what_the_next_steps_need(tmp_path: Path) -> None:
    """`init` writes its files once, keeps the token to its owner, and never overwrites."""
    first = json.loads(run("init", "--json", cwd=tmp_path).stdout)
    names = {Path(path).name for path in first["written"]}
    assert names == {
        "rmanalytics.toml",
        ".env",
        "batch.csv",
        "templates.csv",
        "clevertap-provider.toml",
        "clevertap-batch.csv",
    }
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    token = (tmp_path / ".env").read_text()
    second = json.loads(run("init", "--json", cwd=tmp_path).stdout)
    assert second["written"] == []
    assert (tmp_path / ".env").read_text() == token
    planned = run("send", "batch.csv", "--dry-run", "--json", cwd=tmp_path)
    assert planned.returncode == 0, planned.stderr


def test_ingest_of_an_empty_home(tmp_path: Path) -> None:
    """An ingest with nothing to take in says so in numbers, and status shows an empty home."""
    assert json.loads(run("ingest", "--json", cwd=tmp_path).stdout)["n_callbacks"] == 0
    assert "no messages yet" in run("status", cwd=tmp_path).stdout
    assert json.loads(run("status", "--json", cwd=tmp_path).stdout)["campaigns"] == []
