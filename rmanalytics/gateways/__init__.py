"""Gateways: pure translations, no I/O. Adding one: its module, one line in `REGISTRY` (or in `READERS`
when it only calls back), its test tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import duckdb
import httpx
from pydantic import SecretStr

from rmanalytics.config import Settings
from rmanalytics.errors import ConfigError
from rmanalytics.gateways.clevertap_shaped import CleverTapShaped
from rmanalytics.gateways.kannel import Kannel
from rmanalytics.gateways.route_mobile import RouteMobile
from rmanalytics.models import Message, SubmitResponse


class Reader(Protocol):
    """The translation that everyone who sends callbacks has."""

    def dlrs(self, callbacks: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
        """Return one row per DLR found in the callbacks; a callback nobody can parse gives none."""


class Gateway(Reader, Protocol):
    """Three translations: request, answer, callback. `batches` says which messages may share a request."""

    def batches(self, messages: Iterable[Message]) -> Iterator[Sequence[Message]]:
        """Yield the messages in groups that one request can carry."""

    def submit_request(self, batch: Sequence[Message]) -> httpx.Request:
        """Return the request that hands the batch over."""

    def submit_responses(self, batch: Sequence[Message], response: httpx.Response) -> list[SubmitResponse]:
        """Return one response per message of the batch, in its order, whatever the gateway answered."""

    def redact(self, text: str) -> str:
        """Return the text without the account's secrets, in whatever encoding they stand there."""


def _simulator(settings: Settings) -> RouteMobile:
    """The simulator speaks Route Mobile; where no account is set it takes any."""
    if settings.route_mobile_username or settings.route_mobile_password:
        return RouteMobile(settings)
    account = {"route_mobile_username": "simulator", "route_mobile_password": SecretStr("simulator")}
    return RouteMobile(settings.model_copy(update=account))


REGISTRY: dict[str, Callable[[Settings], Gateway]] = {
    "route_mobile": RouteMobile,
    "simulator": _simulator,
}
"""The name stands beside each row: `simulator` says that nothing was really sent."""

READERS: dict[str, Callable[[Settings], Reader]] = {
    **REGISTRY,
    "clevertap_shaped": CleverTapShaped,
    "kannel": Kannel,
}
"""Whose callbacks are read: the gateways, and those that only call back."""


def get(name: str, settings: Settings) -> Gateway:
    """Return the gateway of that name; raise ConfigError for a name not in the registry."""
    if name not in REGISTRY:
        raise ConfigError(f"no gateway {name!r}: known are {', '.join(REGISTRY)}")
    return REGISTRY[name](settings)


def reader(name: str, settings: Settings) -> Reader:
    """Return who reads the callbacks of that name; raise ConfigError for a name nobody knows."""
    if name not in READERS:
        raise ConfigError(f"no gateway {name!r}: known are {', '.join(READERS)}")
    return READERS[name](settings)
