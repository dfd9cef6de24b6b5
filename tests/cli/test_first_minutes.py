"""The first minutes: what `init` says next works as it is written, and what goes wrong is one line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.command import run

from rmanalytics import config
from rmanalytics.cli import main
from rmanalytics.demo import demo
from rmanalytics.demo.services import free_port
from rmanalytics.report.pages import Pages
from rmanalytics.report.run import Run

PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@contextmanager
def _background(commands: list[str], folder: Path, environment: dict[str, str]) -> Iterator[None]:
    running = [
        subprocess.Popen(
            ["sh", "-c", f"exec {command}"],
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    try:
        for process in running:
            assert process.stderr is not None
            assert any("listen" in line for line in process.stderr)
        yield
    finally:
        for process in running:
            process.kill()
            process.communicate()


def test_what_init_says_next_works(tmp_path: Path) -> None:
    """Every command that `init` prints, in its terminal and order, ends well: the samples fit each other."""
    ports = {f"RMANALYTICS_{name}_PORT": str(free_port()) for name in ("COLLECT", "SIMULATE")}
    steps = json.loads(run("init", "--json", cwd=tmp_path).stdout)["next"]
    servers = [step["command"] for step in steps if "terminal" in step["where"]]
    here = [step["command"] for step in steps if step["where"] == "here"]
    assert here.pop() == "rmanalytics report"  # its own tests render the pages
    environment = os.environ | ports | {"PATH": PATH}
    with _background(servers, tmp_path, environment):
        for command in here:
            done = subprocess.run(
                command,
                shell=True,
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                timeout=120,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


_INTERRUPTED_AT = """
import os, signal, sys

class Finder:
    def find_spec(self, name, *_):
        if name == MODULE:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
import rmanalytics.__main__ as command
sys.argv = ["rmanalytics", "status"]
command.main()
"""
MOMENTS = {
    "the command line is loaded": "typer",
    "settings are loaded": "pydantic_settings",
    "the command is loaded": "rmanalytics.status",
    "the database is loaded": "duckdb",
}


@pytest.mark.parametrize("module", MOMENTS.values(), ids=MOMENTS)
def test_ctrl_c_is_one_line(module: str, tmp_path: Path) -> None:
    """Ctrl-C ends a command in one line and as interrupted, also while it is still being loaded."""
    script = _INTERRUPTED_AT.replace("MODULE", repr(module))
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.stderr == "interrupted\n"
    assert done.returncode in {130, -signal.SIGINT}  # a shell calls both 130


def test_an_interrupted_demo_says_what_is_missing(tmp_path: Path) -> None:
    """Ctrl-C in the demo names the steps that are left, and how to go on."""
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        if text.startswith("wrote"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo(config.load(home=tmp_path / "data"), n_messages=5, seed=1, say=say)
    assert said[1:] == [
        "not done yet: sending the batch, receiving its DLRs, loading them into the database, the reports; "
        "run the same command again to continue"
    ]


def test_pages_are_counted(tmp_path: Path) -> None:
    """A page is named with its place when its first cell begins, once."""
    said: list[str] = []
    runs = [
        Run(notebook=Path(f"{name}.ipynb"), campaign_id="", parameters={}, n_cells=2) for name in ("a", "b")
    ]
    pages = Pages(said.append)
    pages.started(runs)
    for run_ in (runs[0], runs[0], runs[1]):
        pages.watch(run_)
    assert said == [f"rendering {n} of 2: {run_.stem}" for n, run_ in enumerate(runs, 1)]


def test_a_home_one_folder_too_high(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder that holds the home is not taken for one: the error names the home."""
    (tmp_path / "data" / "journal").mkdir(parents=True)
    for command in ("status", "validate", "ingest", "doctor"):
        monkeypatch.setattr(sys, "argv", ["rmanalytics", command, "--home", str(tmp_path)])
        with pytest.raises(SystemExit) as ended:
            main()
        words = f"error {tmp_path} is the folder above a home: use --home {tmp_path / 'data'}\n"
        assert (ended.value.code, capsys.readouterr().err) == (2, words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]
