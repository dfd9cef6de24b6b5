"""Our own collector as this machine reaches it: its URL, the certificate to trust, one request to it."""

from __future__ import annotations

import ssl

import httpx

from rmanalytics.config import Settings
from rmanalytics.support import http

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 (it is asked, not bound)


def url(settings: Settings) -> str:
    """Return scheme, host and port at which this machine reaches the collector of the settings."""
    host = _ANY.get(settings.collect_host, settings.collect_host)
    scheme = "https" if settings.collect_tls_cert else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings.collect_port}"


def ask(target: str, settings: Settings, timeout_s: float) -> httpx.Response:
    """Return what a URL answers; raise httpx.HTTPError. The collector's own certificate is trusted there."""
    return http.ask(target, timeout_s, tls=lambda: _trust(target, settings))


def _trust(target: str, settings: Settings) -> ssl.SSLContext:
    """Return which certificates are trusted; on this machine the collector's own, whatever its name."""
    if not (settings.collect_tls_cert and target.startswith(url(settings))):
        return http.trust()
    try:
        own = ssl.create_default_context(cafile=settings.collect_tls_cert)
    except OSError as error:
        raise httpx.ConnectError(f"{settings.collect_tls_cert}: {error.strerror or error}") from None
    own.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    own.check_hostname = False
    return own
