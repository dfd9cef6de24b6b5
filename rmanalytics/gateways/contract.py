"""What a gateway gives: translations without I/O, and what it knows of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Protocol

import httpx

from rmanalytics.config import PREFIX, Settings
from rmanalytics.models import Consequence, Lasting, Message, Party, Result, Route, SubmitResponse


class Cause(StrEnum):
    """What is wrong when a message is not accepted."""

    CREDENTIALS = "credentials"
    PAYLOAD = "payload"
    HEADER = "header"
    TEMPLATE = "template"
    CREDIT = "credit"
    TRANSMISSION = "transmission"
    RECIPIENT = "recipient"
    STRANGE = "strange"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitCode:
    """A submit code: what it says of its message, of the rest of the request, and of further requests.

    `cause` is what it blames (None only where the message was accepted), `party` who can do something about it,
    `lasting` whether it would happen again, `fix` what to do, `aborts` that an answer may end behind it: the gateway
    looked at no later message of the request. What needs no entry of its own for each message has none.
    `file_fix` replaces `fix` where a provider file built the request.
    """

    meaning: str
    cause: Cause | None
    party: Party
    lasting: Lasting = Lasting.PERMANENT
    fix: str = ""
    file_fix: str = ""
    result: Result = Result.REFUSED
    aborts: bool = False
    then: Consequence = Consequence.GO_ON


UNKNOWN_CODE = SubmitCode(
    meaning="unknown code", cause=Cause.STRANGE, party=Party.UNTOLD, lasting=Lasting.UNTOLD
)
"""What a code that is not in its gateway's table means: an unexplained refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DlrCode:
    """An error code of DLRs that is the gateway's own; `is_sure` where the gateway itself documents it."""

    meaning: str
    party: Party = Party.UNTOLD
    lasting: Lasting = Lasting.UNTOLD
    is_sure: bool = True


_OF_HTTP = {401: Cause.CREDENTIALS, 403: Cause.CREDENTIALS, 407: Cause.CREDENTIALS, 408: Cause.TRANSMISSION}
_TOO_MANY = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayProfile:
    """What is known of a gateway whatever the account.

    `name` is its folder, and begins its settings; `title` is for people. `required` settings and those of
    `defaults` are named without that beginning. `fixes` say what to do where an answer without a known code
    blames that cause, `file_fixes` where a provider file built the request, `dlr_switch` where DLRs are switched on.
    `dlr_fields` has our name of each DLR field and its spellings, the first one first.
    """

    name: str
    title: str
    codes: Mapping[str, SubmitCode] = field(default_factory=dict)
    dlr_codes: Mapping[str, DlrCode] = field(default_factory=dict)
    dlr_fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    fixes: Mapping[Cause, str] = field(default_factory=dict)
    file_fixes: Mapping[Cause, str] = field(default_factory=dict)
    dlr_switch: str = ""

    def setting(self, name: str) -> str:
        """Return the name of one of its settings.

        >>> GatewayProfile(name="acme", title="Acme").setting("url")
        'acme_url'
        """
        return f"{self.name}_{name}"

    def variable(self, name: str) -> str:
        """Return the environment variable of one of its settings.

        >>> GatewayProfile(name="acme", title="Acme").variable("url")
        'RMANALYTICS_ACME_URL'
        """
        return PREFIX + self.setting(name).upper()

    def cause(self, result: str, code: str | None, http_status: int | None) -> Cause | None:
        """Return what an answer blames, None when the message was accepted.

        A code of the table blames what its row says, another one is unknown; only without a code the HTTP
        status decides.
        """
        if result == Result.ACCEPTED:
            return None
        if code:
            return self.codes.get(code, UNKNOWN_CODE).cause or Cause.STRANGE
        if http_status in _OF_HTTP:
            return _OF_HTTP[http_status]
        is_wrong = http_status is not None and 300 <= http_status < 500 and http_status != _TOO_MANY
        return Cause.PAYLOAD if is_wrong else Cause.TRANSMISSION

    def fix(self, code: str | None, cause: Cause, *, is_from_file: bool = False) -> str:
        """Return what to do about a code, or about its cause where the code says nothing of it.

        `is_from_file`: a provider file built the request, so that its fields are named instead of settings.
        """
        known = self.codes.get(code or "", UNKNOWN_CODE)
        of_file = (known.file_fix or known.fix or self.file_fixes.get(cause, "")) if is_from_file else ""
        return of_file or known.fix or self.fixes.get(cause, "")


class Reader(Protocol):
    """The translation that everyone who sends callbacks has.

    `fields` has our name of each field of its callbacks and its spellings, the first one first.
    """

    fields: ClassVar[Mapping[str, tuple[str, ...]]]

    def __init__(self, settings: Settings) -> None: ...

    def dlrs(self) -> str:
        """Return the query that gives a row per DLR in a relation `callbacks`; what cannot be parsed gives none."""


class Sender(Protocol):
    """What handing messages over needs; `batches` says which messages may share a request."""

    def batches(self, messages: Iterable[Message]) -> Iterator[Sequence[Message]]:
        """Yield the messages in groups that one request can carry."""

    def submit_request(self, batch: Sequence[Message]) -> httpx.Request:
        """Return the request that hands the batch over."""

    def submit_responses(self, batch: Sequence[Message], response: httpx.Response) -> list[SubmitResponse]:
        """Return one response per message of the batch, in its order, whatever the gateway answered."""

    def redact(self, text: str) -> str:
        """Return the text without the account's secrets, in whatever encoding they are there."""


class Gateway(Sender, Reader, Protocol):
    """A gateway that messages are handed to: request, answer, callback, and what its settings mean."""

    profile: ClassVar[GatewayProfile]

    @property
    def zone(self) -> str:
        """Name of the time zone of its times that carry none."""

    @property
    def defaults(self) -> dict[str, str | None]:
        """The `header` and `entity_id` of messages that name none."""

    def endpoint(self, route: Route) -> str:
        """Return the URL that messages of the route go to; raise ConfigError where it is no good."""

    def check(self) -> None:
        """Raise ConfigError where requests could not be built with these settings."""
