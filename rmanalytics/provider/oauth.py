"""OAuth 2.0 client credentials (RFC 6749, section 4.4): a token is fetched, kept in memory, fetched anew in time."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import httpx

from rmanalytics.errors import ConfigError, GatewayUnavailable, GatewayUnclear
from rmanalytics.provider import placeholders
from rmanalytics.provider.definition import OAuth2
from rmanalytics.support import http as transport
from rmanalytics.support.urls import flaw

EARLY_S = 30.0
"""So long before its end a token is fetched anew: a request takes time to arrive."""

_FORM = "application/x-www-form-urlencoded"


class Tokens:
    """The token of a run; `held` is the current one, None before the first. It is never written anywhere."""

    def __init__(
        self,
        oauth2: OAuth2,
        secret: Callable[[str], str],
        *,
        timeout_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.held: str | None = None
        self._request = token_request(oauth2, secret)
        self._timeout_s = timeout_s
        self._clock = clock
        self._ends_at = 0.0
        self._has_worked = False
        self._lock = asyncio.Lock()

    def is_expired_by(self, http_status: int) -> bool:
        """Return whether an answer says that a token which worked is valid no more; it is fetched anew then."""
        if http_status != httpx.codes.UNAUTHORIZED:
            self._has_worked = True
            return False
        self._ends_at = 0.0
        return self._has_worked

    async def ready(self, http: aiohttp.ClientSession) -> None:
        """Have a token that is valid for a while; many requests at once fetch one.

        Raises GatewayUnavailable when the token server cannot be reached and ConfigError when it refuses.
        """
        async with self._lock:
            if self.held is not None and self._clock() < self._ends_at:
                return
            asked_at = self._clock()
            self.held, lasts_s = await self._fetch(http)
            self._has_worked = False
            self._ends_at = asked_at + (max(lasts_s - EARLY_S, lasts_s / 2) if lasts_s else float("inf"))

    async def _fetch(self, http: aiohttp.ClientSession) -> tuple[str, float]:
        host = self._request.url.host
        try:
            response = await transport.exchange(http, self._request, self._timeout_s)
        except (GatewayUnavailable, GatewayUnclear) as error:  # no message was in it
            raise GatewayUnavailable(f"no token: {error}") from None
        if response.status_code >= 500 or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise GatewayUnavailable(f"no token: {host} answered HTTP {response.status_code}")
        return _token(response, host)


def token_request(oauth2: OAuth2, secret: Callable[[str], str]) -> httpx.Request:
    """Return the request for a token; raise ConfigError for a secret that is not set."""

    def text(value: str) -> str:
        return placeholders.fill(value, lambda name: f"$${name}", secret)

    client_id, key = text(oauth2.client_id), text(oauth2.secret_key)
    form = {"grant_type": "client_credentials"} | {name: text(value) for name, value in oauth2.extra.items()}
    headers = {"Content-Type": _FORM, "Accept": "application/json"}
    if oauth2.credentials_in == "header":
        pair = f"{quote(client_id, safe='')}:{quote(key, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form |= {"client_id": client_id, "client_secret": key}
    url = text(oauth2.client_url)
    if why := flaw(url):
        raise ConfigError(f"oauth2: client_url {why}")
    return httpx.Request("POST", url, headers=headers, content=urlencode(form))


def _token(response: httpx.Response, host: str) -> tuple[str, float]:
    """Return token and seconds it lasts, 0 where the server does not say; the answer's text is never shown."""
    said = _object(response)
    token = said.get("access_token")
    if not (
        response.is_success and isinstance(token, str) and token and token.isascii() and token.isprintable()
    ):
        error = said.get("error")
        word = f" {error}" if isinstance(error, str) and error.isidentifier() else ""
        raise ConfigError(
            f"oauth2: {host} gave no token (HTTP {response.status_code}{word}): "
            "check client_url, client_id, secret_key and extra of the provider file"
        )
    try:
        return token, max(0.0, float(said.get("expires_in") or 0))
    except (TypeError, ValueError):
        return token, 0.0


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        found = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
