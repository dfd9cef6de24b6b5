"""The relay's figures for Prometheus, read from the ledger when asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from rmanalytics.config import Settings
from rmanalytics.errors import RelayFault
from rmanalytics.relay.model import Channel
from rmanalytics.relay.status import RelayStatus, read_status

PREFIX = "rmanalytics_relay"
_GAUGES: dict[str, tuple[str, Callable[[RelayStatus], float]]] = {
    "waiting": ("Items waiting to be relayed.", lambda one: one.n_waiting),
    "parked": ("Items refused permanently, for a person to decide.", lambda one: one.n_parked),
    "unclear": ("Items that may have arrived, for a person to decide.", lambda one: one.n_unclear),
    "no_meta": ("DLRs without CleverTap's id.", lambda one: one.n_no_meta),
    "lag_seconds": ("Age of the oldest waiting callback.", lambda one: one.lag_s),
    "backlog_bytes": ("Bytes of journal that the relay has not read.", lambda one: one.backlog_bytes),
}


class Figures(Collector):
    """The figures of the channels that are on; none while the ledger cannot be read."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def describe(self) -> list[Metric]:
        """Return nothing: the registry need not read the ledger to know the names."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the figures; the registry asks for them."""
        try:
            found = [one for channel in Channel if (one := read_status(self._settings, channel)).to]
        except RelayFault:
            return
        relayed = CounterMetricFamily(f"{PREFIX}_relayed", "Items answered with 2xx.", labels=["channel"])
        for one in found:
            relayed.add_metric([one.channel], one.n_relayed)
        yield relayed
        for name, (text, value) in _GAUGES.items():
            gauge = GaugeMetricFamily(f"{PREFIX}_{name}", text, labels=["channel"])
            for one in found:
                gauge.add_metric([one.channel], value(one))
            yield gauge
