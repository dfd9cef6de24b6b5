"""Gupshup Enterprise SMS: its HTTP API and its real-time delivery reports, as pure translations.

`codes` holds the literal tables, `requests` builds and groups requests, `responses` reads answers, `dlrs` (SQL)
callbacks. Source: docs.gupshup.io, Enterprise SMS API.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

import httpx

from rmanalytics.config import Settings, require
from rmanalytics.gateways.contract import GatewayProfile
from rmanalytics.gateways.gupshup import dlrs, requests, responses
from rmanalytics.gateways.gupshup.codes import PROFILE
from rmanalytics.models import Message, Route, SubmitResponse
from rmanalytics.support import redact

URL = "https://enterprise.smsgupshup.com/GatewayAPI/rest"


class Gupshup:
    """Gupshup's translations, for one account."""

    profile: ClassVar[GatewayProfile] = PROFILE
    fields: ClassVar[Mapping[str, tuple[str, ...]]] = PROFILE.dlr_fields

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._url = httpx.URL(settings.gupshup_url or URL)
        secret = settings.gupshup_password
        self._secret = redact.pattern(secret.get_secret_value() if secret else "")

    @property
    def zone(self) -> str:
        """Name of the time zone of exports; callbacks have seconds since 1970."""
        return self._settings.gupshup_timezone

    @property
    def defaults(self) -> dict[str, str | None]:
        """The header and entity_id of messages that name none."""
        return {"header": self._settings.gupshup_header, "entity_id": self._settings.gupshup_entity_id}

    def endpoint(self, _route: Route) -> str:
        """Return the one URL that all messages go to."""
        return str(self._url)

    def check(self) -> None:
        """Raise ConfigError where there is no account."""
        require(self._settings, *map(PROFILE.setting, PROFILE.required))

    def batches(self, messages: Iterable[Message]) -> Iterator[Sequence[Message]]:
        """Yield runs of messages with the same text and parameters."""
        return requests.batches(messages, self._settings.send_request_size)

    def submit_request(self, batch: Sequence[Message]) -> httpx.Request:
        """Return the request that hands the batch over; raise ConfigError naming every missing setting."""
        return requests.submit_request(self._settings, self._url, batch)

    def submit_responses(self, batch: Sequence[Message], response: httpx.Response) -> list[SubmitResponse]:
        """Return one response per message of the batch, in its order, whatever the gateway answered."""
        return responses.submit_responses(batch, response.content, response.status_code, self.redact)

    def dlrs(self) -> str:
        """Return the query that gives a row per DLR in a relation `callbacks`; what cannot be parsed gives none."""
        return dlrs.query(self.zone)

    def redact(self, text: str) -> str:
        """Return the text without the account's password, in whatever encoding it is there."""
        return self._secret.sub(redact.REDACTED, text) if self._secret else text
