"""The collector's figures for Prometheus, over all its workers; plain numbers on the hot path."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, MutableSequence, Sequence
from ipaddress import IPv6Address
from itertools import accumulate

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from rmanalytics.collect.allowlist import Address
from rmanalytics.collect.routes import REASONS
from rmanalytics.config import Settings
from rmanalytics.ingest import progress

CONTENT_TYPE = CONTENT_TYPE_LATEST
PREFIX = "rmanalytics_collect"
INGEST_PREFIX = "rmanalytics_ingest"
_REASONS = tuple(REASONS)
_GROUP_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096)
_SYNC_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
_LINES, _BYTES, _WAITING, _SYNC_SUM, _STARTED_AT, _CALLER_AT, _CALLER = 0, 1, 2, 3, 4, 5, 6
_FIXED = _CALLER + 3
_REFUSED_AT = _FIXED + len(REASONS)
_GROUPS = _REFUSED_AT + len(REASONS)
_SYNCS = _GROUPS + len(_GROUP_SIZES) + 1
_RECEIVED = _SYNCS + len(_SYNC_S) + 1

_PART = 1 << 48
"""An address takes three numbers: a float is exact up to 53 bits."""

Slot = MutableSequence[float]


def slot_size(gateways: Iterable[str]) -> int:
    """Return how many numbers the figures of one worker take."""
    return _RECEIVED + len(tuple(gateways))


class Metrics(Collector):
    """Counts of one worker, told with those of the others; a worker's slot outlives it."""

    def __init__(
        self, gateways: Iterable[str], own: Slot | None = None, slots: Sequence[Slot] | None = None
    ) -> None:
        """`own` is this worker's slot among `slots`; without them it is the only worker."""
        self._gateways = {name: _RECEIVED + n for n, name in enumerate(gateways)}
        self._own: Slot = [0.0] * slot_size(self._gateways) if own is None else own
        self._slots = [self._own] if slots is None else slots
        self._own[_WAITING] = 0
        self._own[_STARTED_AT] = time.time()
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def receive(self, gateway: str, n_waiting: int) -> None:
        """Count a callback with a right token; `n_waiting` wait for the disk before it."""
        self._own[self._gateways[gateway]] += 1
        self._own[_WAITING] = n_waiting + 1

    def wait(self, n_waiting: int) -> None:
        """Note how many wait after a group that failed."""
        self._own[_WAITING] = n_waiting

    def refuse(self, reason: str) -> None:
        """Count a request that was refused."""
        place = _REASONS.index(reason)
        self._own[_FIXED + place] += 1
        self._own[_REFUSED_AT + place] = time.time()

    def turn_away(self, caller: Address | None) -> None:
        """Note who was refused by the allow-list though its token was right."""
        if caller is None:
            return
        number = int(caller) if caller.version == 6 else int(IPv6Address(f"::ffff:{caller}"))
        self._own[_CALLER : _CALLER + 3] = [number // _PART**2, number // _PART % _PART, number % _PART]
        self._own[_CALLER_AT] = time.time()

    def group(self, n_lines: int, n_bytes: int, sync_s: float) -> None:
        """Count a group that became durable."""
        own = self._own
        own[_LINES] += n_lines
        own[_BYTES] += n_bytes
        own[_WAITING] = max(0, own[_WAITING] - n_lines)
        own[_SYNC_SUM] += sync_s
        own[_GROUPS + bisect_left(_GROUP_SIZES, n_lines)] += 1
        own[_SYNCS + bisect_left(_SYNC_S, sync_s)] += 1

    def show(self, figures: Collector) -> None:
        """Show the figures of another part too."""
        self._registry.register(figures)

    def text(self) -> bytes:
        """Return the figures in Prometheus' text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield the families; the registry asks for them."""
        sums = [sum(each) for each in zip(*self._slots, strict=True)]
        yield _labelled(
            "callbacks_received",
            "Callbacks with a valid token, answered or not.",
            "gateway",
            ((name, sums[at]) for name, at in self._gateways.items()),
        )
        refused = CounterMetricFamily(
            f"{PREFIX}_requests_refused", "Requests answered with an error.", labels=["reason", "status"]
        )
        for (reason, status), n in zip(REASONS.items(), sums[_FIXED:_REFUSED_AT], strict=True):
            refused.add_metric([reason, str(status)], n)
        yield refused
        yield from self._times()
        yield CounterMetricFamily(
            f"{PREFIX}_callbacks_durable", "Callbacks written to disk and answered 200.", value=sums[_LINES]
        )
        yield CounterMetricFamily(
            f"{PREFIX}_durable_bytes", "Bytes of journal lines on disk.", value=sums[_BYTES]
        )
        yield GaugeMetricFamily(
            f"{PREFIX}_callbacks_waiting", "Callbacks waiting for the disk.", value=sums[_WAITING]
        )
        groups, syncs = sums[_GROUPS:_SYNCS], sums[_SYNCS:_RECEIVED]
        yield _histogram(
            "group_size", "Callbacks that shared one fdatasync.", _GROUP_SIZES, groups, sums[_LINES]
        )
        yield _histogram("fsync_seconds", "Time of one fdatasync.", _SYNC_S, syncs, sums[_SYNC_SUM])

    def _times(self) -> Iterator[Metric]:
        """Yield since when one of the workers listens, and when a request was last refused for each reason."""
        started = min(own[_STARTED_AT] for own in self._slots)
        yield GaugeMetricFamily(
            f"{PREFIX}_started_at_seconds", "Unix time of the collector's start.", value=started
        )
        last = [max(own[_REFUSED_AT + place] for own in self._slots) for place in range(len(_REASONS))]
        yield GaugeMetricFamily(
            f"{PREFIX}_wrong_token_at_seconds",
            "Unix time of the last request with a wrong path or token; 0: never.",
            value=last[_REASONS.index("token")],
        )
        times = GaugeMetricFamily(
            f"{PREFIX}_refused_at_seconds",
            "Unix time of the last refused request; 0: never.",
            labels=["reason"],
        )
        for reason, at in zip(_REASONS, last, strict=True):
            times.add_metric([reason], at)
        yield times
        yield from self._turned_away()

    def _turned_away(self) -> Iterator[Metric]:
        """Yield who was refused last by the allow-list though its token was right; nothing where nobody was."""
        last = max(self._slots, key=lambda own: own[_CALLER_AT])
        if not last[_CALLER_AT]:
            return
        high, middle, low = (int(part) for part in last[_CALLER : _CALLER + 3])
        address = IPv6Address((high * _PART + middle) * _PART + low)
        found = GaugeMetricFamily(
            f"{PREFIX}_refused_caller_at_seconds",
            "Unix time of the last callback with a valid token from an address that the allow-list lacks.",
            labels=["address"],
        )
        found.add_metric([str(address.ipv4_mapped or address)], last[_CALLER_AT])
        yield found


def _labelled(name: str, text: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = CounterMetricFamily(f"{PREFIX}_{name}", text, labels=[label])
    for value, n in values:
        family.add_metric([value], n)
    return family


def _histogram(
    name: str, text: str, bounds: Sequence[float], counts: Sequence[float], total: float
) -> Metric:
    labels = [*map(str, map(float, bounds)), "+Inf"]
    return HistogramMetricFamily(
        f"{PREFIX}_{name}",
        text,
        buckets=list(zip(labels, accumulate(counts), strict=True)),
        sum_value=total,
    )


class Behind(Collector):
    """The figures of ingest, as of its last run, and the lag as of now."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def describe(self) -> list[Metric]:
        """Return nothing: the registry need not read the journal to know the names."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the figures; without a database the whole journal is backlog."""
        known = progress.read(self._settings.home) if self._settings.database.exists() else None
        reached = known or progress.Progress()
        lag = progress.lag(self._settings.journal_dir, reached.offsets, time.time())
        for name, text, value in (
            ("lag_bytes", "Bytes of journal not ingested yet.", lag.n_bytes),
            ("lag_seconds", "Age of the oldest callback not ingested yet.", lag.seconds),
            ("last_timestamp_seconds", "Unix time of the last ingest; 0: never.", reached.at),
            ("callbacks_unparsed", "Callbacks in the database that cannot be parsed.", reached.n_unparsed),
            ("dlrs_unmatched", "DLRs in the database that match no message.", reached.n_unmatched),
            ("lines_malformed", "Malformed journal lines.", reached.n_malformed),
        ):
            yield GaugeMetricFamily(f"{INGEST_PREFIX}_{name}", text, value=value)
