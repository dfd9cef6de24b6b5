"""Rules about credentials and what may not be in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from rmanalytics.config import is_loopback
from rmanalytics.provider import placeholders
from rmanalytics.provider.definition import Provider
from rmanalytics.provider.lint.endpoint import is_route_mobile
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

_SECRET_KEY = re.compile(
    r"(?i)(^|[._-])(pass|passwd|password|pwd|secret\w*|token|\w*api[_-]?key|authorization)$"
)


def texts(provider: Provider) -> Iterator[placeholders.Place]:
    """Yield every text of the file that is sent, with its path."""
    data = provider.model_dump(include={"endpoint", "headers", "body", "username", "password", "oauth2"})
    for part, value in data.items():
        yield from placeholders.places(value, part)


def secret_places(provider: Provider) -> Iterator[placeholders.Place]:
    """Yield the texts that are secrets by the name of their key, the endpoint's own among them."""
    for where, text in texts(provider):
        if _SECRET_KEY.search(where):
            yield where, text
    try:
        parts = urlsplit(provider.endpoint)
    except ValueError:
        return
    for key, value in parse_qsl(parts.query):
        if _SECRET_KEY.search(key):
            yield "endpoint", value
    if "@" in parts.netloc:
        yield "endpoint", parts.netloc.rpartition("@")[0].partition(":")[2]


def _in_the_file(provider: Provider) -> Iterator[LintFault]:
    for where, text in secret_places(provider):
        if text and not placeholders.is_reference(text) and not placeholders.is_blank(text):
            yield LintFault(
                ERROR,
                "secret-in-file",
                where,
                "a secret is in the file and would be copied and committed with it",
                "write ${NAME}, put the secret into the environment, and change it if the file was shared",
                OURS,
            )


def _unfilled(provider: Provider) -> Iterator[LintFault]:
    for where, text in texts(provider):
        if placeholders.is_blank(text):
            why = f"{text} is a placeholder from the documentation, not a value"
            yield LintFault(
                ERROR, "unfilled", where, why, "enter your own value, secrets as ${NAME}", ROUTE_MOBILE_PAGE
            )


def _credentials(provider: Provider) -> Iterator[LintFault]:
    keys = {key.lower() for key in provider.body} | _query_keys(provider)
    has_own = {"username", "password"} <= keys
    headers = {name.lower(): value for name, value in provider.headers.items()}
    bearer = headers.get("authorization", "").lower().startswith("bearer")
    if has_own and (bearer or provider.authentication == "oauth2"):
        yield LintFault(
            WARNING,
            "bearer-beside-credentials",
            "headers.Authorization" if bearer else "authentication",
            "Route Mobile reads username and password from the body; the Bearer header on CleverTap's page "
            "is for another provider",
            "remove the Authorization header",
            f"{OPENAPI}; CleverTap, 8x8 page",
        )
    if not has_own and not bearer and provider.authentication == "none":
        yield LintFault(
            WARNING,
            "credentials-missing",
            "body",
            "neither username and password nor another authentication: Route Mobile answers 1702 or 1703",
            "add username and password as ${NAME} references",
            OPENAPI,
        )


def _query_keys(provider: Provider) -> set[str]:
    query = provider.endpoint.partition("?")[2]
    return {key.lower() for key, _ in parse_qsl(query, keep_blank_values=True)}


def _authentication(provider: Provider) -> Iterator[LintFault]:
    if provider.authentication == "basic" and not (provider.username and provider.password):
        yield LintFault(
            ERROR,
            "basic-incomplete",
            "authentication",
            "basic authentication needs a username and a password",
            "add username and password = ${NAME}",
            GENERIC,
        )
    if provider.authentication == "oauth2" and provider.oauth2 is None:
        yield LintFault(
            ERROR,
            "oauth2-incomplete",
            "authentication",
            "OAuth 2.0 needs client URL, client id and secret key; until they are valid every SMS is a Dispatch "
            "Error",
            "add [oauth2] with client_url, client_id and secret_key = ${NAME}",
            GENERIC,
        )


def _token_url(provider: Provider) -> Iterator[LintFault]:
    url = provider.oauth2.client_url if provider.oauth2 else ""
    if (
        provider.authentication == "oauth2"
        and url
        and not url.startswith("https://")
        and not is_loopback(url)
    ):
        yield LintFault(
            ERROR,
            "oauth2-not-https",
            "oauth2.client_url",
            "the client secret would travel unencrypted",
            "use the https URL of the token server",
            OURS,
        )


def _unknown_authentication(provider: Provider) -> Iterator[LintFault]:
    if provider.authentication != "none" and is_route_mobile(provider):
        yield LintFault(
            WARNING,
            "authentication-unknown",
            "authentication",
            f"Route Mobile documents no {provider.authentication} authentication for sending SMS",
            'set authentication = "none", with username and password in the parameters',
            OPENAPI,
        )


def _password_in_url(provider: Provider) -> Iterator[LintFault]:
    in_query = any(_SECRET_KEY.search(key) for key in _query_keys(provider))
    in_get = provider.request_type == "GET" and any(_SECRET_KEY.search(key) for key in provider.body)
    if in_query or in_get:
        yield LintFault(
            WARNING,
            "password-in-url",
            "endpoint" if in_query else "request_type",
            "the password travels in the URL, which servers and proxies log",
            "use POST with the parameters in the body, if Route Mobile accepts it for your account",
            OPENAPI,
        )


def _encryption(provider: Provider) -> Iterator[LintFault]:
    if not provider.encryption:
        return
    if provider.request_type != "POST":
        yield LintFault(
            ERROR,
            "encryption-needs-post",
            "encryption",
            "CleverTap encrypts POST payloads only",
            'set request_type = "POST"',
            "CleverTap, CPaaS Encryption page",
        )
    yield LintFault(
        WARNING,
        "encryption-unsupported",
        "encryption",
        "Route Mobile does not document AES-256-CBC ciphertext with X-AES-IV, and rmanalytics cannot render or send "
        "it (padding and encoding are not documented)",
        "ask Route Mobile whether it supports this, or turn encryption off",
        "CleverTap, CPaaS Encryption page",
    )


def _outside_names(provider: Provider) -> Iterator[LintFault]:
    found = {name for _, text in texts(provider) for name in placeholders.references(text)}
    if found:
        yield LintFault(
            NOTE,
            "environment-names",
            "body",
            f"values from the environment: {', '.join(sorted(found))}",
            "enter the actual values in CleverTap's form",
            OURS,
        )


RULES: tuple[Rule, ...] = (
    _in_the_file,
    _unfilled,
    _credentials,
    _authentication,
    _token_url,
    _unknown_authentication,
    _password_in_url,
    _encryption,
    _outside_names,
)
