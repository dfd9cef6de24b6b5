"""Whether a request can go to a URL, if not why, and whether it stays here. No text names it: it may be a secret."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

import httpx

_LABEL = 63
_HOST = 253
_IN_A_HOST = re.compile(r"[\w.-]*", re.ASCII).fullmatch
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,20})://").match
_BEGINNINGS = ("http", "https")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def flaw(url: str) -> str | None:
    """Return why no request can go to the URL, and the fix; None where one can.

    >>> flaw("https://sms.example.org:8443/x"), flaw("http://sms..example.org/")
    (None, 'has two dots in a row in its host: remove one of them')
    >>> flaw("ftp://sms.example.org/x"), flaw("http://sms.example.org:99999/")
    ('begins with ftp://: write http:// or https://', 'has a port that is no number from 1 to 65535: correct it')
    """
    if not url.isprintable() or any(character.isspace() for character in url):
        return "contains a blank or a control character: remove it, or write a blank as %20"
    scheme = _SCHEME(url)
    if not scheme:
        return "must be a complete http(s) URL, path included: begin it with https:// or http://"
    if scheme[1].lower() not in _BEGINNINGS:
        return f"begins with {scheme[1]}://: write http:// or https://"
    try:
        parts = urlsplit(url)
    except ValueError:
        return (
            "must be a complete http(s) URL: its host in brackets is not an IPv6 address, as in http://[::1]/"
        )
    return _of_port(parts) or _of_host(parts.hostname or "") or _of_library(url)


def _of_port(parts: SplitResult) -> str | None:
    try:
        is_port = parts.port != 0
    except ValueError:
        is_port = False
    return None if is_port else "has a port that is no number from 1 to 65535: correct it"


def _of_host(host: str) -> str | None:
    if not host:
        return "has no host: write it as in https://sms.example.org/path"
    if ":" in host:
        return None  # IPv6, which `urlsplit` and httpx check
    labels = host.removesuffix(".").split(".")
    if "" in labels:
        return (
            "begins its host with a dot: remove it"
            if not labels[0]
            else "has two dots in a row in its host: remove one of them"
        )
    if host.isascii() and not _IN_A_HOST(host):
        return "has a character in its host that no host has: write letters, digits, dots and hyphens"
    if len(host.removesuffix(".")) > _HOST or any(len(label) > _LABEL for label in labels):
        return f"has a host with more than {_LABEL} characters between dots, or {_HOST} in all: correct it"
    return None


def _of_library(url: str) -> str | None:
    """What httpx and Python's resolver refuse: an address with a number too large, a name that is not encoded right."""
    try:
        parsed = httpx.URL(url)
        _ = parsed.host  # decodes xn--
        parsed.raw_host.decode("ascii").encode("idna")
    except (httpx.InvalidURL, ValueError):
        return "has a host that cannot exist: correct it (xn-- begins encoded names, four numbers are an address)"
    return None


def is_loopback(url: str) -> bool:
    """Return whether the URL's host is this machine.

    >>> is_loopback("http://127.0.0.1:8321/bulksms/bulksms"), is_loopback("https://api.rmlconnect.net/x")
    (True, False)
    """
    try:
        return (urlsplit(url).hostname or "") in LOOPBACK
    except ValueError:
        return False
