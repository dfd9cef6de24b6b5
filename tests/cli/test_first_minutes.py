"""The first minutes: what `init` says next works as it is written, and what goes wrong is one line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.command import run

from rmanalytics.demo.services import free_port

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
                command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
