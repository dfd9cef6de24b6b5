"""What is asked of running parts: our collector, the simulator, and the relay's ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from prometheus_client.parser import text_string_to_metric_families

from rmanalytics import gateways, relay
from rmanalytics.collect import local
from rmanalytics.config import Settings, is_loopback
from rmanalytics.errors import ConfigError
from rmanalytics.models import Route
from rmanalytics.support import http
from rmanalytics.support.times import from_epoch
from rmanalytics.validate.facts.model import CollectorFacts, Refusals, RelayFacts, SimulatorFacts

_TIMEOUT_S = 2.0
_PREFIX = "rmanalytics_collect"


def collector(settings: Settings) -> CollectorFacts | None:
    """Return how our collector fares, None where its port is not fixed."""
    if not settings.collect_port:
        return None
    url = local.url(settings)
    try:
        answer = local.ask(f"{url}/metrics", settings, _TIMEOUT_S)
    except httpx.HTTPError:
        return CollectorFacts(url=url, is_answering=False)
    if not answer.is_success or f"{_PREFIX}_" not in answer.text:
        return CollectorFacts(url=url, is_answering=False)
    counts, times, started_at = _figures(answer.text)
    refused = tuple(
        Refusals(reason=reason, status=status, n=int(n), at=from_epoch(times.get(reason)))
        for (reason, status), n in counts.items()
        if n
    )
    caller, caller_at = _caller(answer.text)
    return CollectorFacts(
        url=url,
        is_answering=True,
        started_at=from_epoch(started_at),
        refused=refused,
        caller=caller,
        caller_at=from_epoch(caller_at),
    )


def simulator(settings: Settings) -> SimulatorFacts | None:
    """Return what the simulator of the settings still has to push, None where it does not answer."""
    try:
        parts = urlsplit(gateways.get("simulator", settings).endpoint(Route.DOMESTIC))
        told = http.ask(f"{parts.scheme}://{parts.netloc}/healthz", _TIMEOUT_S).json()
        return _pushes(told, told["dlrs"])
    except (httpx.HTTPError, ConfigError, ValueError, KeyError, TypeError, AttributeError):
        return None  # whatever answers there is no simulator


def _pushes(told: Mapping[str, Any], pushes: Mapping[str, Any]) -> SimulatorFacts:
    faults = told.get("n_by_fault", {})
    return SimulatorFacts(
        callback=told.get("callback"),
        is_unregistered=bool(faults.get("unregistered")),
        is_echoless=bool(faults.get("no_echo")),
        played=tuple(map(str, told.get("faults", ()))),
        n_pending=int(pushes["n_pending"]),
        next_s=float(pushes.get("next_s", 0.0)),
        n_failing=int(pushes.get("n_failing", 0)),
        failure=str(pushes.get("failure", "")),
        failed_at=from_epoch(pushes.get("failed_at")),
        lost_at=from_epoch(pushes.get("lost_at")),
    )


def relayed(settings: Settings, metas: Iterable[str], *, is_simulated: bool) -> RelayFacts | None:
    """Return what became of the DLRs with these $$MessageIDs at the relay, None where none is configured."""
    if settings.relay_url is None:
        return None
    if is_simulated and not is_loopback(settings.relay_url.get_secret_value()):
        return RelayFacts(is_barred=True)
    found = relay.progress(settings, metas)
    return RelayFacts(
        is_rehearsed=is_simulated and "/clevertap/" in settings.relay_url.get_secret_value(),
        n_waiting=found.n_waiting,
        n_relayed=found.n_relayed,
        n_parked=found.n_parked,
        n_unclear=found.n_unclear,
        last_error=found.last_error,
        retry_at=found.retry_at,
    )


def _caller(text: str) -> tuple[str, float | None]:
    """Return which address the allow-list refused last though its token was right, and when; empty for none."""
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    found = (one for one in samples if one.name == f"{_PREFIX}_refused_caller_at_seconds")
    return next(((one.labels["address"], one.value) for one in found), ("", None))


def _figures(text: str) -> tuple[dict[tuple[str, str], float], dict[str, float], float]:
    """Return how often each reason refused a request, when it last did, and when the collector started."""
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    counts = {
        (one.labels["reason"], one.labels["status"]): one.value
        for one in samples
        if one.name == f"{_PREFIX}_requests_refused_total"
    }
    times = {
        one.labels["reason"]: one.value for one in samples if one.name == f"{_PREFIX}_refused_at_seconds"
    }
    started = [one.value for one in samples if one.name == f"{_PREFIX}_started_at_seconds"]
    return counts, times, max(started, default=0.0)
