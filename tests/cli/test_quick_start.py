"""A quick command line: no command waits for libraries it does not need."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.records import callback, message

from rmanalytics import config, journal
from rmanalytics.ingest.run import ingest

HEAVY = {"pandas", "ibis", "plotly", "papermill"}
SCRIPT = """
import json, sys
from rmanalytics.cli import main
try:
    main()
finally:
    sys.stderr.write("\\n" + json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize(
    "command", [["--help"], ["ingest"], ["status"], ["purge", "--older-than", "1d"], ["send", "batch.csv"]]
)
def test_loads_nothing_heavy(
    settings: config.Settings, write: Callable[..., Path], tmp_path: Path, command: list[str]
) -> None:
    """What a command imports, pyarrow's look for pandas included, has none of the libraries of notebooks."""
    write(journal.MESSAGES, message("m1"))
    write(journal.CALLBACKS, callback())
    ingest(settings)
    (tmp_path / "batch.csv").write_text("msisdn,body,campaign_id\n919800000001,Hello,c\n")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *command], capture_output=True, text=True, timeout=120, cwd=tmp_path
    )
    assert done.stdout or "sent" in done.stderr or "gateway" in done.stderr
    assert HEAVY.isdisjoint(json.loads(done.stderr.splitlines()[-1]))
