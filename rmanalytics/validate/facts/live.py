"""What is asked of running parts: our collector, and the relay's ledger."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import httpx

from rmanalytics.config import Settings
from rmanalytics.relay import read_status
from rmanalytics.support import http
from rmanalytics.validate.facts.model import CollectorFacts, RelayFacts

_TIMEOUT_S = 2.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (nothing is bound here)
_NOT_FOUND = re.compile(
    r'^rmanalytics_collect_requests_refused_total\{[^}]*status="404"[^}]*\} ([0-9.e+]+)$', re.M
)
_WRONG_AT = re.compile(r"^rmanalytics_collect_wrong_token_at_seconds ([0-9.e+]+)$", re.M)


def collector(settings: Settings) -> CollectorFacts | None:
    """Return how our collector fares, None where its port is not fixed."""
    if not settings.collect_port:
        return None
    host = _EVERYWHERE.get(settings.collect_host, settings.collect_host)
    url = (
        f"http://[{host}]:{settings.collect_port}"
        if ":" in host
        else f"http://{host}:{settings.collect_port}"
    )
    try:
        answer = http.ask(f"{url}/metrics", _TIMEOUT_S)
    except httpx.HTTPError:
        return CollectorFacts(url=url, is_answering=False)
    if not answer.is_success:
        return CollectorFacts(url=url, is_answering=False)
    n = sum(int(float(found)) for found in _NOT_FOUND.findall(answer.text))
    last = max(map(float, _WRONG_AT.findall(answer.text)), default=0.0)
    at = datetime.fromtimestamp(last, UTC) if last else None
    return CollectorFacts(url=url, is_answering=True, n_not_found=n, not_found_at=at)


def relay(settings: Settings) -> RelayFacts | None:
    """Return how the relay to CleverTap stands, None where none is configured."""
    if settings.relay_url is None:
        return None
    found = read_status(settings)
    return RelayFacts(
        n_waiting=found.n_waiting,
        n_relayed=found.n_relayed,
        n_parked=found.n_parked,
        n_unclear=found.n_unclear,
        n_simulated=found.n_simulated,
        last_error=found.last_error,
    )
