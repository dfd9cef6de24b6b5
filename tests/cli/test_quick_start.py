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


def test_pandas_is_there_where_it_is_needed() -> None:
    """A module that imports pandas at its top gets it, and pyarrow then knows it too, although it looked before."""
    script = (
        "import sys, pyarrow as pa\n"
        "from rmanalytics.support.import_guard import hide\n"
        "hide('pandas')\n"
        "def convert(): return pa.table({'a': [1, 2]})\n"
        "table = convert()\n"
        "assert 'pandas' not in sys.modules\n"
        "import pandas as pd\n"
        "assert isinstance(table.to_pandas(), pd.DataFrame)\n"
        "assert pa.Table.from_pandas(pd.DataFrame({'a': [1]})).num_rows == 1\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
