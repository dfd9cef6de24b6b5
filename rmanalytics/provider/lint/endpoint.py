"""Rules about where requests and callbacks go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from rmanalytics.config import is_loopback
from rmanalytics.provider import placeholders
from rmanalytics.provider.definition import Provider
from rmanalytics.provider.lint.model import (
    ERROR,
    GENERIC,
    NOTE,
    OPENAPI,
    OURS,
    ROUTE_MOBILE_PAGE,
    WARNING,
    LintFault,
    Rule,
)
from rmanalytics.support.urls import flaw

_AUTHORITY_END = re.compile(r"[/?#]")
_ROUTE_MOBILE = "rmlconnect.net"
_PATHS = ("bulksms", "personalizedbulksms", "sbulksms", "jsonbulksms", "personalizedcustsms")
_FOREIGN = "awsigateway.com"
_HTTP_DOMESTIC = "sms6.rmlconnect.net"


def host(url: str) -> str:
    """Return the host of a URL, "" where there is none.

    >>> host("https://ap.awsigateway.com/x"), host("nonsense"), host("http://[broken")
    ('ap.awsigateway.com', '', '')
    """
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def host_flaw(url: str) -> str | None:
    """Return why no request can go to the host of a URL; one of placeholders is left to the rule about those.

    >>> host_flaw("https://a..b/$$To x"), host_flaw("https://${HOST}/")
    ('has two dots in a row in its host: remove one of them', None)
    """
    begin, mark, rest = url.partition("://")
    authority = _AUTHORITY_END.split(rest, maxsplit=1)[0]
    is_open = bool(placeholders.marks(authority) or placeholders.references(authority))
    return None if is_open else flaw(f"{begin}{mark}{authority}/")


def is_foreign(provider: Provider) -> bool:
    """Return whether the endpoint is the one that CleverTap's Route Mobile page names by mistake."""
    return f".{host(provider.endpoint)}".endswith(f".{_FOREIGN}")


def is_route_mobile(provider: Provider) -> bool:
    """Return whether the endpoint is one of Route Mobile's own, or the simulator's."""
    own = f".{host(provider.endpoint)}".endswith(f".{_ROUTE_MOBILE}")
    return own or is_loopback(provider.endpoint)


def path_name(provider: Provider) -> str:
    """Return the last part of the endpoint's path, by which Route Mobile names its endpoints."""
    return provider.endpoint.partition("?")[0].rstrip("/").rpartition("/")[2]


def _endpoint(provider: Provider) -> Iterator[LintFault]:
    url = provider.endpoint
    if why := host_flaw(url):
        yield LintFault(
            ERROR,
            "endpoint-no-url",
            "endpoint",
            f"it {why.partition(': ')[0]}",
            "paste the URL received from Route Mobile, path included",
            ROUTE_MOBILE_PAGE,
        )
    elif is_foreign(provider):
        yield LintFault(
            ERROR,
            "foreign-endpoint",
            "endpoint",
            "awsigateway.com belongs to Sinch, another company: your credentials would go there",
            "use the URL received from Route Mobile, such as one at rmlconnect.net",
            "CleverTap, Sinch page (same URL); an error on its Route Mobile page",
        )


def _https(provider: Provider) -> Iterator[LintFault]:
    url = provider.endpoint
    if not url.startswith("http://") or is_loopback(url):
        return
    if host(url) == _HTTP_DOMESTIC:
        yield LintFault(
            ERROR,
            "http-domestic",
            "endpoint",
            "the documented domestic endpoint is http on port 8080, but CleverTap's form requires https",
            "ask Route Mobile for the https URL of your account (seen: port 8443)",
            ROUTE_MOBILE_PAGE,
        )
    else:
        yield LintFault(
            ERROR,
            "not-https",
            "endpoint",
            "CleverTap accepts only endpoints that begin with https://, and http exposes the password",
            "use the endpoint's https URL",
            ROUTE_MOBILE_PAGE,
        )


def _from_the_page(provider: Provider) -> Iterator[LintFault]:
    url, mark, _ = provider.endpoint.partition("?")
    query = provider.endpoint.removeprefix(url + mark)
    if "..." in query or "\u2026" in query:
        yield LintFault(
            ERROR,
            "endpoint-example",
            "endpoint",
            "?...parameters... on CleverTap's page stands for the parameters, it is not part of the URL",
            f"write {url}; the parameters are those of [body]",
            ROUTE_MOBILE_PAGE,
        )


def _host_filled(provider: Provider) -> Iterator[LintFault]:
    if placeholders.marks(provider.endpoint.partition("://")[2].partition("/")[0].partition("?")[0]):
        yield LintFault(
            ERROR,
            "placeholder-in-host",
            "endpoint",
            "a placeholder decides which host gets the credentials",
            "write out the endpoint's host",
            OURS,
        )


def _path(provider: Provider) -> Iterator[LintFault]:
    if is_route_mobile(provider) and path_name(provider) not in _PATHS:
        yield LintFault(
            WARNING,
            "path-unknown",
            "endpoint",
            f"it ends in {path_name(provider)!r}, which is not an endpoint that Route Mobile documents",
            f"use /bulksms/ and one of {', '.join(_PATHS)}, or check with Route Mobile",
            OPENAPI,
        )


def _callback(provider: Provider) -> Iterator[LintFault]:
    url = provider.callback_url
    if not url:
        yield LintFault(
            NOTE,
            "callback-missing",
            "callback_url",
            "the URL that Route Mobile uses for DLRs is not recorded",
            "copy the delivery report callback URL from the provider's setup page and give it to Route Mobile",
            ROUTE_MOBILE_PAGE,
        )
    elif not url.startswith("https://") and not is_loopback(url):
        yield LintFault(
            WARNING,
            "callback-not-https",
            "callback_url",
            "DLRs hold phone numbers and would travel unencrypted",
            "give Route Mobile an https URL",
            GENERIC,
        )


RULES: tuple[Rule, ...] = (_endpoint, _from_the_page, _https, _host_filled, _path, _callback)
