"""A disk that is full: every command that writes says so in one line that names the place and what to do."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROWS = ["msisdn,body,campaign_id,message_id,template_id,header"]
ROWS += [
    f"9198{n:08d},Hello {n * 7919 % 100_003} {n * 104_729 % 99_991},c1,m{n},1107000000000000101,ACMEBK"
    for n in range(5_000)
]
COMMANDS = {
    "import messages": ("import", "messages", "x.csv"),
    "import messages --dry-run": ("import", "messages", "x.csv", "--dry-run"),
    "send": ("send", "x.csv", "--yes"),
    "send --dry-run": ("send", "x.csv", "--dry-run"),
    "ingest": ("ingest",),
}
SIZES = {"nothing fits": 0, "a little": 20_000, "some": 100_000}
"""Bytes that a file may have: beyond them the system says of it what it says of a full disk."""


def limited(folder: Path, n_bytes: int, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose files may not grow beyond a size; its output is no file."""
    return subprocess.run(
        [sys.executable, "-m", "rmanalytics", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes)),
    )


@pytest.mark.parametrize("n_bytes", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk(command: str, n_bytes: int, tmp_path: Path) -> None:
    """Neither an engine's words nor a wrong place: what the system said, of our home, and what to do."""
    (tmp_path / "x.csv").write_text("\n".join(ROWS))
    done = limited(tmp_path, n_bytes, *COMMANDS[command])
    if done.returncode in {0, 4} and (n_bytes or command == "send --dry-run"):
        return  # all of it fitted; 4: no simulator is running
    assert done.returncode == 2, done.stderr
    last = done.stderr.strip().splitlines()[-1]
    is_dry_run = command.endswith("--dry-run")  # which makes no home: its working files lie elsewhere
    if is_dry_run and not n_bytes:
        assert last.startswith("error no temporary file can be written: free disk space"), done.stderr
    else:
        assert last.startswith(f"error {tempfile.gettempdir() if is_dry_run else 'data'}"), done.stderr
        assert "File too large" in last
    assert "free" in last
    assert not any(word in done.stderr for word in ("IO Error", "TransactionContext", "exception", "Errno"))
