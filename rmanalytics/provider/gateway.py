"""A provider as what `send` needs: requests as CleverTap builds them, answers as both sides judge them."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import httpx

from rmanalytics import gateways
from rmanalytics.config import Settings, is_loopback
from rmanalytics.errors import BadInput, ConfigError
from rmanalytics.models import Consequence, Message, SubmitResponse
from rmanalytics.provider import oauth, placeholders
from rmanalytics.provider.definition import Provider
from rmanalytics.provider.lint import lint
from rmanalytics.provider.lint.credentials import texts
from rmanalytics.provider.lint.endpoint import is_foreign
from rmanalytics.provider.lint.model import LintFinding, Severity
from rmanalytics.provider.render import environment, render, shared
from rmanalytics.support import env_file
from rmanalytics.support.redact import REDACTED, pattern

TIMEOUT_S = 15.0
"""CleverTap waits so long for an answer and never retries (CleverTap, SMS FAQs)."""

CLEVERTAP_RULE = "CleverTap counts HTTP"
"""How the detail of each answer to a request begins or goes on that a provider file built, and of no other."""

_HEADER = ("source", "from", "sender")
_ENTITY = ("entityid", "entity_id", "peid", "pe_id")
_OF_ACCOUNT = "use the provider file of that account"
_OWN = (
    ("header", _HEADER, _OF_ACCOUNT),
    ("entity_id", _ENTITY, _OF_ACCOUNT),
    ("template_id", ("tempid",), 'write tempid = "$$TemplateID" there, or send the template that it names'),
)
"""What a file may send the same for every message, and what to do where a message has another one."""


class Answers(Protocol):
    """What is taken from the gateway: how it answers and reports."""

    def submit_responses(self, batch: Sequence[Message], response: httpx.Response) -> list[SubmitResponse]:
        """Return one response per message of the batch."""

    def redact(self, text: str) -> str:
        """Return the text without secrets."""


class AsCleverTap:
    """Builds requests as CleverTap would and reads the answers as the gateway does."""

    def __init__(self, provider: Provider, gateway: Answers, variables: Mapping[str, str]) -> None:
        self._provider = provider
        self._gateway = gateway
        self._secret = environment(variables)
        self._tokens = _tokens(provider, self._secret)
        found = {name for _, text in texts(provider) for name in placeholders.references(text)}
        self._hidden = [
            pattern(self._secret(name)) for name in sorted(found) if not _is_plain(provider, name)
        ]

    def batches(self, messages: Iterable[Message]) -> Iterator[Sequence[Message]]:
        """Yield the messages in requests' groups: one each, or batched with equal constants."""
        return groups(self._provider, messages)

    def submit_request(self, batch: Sequence[Message]) -> httpx.Request:
        """Return the request that CleverTap would send for the batch."""
        token = self._tokens.held if self._tokens else None
        return render(self._provider, batch, self._secret, token)

    async def authorise(self, http: aiohttp.ClientSession) -> None:
        """Have what the next request needs to log in: with OAuth 2.0 a token.

        Raises GatewayUnavailable and ConfigError as `oauth.Tokens.ready` does; nothing was sent then.
        """
        if self._tokens:
            await self._tokens.ready(http)

    def submit_responses(self, batch: Sequence[Message], response: httpx.Response) -> list[SubmitResponse]:
        """Return the gateway's word about each message, CleverTap's own rule in its detail."""
        said = self._gateway.submit_responses(batch, response)
        if self._tokens and self._tokens.is_expired_by(response.status_code):
            said = [
                replace(one, consequence=Consequence.GO_ON) for one in said
            ]  # the next one has a new token
        rule = clevertap_rule(response.status_code)
        return [replace(one, detail=self.redact("; ".join(filter(None, (one.detail, rule))))) for one in said]

    def redact(self, text: str) -> str:
        """Return the text without the secrets that the file refers to."""
        token = pattern(self._tokens.held or "") if self._tokens else None
        for hidden in filter(None, (*self._hidden, token)):
            text = hidden.sub(REDACTED, text)
        return self._gateway.redact(text)


def groups(provider: Provider, messages: Iterable[Message]) -> Iterator[Sequence[Message]]:
    """Yield runs of messages that one request carries; a number occurs in it once.

    Raises BadInput for a row whose header or entity_id is not the one that the file sends.
    """
    size = provider.batch.size if provider.batch else 1
    group: list[Message] = []
    for message in messages:
        _fits(provider, message)
        key = shared(provider, message)
        is_other = group and (
            key != shared(provider, group[0]) or message.msisdn in {m.msisdn for m in group}
        )
        if group and (len(group) >= size or is_other):
            yield group
            group = []
        group.append(message)
    if group:
        yield group


