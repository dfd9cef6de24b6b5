"""Route Mobile: the HTTP SMS API and its DLR push, as pure translations.

`codes` holds the literal tables; requests are built by `endpoints`, `batches` and `requests`, answers read by
`answers` and `responses`, callbacks by `dlrs` (SQL).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

import httpx

from rmanalytics.config import Settings, require
from rmanalytics.gateways.contract import GatewayProfile
from rmanalytics.gateways.route_mobile import batches, dlrs, requests, responses
from rmanalytics.gateways.route_mobile.codes import PROFILE
from rmanalytics.gateways.route_mobile.endpoints import Endpoint, endpoint
from rmanalytics.models import Message, Route, SubmitResponse
from rmanalytics.support import redact


class RouteMobile:
    """Route Mobile's translations, for one account."""

    profile: ClassVar[GatewayProfile] = PROFILE
    fields: ClassVar[Mapping[str, tuple[str, ...]]] = PROFILE.dlr_fields

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._endpoints: dict[Route, Endpoint] = {}
        self._secret = redact.pattern(_password(settings))

    @property
    def zone(self) -> str:
        """Name of the time zone of dtSubmit and dtDone."""
        return self._settings.route_mobile_timezone

    @property
    def defaults(self) -> dict[str, str | None]:
        """The header and entity_id of messages that name none."""
        found = self._settings
        return {"header": found.route_mobile_header, "entity_id": found.route_mobile_entity_id}

    def endpoint(self, route: Route) -> str:
        """Return the URL of a route; raise ConfigError for another company's."""
        return self._endpoint(route).url

    def check(self) -> None:
        """Raise ConfigError where requests could not be built: no account, or another company's endpoint."""
        require(self._settings, *map(PROFILE.setting, PROFILE.required))
        for route in Route:
            self._endpoint(route)

    def batches(self, messages: Iterable[Message]) -> Iterator[Sequence[Message]]:
        """Yield the messages in groups that one request can carry."""
        return batches.batches(messages, self._endpoint, self._settings.route_mobile_delimiter)

    def submit_request(self, batch: Sequence[Message]) -> httpx.Request:
        """Return the request that hands the batch over; raise ConfigError naming every missing setting."""
        return requests.submit_request(self._settings, self._endpoint(batch[0].route), batch)

    def submit_responses(self, batch: Sequence[Message], response: httpx.Response) -> list[SubmitResponse]:
        """Return one response per message of the batch, in its order, whatever the gateway answered."""
        return responses.submit_responses(batch, response.content, response.status_code, self.redact)

    def dlrs(self) -> str:
        """Return the query that gives a row per DLR in a relation `callbacks`; what cannot be parsed gives none."""
        return dlrs.query(self.zone)

    def redact(self, text: str) -> str:
        """Return the text without the account's password, in whatever encoding it is there."""
        return self._secret.sub(redact.REDACTED, text) if self._secret else text

    def _endpoint(self, route: Route) -> Endpoint:
        if route not in self._endpoints:
            self._endpoints[route] = endpoint(self._settings, route)
        return self._endpoints[route]


def _password(settings: Settings) -> str:
    secret = settings.route_mobile_password
    return secret.get_secret_value() if secret else ""
