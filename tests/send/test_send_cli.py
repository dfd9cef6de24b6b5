"""The command: what stands on stdout and stderr, exit codes, asking, and one send at a time."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from support.sending import Recorder, environment, recording, row, write_csv

from rmanalytics.cli import main
from rmanalytics.errors import SendLocked
from rmanalytics.send.run import exclusive

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `rmanalytics send` with options and settings; return exit code, stdout and stderr."""

    def run_command(path: Path, recorder: Recorder, *options: str, **settings: Any) -> tuple[int, str, str]:
        for name, value in environment(recorder.url, **settings).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(
            sys, "argv", ["rmanalytics", "send", str(path), "--home", str(tmp_path / "data"), *options]
        )
        with pytest.raises(SystemExit) as ended:
            main()
        return (int(ended.value.code or 0), *capsys.readouterr())

    return run_command


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    """A batch of three good rows."""
    return write_csv(tmp_path / "batch.csv", [row(1), row(2), row(3, body="नमस्ते", campaign_id="promo")])


def test_words(batch: Path, run: Run) -> None:
    """The plan is talk on stderr, what came of it data on stdout."""
    with recording() as gateway:
        code, out, err = run(batch, gateway, send_price_per_segment=0.2)
    assert code == 0
    batch_id = err.split("batch_id ")[1].split(")")[0]
    assert err.splitlines() == [
        f"batch     {batch}  (batch_id {batch_id})",
        "gateway   simulator  (simulated: nothing reaches a phone)",
        f"endpoint  {gateway.url}",
        "rows      3: 3 to send, 0 sent before, 0 bad",
        "to send   3 messages, 3 segments, 3 requests",
        "route     domestic 3",
        "encoding  gsm7 2, ucs2 1",
        "cost      0.60 INR",
        "",
        "campaigns",
        "otp    2 messages, 2 segments",
        "promo  1 message, 1 segment",
        "",
    ]
    assert out.splitlines()[:7] == [
        "simulated: accepted  3",
        "refused              0",
        "unclear              0",
        "unsent               0",
        "",
        "1701  3  accepted",
        "",
    ]
    assert out.splitlines()[7].startswith("3 requests in ")


def test_again(batch: Path, run: Run) -> None:
    """The same command again says that everything was sent."""
    with recording() as gateway:
        run(batch, gateway)
        code, out, err = run(batch, gateway)
    words = "nothing to send: every message of this batch was sent before"
    assert (code, out) == (0, f"{words} (--resend sends rows without a message_id again)\n")
    assert "attempted before\n3  accepted\n" in err


def test_bad_rows_in_words(tmp_path: Path, run: Run) -> None:
    """Bad rows are listed with line, field and reason; of many, reasons are counted."""
    rows = [row(0), *(row(number, body="", note="x") for number in range(1, 31))]
    with recording() as gateway:
        code, out, err = run(write_csv(tmp_path / "b.csv", rows), gateway, "--dry-run")
    assert (code, err, gateway.requests) == (1, "", [])
    lines = out.splitlines()
    start = lines.index("30 bad rows")
    assert lines[start + 1 : start + 3] == ["line 3: body is empty", "line 4: body is empty"]
    assert lines[start + 20 :] == [
        "line 22: body is empty",
        "… (--json lists more)",
        "30 × body is empty",
        "",
        "warning: ignored columns: note",
        "",
    ]


def test_json(tmp_path: Path, run: Run) -> None:
    """With --json stdout is one document and stderr is empty."""
    path = write_csv(tmp_path / "b.csv", [row(1), row(2, body="")])
    with recording() as gateway:
        code, out, err = run(path, gateway, "--json")
    found = json.loads(out)
    assert (code, err, found["summary"]["n_accepted"], found["summary"]["exit_code"]) == (1, "", 1, 1)
    assert found["plan"]["faults"] == [{"line": 3, "field": "body", "value": "", "reason": "is empty"}]
    assert found["plan"]["path"] == str(path)


def test_strict_json(tmp_path: Path, run: Run) -> None:
    """A batch that --strict refuses is exit code 2; its faults are in the JSON all the same."""
    path = write_csv(tmp_path / "b.csv", [row(1), row(2, body="")])
    with recording() as gateway:
        code, out, err = run(path, gateway, "--json", "--strict")
    assert (code, json.loads(out)["summary"], json.loads(out)["plan"]["n_bad"]) == (2, None, 1)
    assert err == f"error {path}: line 3: body is empty: 1 bad row: fix it or send without --strict\n"


def test_for_real_needs_a_yes(batch: Path, run: Run) -> None:
    """Outside the simulator a send without a terminal needs --yes; the plan is shown all the same."""
    with recording() as gateway:
        code, out, err = run(batch, gateway, gateway="route_mobile")
        assert (code, out, gateway.requests) == (2, "", [])
        assert "3 to send" in err
        assert err.endswith(
            "error --yes is missing: there is no terminal to ask on; add --yes to send for real\n"
        )
        code, out, _ = run(batch, gateway, "--yes", gateway="route_mobile")
    assert (code, len(gateway.requests)) == (0, 3)
    assert out.startswith("accepted  3\n")


@pytest.mark.parametrize(("answer", "n_sent"), [("n", 0), ("y", 3)])
def test_asks_on_a_terminal(
    answer: str, n_sent: int, batch: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal the user is asked, and nothing goes without a yes."""
    ours, theirs = os.openpty()
    with recording() as gateway, os.fdopen(theirs) as terminal, os.fdopen(ours, "wb", buffering=0) as user:
        monkeypatch.setattr(sys, "stdin", terminal)
        user.write(f"{answer}\n".encode())
        code, _, err = run(batch, gateway, gateway="route_mobile")
    assert (code, len(gateway.requests)) == (0, n_sent)
    assert "Send 3 messages through route_mobile for real? [y/N]:" in err
    assert "These are your own numbers, or their owners expect this? Send" in err


def test_progress_on_a_terminal(batch: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a bar counts by result and goes away at the end."""
    screen = Console(file=io.StringIO(), force_terminal=True, width=100)
    monkeypatch.setattr(sys.modules["rmanalytics.cli.send"], "stderr", screen)
    with recording() as gateway:
        code, out, _ = run(batch, gateway, "--rate", "10")
    shown = screen.file.getvalue()
    counted = re.search(r"[1-9]\d* accepted", shown)  # how many it shows depends on when it draws
    assert (code, "sending" in shown, counted is not None, "/s" in shown) == (0, True, True, True)
    assert "sending" not in out


def test_two_at_once(batch: Path, run: Run, tmp_path: Path) -> None:
    """A second send in the same home is refused in one line until the first is done; a dry run is not."""
    with recording() as gateway:
        with exclusive(tmp_path / "data"):
            refused = run(batch, gateway)
            assert run(batch, gateway, "--dry-run")[0] == 0
        words = f"another send is running in {tmp_path / 'data'} (process {os.getpid()})"
        assert refused == (2, "", f"error {words}: wait until it ends, or use another --home\n")
        assert gateway.requests == []
        assert run(batch, gateway)[0] == 0


def test_lock_is_let_go(tmp_path: Path) -> None:
    """The lock is held by one at a time and free again after its holder."""
    with exclusive(tmp_path), pytest.raises(SendLocked), exclusive(tmp_path):
        pass
    with exclusive(tmp_path):
        pass
