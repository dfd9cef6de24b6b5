"""The collector's figures for Prometheus; plain numbers on the hot path, families only when asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST
PREFIX = "rmanalytics_collect"
_GROUP_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096)
_SYNC_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)


class Metrics(Collector):
    """Counts of one collector process."""

    def __init__(self, gateways: Iterable[str], n_waiting: Callable[[], int]) -> None:
        self.received: Counter[str] = Counter(dict.fromkeys(gateways, 0))
        self.refused: Counter[int] = Counter()
        self.n_durable = 0
        self.durable_bytes = 0
        self._n_waiting = n_waiting
        self._registry = CollectorRegistry()
        self._registry.register(self)
        self._group_size = Histogram(
            f"{PREFIX}_group_size",
            "Callbacks that shared one fdatasync.",
            registry=self._registry,
            buckets=_GROUP_SIZES,
        )
        self._sync_s = Histogram(
            f"{PREFIX}_fsync_seconds", "Time of one fdatasync.", registry=self._registry, buckets=_SYNC_S
        )

    def group(self, n_lines: int, n_bytes: int, sync_s: float) -> None:
        """Count a group that became durable."""
        self.n_durable += n_lines
        self.durable_bytes += n_bytes
        self._group_size.observe(n_lines)
        self._sync_s.observe(sync_s)

    def show(self, figures: Collector) -> None:
        """Show the figures of another part too."""
        self._registry.register(figures)

    def text(self) -> bytes:
        """Return the figures in Prometheus' text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield the counters; the registry asks for them."""
        received = CounterMetricFamily(
            f"{PREFIX}_callbacks_received",
            "Callbacks with a right token, answered or not.",
            labels=["gateway"],
        )
        for gateway, n in self.received.items():
            received.add_metric([gateway], n)
        refused = CounterMetricFamily(
            f"{PREFIX}_requests_refused", "Requests answered with an error.", labels=["status"]
        )
        for status, n in self.refused.items():
            refused.add_metric([str(status)], n)
        yield received
        yield refused
        yield CounterMetricFamily(
            f"{PREFIX}_callbacks_durable", "Callbacks on disk, which are answered 200.", value=self.n_durable
        )
        yield CounterMetricFamily(
            f"{PREFIX}_durable_bytes", "Bytes of journal lines on disk.", value=self.durable_bytes
        )
        yield GaugeMetricFamily(
            f"{PREFIX}_callbacks_waiting", "Callbacks that wait for the disk.", value=self._n_waiting()
        )
