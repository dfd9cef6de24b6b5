"""Where requests go and how they are built there, per route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlsplit

import httpx

from rmanalytics.config import DOMESTIC_URL, INTERNATIONAL_URL, Format, Settings
from rmanalytics.errors import ConfigError
from rmanalytics.models import Route

GET_RECIPIENTS = 100
"""A GET with more recipients may be too long for a server; Route Mobile documents no limit."""

_FOREIGN_HOST = "awsigateway.com"
_ONE_RECIPIENT = frozenset({"personalizedbulksms", "clevertap"})
_JSON = frozenset({"jsonbulksms", "clevertap"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint with its format, its HTTP method and how many recipients one request may have."""

    url: str
    parsed_url: httpx.URL
    format: Format
    method: str
    n_recipients: int


def endpoint(settings: Settings, route: Route) -> Endpoint:
    """Return the endpoint of a route.

    Raises ConfigError for the host that CleverTap's Route Mobile page names by mistake.

    >>> endpoint(Settings(gateway="route_mobile"), Route.DOMESTIC).format
    'personalizedbulksms'
    """
    url = _url(settings, route)
    if f".{urlsplit(url).hostname}".endswith(f".{_FOREIGN_HOST}"):
        raise ConfigError(
            f"{urlsplit(url).hostname} is Sinch's host, not Route Mobile's (an error on CleverTap's page): "
            "set RMANALYTICS_ROUTE_MOBILE_URL to the URL received from Route Mobile"
        )
    form = settings.route_mobile_format or _format(url)
    method = "POST" if form in _JSON else settings.route_mobile_method
    return Endpoint(
        url=url,
        parsed_url=httpx.URL(url),
        format=form,
        method=method,
        n_recipients=_n_recipients(settings, form, method),
    )


def _url(settings: Settings, route: Route) -> str:
    own = settings.route_mobile_url
    if route is Route.INTERNATIONAL:
        own = settings.route_mobile_international_url or own
    if own is not None:
        return own
    if settings.gateway == "simulator":
        return _simulator_url(settings)
    return DOMESTIC_URL if route is Route.DOMESTIC else INTERNATIONAL_URL


def _simulator_url(settings: Settings) -> str:
    host = f"[{settings.simulate_host}]" if ":" in settings.simulate_host else settings.simulate_host
    return f"http://{host}:{settings.simulate_port}/bulksms/{settings.route_mobile_format or 'bulksms'}"


def _format(url: str) -> Format:
    """The format that the path's last segment names; the documented endpoints are called so."""
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    named: dict[str, Format] = {name: name for name in get_args(Format)}
    return named.get(last, "bulksms")


def _n_recipients(settings: Settings, form: Format, method: str) -> int:
    if form in _ONE_RECIPIENT or (form == "sbulksms" and not settings.route_mobile_delimiter):
        return 1
    return min(settings.send_request_size, GET_RECIPIENTS) if method == "GET" else settings.send_request_size
