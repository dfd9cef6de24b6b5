"""Gateways: pure translations, no I/O. Adding one: its module, one line in `REGISTRY`, its test tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import duckdb
import httpx

from rmanalytics.config import Settings
from rmanalytics.errors import ConfigError
from rmanalytics.gateways.route_mobile import RouteMobile
from rmanalytics.models import Message, SubmitResponse


class Gateway(Protocol):
    """Three translations: request, answer, callback. `batches` says which messages may share a request."""

    def batches(self, messages: Iterable[Message]) -> Iterator[Sequence[Message]]:
        """Yield the messages in groups that one request can carry."""

    def submit_request(self, batch: Sequence[Message]) -> httpx.Request:
        """Return the request that hands the batch over."""

    def submit_responses(self, batch: Sequence[Message], response: httpx.Response) -> list[SubmitResponse]:
        """Return one response per message of the batch, in its order, whatever the gateway answered."""

    def dlrs(self, callbacks: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
        """Return one row per DLR found in the callbacks; a callback nobody can parse gives none."""


REGISTRY: dict[str, Callable[[Settings], Gateway]] = {
    "route_mobile": RouteMobile,
    "simulator": RouteMobile,
}
"""The simulator speaks Route Mobile; its name beside each row says that nothing was really sent."""


def get(name: str, settings: Settings) -> Gateway:
    """Return the gateway of that name; raise ConfigError for a name not in the registry."""
    if name not in REGISTRY:
        raise ConfigError(f"no gateway {name!r}: known are {', '.join(REGISTRY)}")
    return REGISTRY[name](settings)
