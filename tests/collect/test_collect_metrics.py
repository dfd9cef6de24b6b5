"""What `/metrics` reports: lag, unusable input, reasons, and that the dashboard asks for existing metrics only."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.collectors import TOKEN, Collector, collector, exchange, request

from rmanalytics import config, journal
from rmanalytics.ingest import progress
from rmanalytics.ingest.run import ingest

PATH = f"/dlr/route_mobile/{TOKEN}"
DASHBOARD = Path(__file__).parents[2] / "data" / "samples" / "grafana-dashboard.json"
GOOD, BAD = "sMessageId=5f0c&sStatus=DELIVRD&sMobileNo=919800000001", "nonsense"


def page(of: Collector) -> str:
    """The metrics page."""
    return exchange(of.address, request("GET", "/metrics"))[2].decode()


def value(text: str, name: str) -> float:
    """The value of a metric without labels."""
    return float(re.findall(rf"^{name} (\S+)$", text, re.M)[0])


def test_lag_to_ingest(tmp_path: Path) -> None:
    """Before ingest the whole journal is backlog, afterwards nothing, and unusable input is counted."""
    with collector(tmp_path / "data") as running:
        for query in (GOOD, BAD):
            exchange(running.address, request("GET", f"{PATH}?{query}"))
        time.sleep(0.05)
        before = page(running)
        ingest(config.load(home=running.home))
        after = page(running)
        n_bytes = sum(path.stat().st_size for path in journal.segments(running.home / "journal", "callbacks"))
    assert value(before, "rmanalytics_ingest_lag_bytes") == n_bytes > 0
    assert value(before, "rmanalytics_ingest_lag_seconds") >= 0.05
    names = ("lag_bytes", "lag_seconds", "callbacks_unparsed", "dlrs_unmatched", "lines_malformed")
    assert [value(after, f"rmanalytics_ingest_{name}") for name in names] == [0, 0, 1, 1, 0]
    assert value(after, "rmanalytics_ingest_last_timestamp_seconds") > 1.7e9


LINE = b'{"callback_id":"1","received_at":"2025-01-15T10:00:00Z"}\n'
LAGS = {
    "nothing": (b"", 0, (0, 0.0)),
    "a line": (LINE, 0, (len(LINE), 60.0)),
    "all reached": (LINE, len(LINE), (0, 0.0)),
    "a torn line": (LINE + LINE[:20], len(LINE), (0, 0.0)),
    "no time in it": (b"{}\n", 0, (3, 0.0)),
}


@pytest.mark.parametrize("content, offset, expected", LAGS.values(), ids=LAGS)
def test_lag(tmp_path: Path, content: bytes, offset: int, expected: tuple[int, float]) -> None:
    """The lag is the bytes behind the offset, and the age of the first line there."""
    (tmp_path / "callbacks-1.jsonl").write_bytes(content)
    now = 1736935260.0  # a minute after the line
    found = progress.lag(tmp_path, {"callbacks-1.jsonl": offset}, now)
    assert (found.n_bytes, found.seconds) == expected


@pytest.mark.parametrize("text", ["", "{", "[]", '{"other": 1}'])
def test_a_progress_file_that_is_none(tmp_path: Path, text: str) -> None:
    """A file that is not whole, or of another version, is as none."""
    (tmp_path / progress.NAME).write_text(text)
    assert progress.read(tmp_path) is None


def test_names(tmp_path: Path) -> None:
    """Each metric has its HELP; the dashboard asks for none that there is not, two workers and relay alike."""
    given = {"collect_workers": "2", "relay_url": "http://127.0.0.1:9/x"}
    with collector(tmp_path / "data", **given) as running:
        exchange(running.address, request("GET", f"{PATH}?{GOOD}"))
        text = page(running)
    families = list(text_string_to_metric_families(text))
    assert [family.name for family in families if not family.documentation] == []
    samples = {sample.name for family in families for sample in family.samples}
    asked = set(re.findall(r"\brmanalytics_\w+", json.dumps(json.loads(DASHBOARD.read_text())["panels"])))
    assert (asked - samples, len(asked) > 12) == (set(), True)
    assert {name for name in samples if "_relay_lag" in name} == {"rmanalytics_relay_lag_seconds"}
