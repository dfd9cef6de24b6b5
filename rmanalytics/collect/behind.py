"""How far ingest is behind, for Prometheus: from its small file and the journal, never from the database."""

from __future__ import annotations

import time
from collections.abc import Iterator

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from rmanalytics import progress
from rmanalytics.config import Settings

PREFIX = "rmanalytics_ingest"


class Behind(Collector):
    """The figures of ingest, as of its last run, and the lag as of now."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def describe(self) -> list[Metric]:
        """Return nothing: the registry need not read the journal to know the names."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the figures; without a database all of the journal is behind."""
        known = progress.read(self._settings.home) if self._settings.database.exists() else None
        reached = known or progress.Progress()
        lag = progress.lag(self._settings.journal_dir, reached.offsets, time.time())
        for name, text, value in (
            ("lag_bytes", "Journal that is not in the database yet.", lag.n_bytes),
            ("lag_seconds", "Age of the oldest callback that is not in the database yet.", lag.seconds),
            ("last_timestamp_seconds", "When ingest last took something in; 0 for never.", reached.at),
            ("callbacks_unparsed", "Callbacks in the database that nobody can parse.", reached.n_unparsed),
            ("dlrs_unmatched", "DLRs in the database without their message.", reached.n_unmatched),
            ("lines_malformed", "Journal lines that are no records.", reached.n_malformed),
        ):
            yield GaugeMetricFamily(f"{PREFIX}_{name}", text, value=value)