def clevertap_rule(http_status: int) -> str:
    """Return how CleverTap, which looks at the HTTP status only, counts an answer.

    >>> clevertap_rule(200), clevertap_rule(302)
    ('CleverTap counts HTTP 200 as sent', 'CleverTap counts HTTP 302 as an error')
    """
    return f"{CLEVERTAP_RULE} {http_status} as {'sent' if http_status < 300 else 'an error'}"


def refuse_faulty(provider: Provider) -> None:
    """Raise ConfigError where nothing may be sent with the definition."""
    if is_foreign(provider):
        raise ConfigError(
            f"{provider.path}: endpoint: awsigateway.com belongs to another company: nothing is sent there"
        )
    if provider.encryption:
        raise ConfigError(
            f"{provider.path}: encryption: a test send cannot do that: CleverTap documents AES-256-CBC, but neither "
            "its padding nor how the ciphertext is written; turn it off for the test"
        )
    if faults := [fault for fault in lint(provider) if fault.severity is Severity.ERROR]:
        raise ConfigError(_said(faults, provider.path))


def _said(faults: Sequence[LintFinding], path: Path) -> str:
    """Return the first fault with all its places, and how to see the others."""
    first = faults[0]
    same = [fault for fault in faults if (fault.why, fault.fix) == (first.why, first.fix)]
    lines = list(dict.fromkeys(str(fault.line) for fault in same if fault.line))
    at = f", line{'s' * (len(lines) > 1)} {', '.join(lines)}" if lines else ""
    places, more = ", ".join(fault.where for fault in same), len(faults) - len(same)
    rest = (
        f" (and {more} more: `{shlex.join(['rmanalytics', 'provider', 'lint', str(path)])}`)" if more else ""
    )
    return f"{path}{at}: {places}: {first.why}: {first.fix}{rest}"


def _tokens(provider: Provider, secret: Callable[[str], str]) -> oauth.Tokens | None:
    if provider.authentication != "oauth2" or not provider.oauth2:
        return None
    return oauth.Tokens(provider.oauth2, secret, timeout_s=TIMEOUT_S)


def rehearsed(provider: Provider, simulator_url: str) -> Provider:
    """Return the provider with the simulator's address in place of its endpoint's; path and query stay.

    It asks no token server elsewhere, and logs in at none.
    """
    to, parts = urlsplit(simulator_url), urlsplit(provider.endpoint)
    endpoint = urlunsplit((to.scheme, to.netloc, parts.path, parts.query, ""))
    without = (
        {} if not provider.oauth2 or is_loopback(provider.oauth2.client_url) else {"authentication": "none"}
    )
    return provider.model_copy(update={"endpoint": endpoint} | without)


def variables(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """Return what `${NAME}` can mean: the environment's, else what `.env` says; the simulator takes any account."""
    file = settings.home.parent / ".env"
    said = env_file.variables(file)
    given = {name: (value or "").strip() for name, value in (*said.items(), *environment.items())}
    found = {name: value for name, value in given.items() if value}
    spoken = gateways.profile(settings.gateway)
    account = [spoken.variable(name) for name in spoken.required]
    if settings.gateway == "simulator" and not found.keys() & set(account):
        found |= dict.fromkeys(account, "simulator")
    return found


def constant(provider: Provider, keys: Sequence[str], secret: Callable[[str], str]) -> str | None:
    """Return the value that the file sends for one of the keys, None where it differs per message."""
    for where, text in placeholders.places(provider.body, "body"):
        is_custom = any(name not in provider.values for name in placeholders.names(text))
        if where.rpartition(".")[2].lower() in keys and not is_custom:
            return placeholders.fill(text, provider.values.__getitem__, secret)
    return None


def defaults(provider: Provider, secret: Callable[[str], str]) -> dict[str, str | None]:
    """Return the header and entity_id that the file sends."""
    return {"header": constant(provider, _HEADER, secret), "entity_id": constant(provider, _ENTITY, secret)}


def _fits(provider: Provider, message: Message) -> None:
    for name, keys, fix in _OWN:
        value, given = constant(provider, keys, str), getattr(message, name)
        if value and given and given != value and not placeholders.references(value):
            raise BadInput(
                f"message {message.message_id}: {name} {given!r}, but {provider.path} sends {value!r}: {fix}"
            )


def _is_plain(provider: Provider, name: str) -> bool:
    """Whether a reference is only to what is no secret: header and entity_id are shown everywhere."""
    keys = {
        where.rpartition(".")[2].lower()
        for where, text in texts(provider)
        if name in placeholders.references(text)
    }
    return keys <= {*_HEADER, *_ENTITY, "username"}
