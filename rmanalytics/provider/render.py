"""The request CleverTap would send for given messages: flat or batched, JSON-escaped, URL-encoded.

How CleverTap spaces the JSON and whether it escapes are not documented; here it is compact and always escaped.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import orjson

from rmanalytics.errors import ConfigError
from rmanalytics.models import Message
from rmanalytics.provider import placeholders
from rmanalytics.provider.definition import Provider

Secret = Callable[[str], str]


def environment(variables: Mapping[str, str]) -> Secret:
    """Return what looks secrets up; it raises ConfigError naming one that is not set."""

    def find(name: str) -> str:
        if not variables.get(name):
            raise ConfigError(
                f"not set: {name}: the provider file refers to it: put it into .env or the environment"
            )
        return variables[name]

    return find


def masked(_name: str) -> str:
    """Return what is shown in place of a secret."""
    return "***"


def render(
    provider: Provider, batch: Sequence[Message], secret: Secret = masked, token: str | None = None
) -> httpx.Request:
    """Return the request for messages that share it; secrets are masked unless `secret` looks them up.

    `token` is that of OAuth 2.0, masked where there is none yet.

    Raises ConfigError for a custom placeholder without a value and for a value no header can hold.
    """
    filler = _Filler(provider, secret)
    first = batch[0]
    headers = {name: _one_line(filler.text(text, first), name) for name, text in provider.headers.items()}
    url = filler.text(provider.endpoint, first, lambda value: quote(value, safe="*"))
    if provider.authentication != "none":
        headers["Authorization"] = _authorization(provider, filler, first, token)
    body = filler.payload(batch)
    if provider.request_type == "GET":
        query = _form(body)
        joined = url + (("&" if "?" in url else "?") + query if query else "")
        return _request("GET", joined, headers, b"")
    if provider.parameters == "json":
        return _request("POST", url, {"Content-Type": "application/json"} | headers, orjson.dumps(body))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return _request("POST", url, kind | headers, _form(body).encode("ascii"))


def values(provider: Provider, message: Message) -> dict[str, str]:
    """Return what each placeholder stands for in a message."""
    return provider.values | {
        "To": ("+" if provider.to_with_plus else "") + message.msisdn,
        "Body": message.body,
        "TemplateID": message.template_id or "",
        "TemplateVariables": ",".join(message.template_variables),
        "CampaignID": message.campaign_id,
        "MessageID": message.message_id,
    }


def shared(provider: Provider, message: Message) -> tuple[str, ...]:
    """Return what messages of one request must have in common: everything outside the array."""
    outside = {k: v for k, v in provider.body.items() if not provider.batch or k != provider.batch.key}
    found = placeholders.places([outside, provider.endpoint, provider.headers], "")
    known = values(provider, message)
    return tuple(known.get(name, "") for _, text in found for name in placeholders.names(text))


class _Filler:
    def __init__(self, provider: Provider, secret: Secret) -> None:
        self._provider = provider
        self._secret = secret

    def payload(self, batch: Sequence[Message]) -> dict[str, Any]:
        """Constants once, the object in the array once per message, in their order."""
        batching, filled = self._provider.batch, {}
        for key, value in self._provider.body.items():
            if batching and key == batching.key and isinstance(value, list) and value:
                filled[key] = [self._value(value[0], message) for message in batch]
            else:
                filled[key] = self._value(value, batch[0])
        return filled

    def text(self, text: str, message: Message, encode: Callable[[str], str] = str) -> str:
        known = values(self._provider, message)

        def value(name: str) -> str:
            if name not in known:
                raise ConfigError(
                    f"{self._provider.path}: $${name} has no value: put {name} under [values] of the file"
                )
            return encode(known[name])

        return placeholders.fill(text, value, lambda name: encode(self._secret(name)))

    def _value(self, value: Any, message: Message) -> Any:
        if isinstance(value, dict):
            return {key: self._value(inner, message) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner, message) for inner in value]
        if value == "$$TemplateVariables" and self._provider.variables_as == "list":
            return list(message.template_variables)
        return self.text(value, message) if isinstance(value, str) else value


def _form(body: Mapping[str, Any]) -> str:
    flat = {key: ",".join(map(str, v)) if isinstance(v, list) else str(v) for key, v in body.items()}
    return urlencode(flat, quote_via=quote, safe="*")


def _authorization(provider: Provider, filler: _Filler, first: Message, token: str | None) -> str:
    if provider.authentication == "oauth2":
        return f"Bearer {token or '***'}"
    pair = f"{filler.text(provider.username or '', first)}:{filler.text(provider.password or '', first)}"
    is_masked = filler._secret is masked
    return "Basic ***" if is_masked else f"Basic {base64.b64encode(pair.encode()).decode()}"


def _one_line(value: str, name: str) -> str:
    if any(ord(char) < 32 or ord(char) > 126 for char in value):
        raise ConfigError(
            f"header {name}: a value has characters that a header cannot hold: put it into the body"
        )
    return value


def _request(method: str, url: str, headers: Mapping[str, str], content: bytes) -> httpx.Request:
    try:
        return httpx.Request(method, url, headers=_once(headers), content=content or None)
    except (httpx.InvalidURL, ValueError):
        raise ConfigError(
            "the endpoint with its parameters is not a URL: use POST, or fix the endpoint"
        ) from None


def _once(headers: Mapping[str, str]) -> dict[str, str]:
    """The last of a name counts, in whatever case it is written."""
    found = {name.lower(): (name, value) for name, value in headers.items()}
    return dict(found.values())
