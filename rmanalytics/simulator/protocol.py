"""What Route Mobile and its clients say to each other, as types, and its answers composed."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import orjson

ACCEPTED, BLANK, CREDENTIALS, TYPE, MESSAGE = "1701", "1702", "1703", "1704", "1705"
DESTINATION, SOURCE, DLR, CREDIT = "1706", "1707", "1708", "1025"
USER_VALIDATION, TIMEOUT = "1709", "1715"
CREDITS_PATH = "/CreditCheck/checkcredits"


class SandboxEndpoint(StrEnum):
    """The paths that take messages in."""

    BULK = "/bulksms/bulksms"
    PERSONALIZED = "/bulksms/personalizedbulksms"
    SEPARATE = "/bulksms/sbulksms"
    JSON = "/bulksms/jsonbulksms"


class AnswerShape(StrEnum):
    """How an answer is written: text lines, `{"response": [...]}`, or one flat object."""

    TEXT = "text"
    LIST = "list"
    FLAT = "flat"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Account:
    """Who may send, and how it is answered. Without a username any pair that is not blank is taken, without
    headers any that fits."""

    username: str | None = None
    password: str | None = None
    delimiter: str | None = None
    flat_shape: AnswerShape = AnswerShape.TEXT
    headers: frozenset[str] = frozenset()

    def knows(self, username: str, password: str) -> bool:
        """Return whether the credentials open this account."""
        if self.username is None:
            return True
        given, own = f"{username}\0{password}", f"{self.username}\0{self.password or ''}"
        return hmac.compare_digest(given.encode("utf-8", "replace"), own.encode("utf-8", "replace"))

    def has_header(self, header: str) -> bool:
        """Return whether the header (sender id) is registered for this account."""
        return not self.headers or header in self.headers


ANYBODY = Account()
"""An account without credentials of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One message as the gateway got it: `text` is decoded, `msisdn` in digits; blank fields are ""."""

    msisdn: str
    source: str
    text: str
    n_segments: int
    wants_dlr: bool
    entity_id: str
    template_id: str
    tag: str
    client_message_id: str
    udf1: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxEntry:
    """One recipient's line: `received` when it may go on, else the code it is refused with."""

    destination: str
    code: str = ACCEPTED
    received: Received | None = None
    gateway_message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request as read: `code` when all of it is refused, else its entries in order."""

    shape: AnswerShape = AnswerShape.TEXT
    code: str | None = None
    entries: tuple[SandboxEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back over HTTP."""

    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    status: int = 200


def answer(ask: Ask, entries: Iterable[SandboxEntry]) -> Reply:
    """Return the submit response for these entries, in their order; a refused request has its code alone.

    >>> entry = SandboxEntry(destination="98000", code="1706")
    >>> answer(Ask(), [entry]).body, answer(Ask(shape=AnswerShape.LIST), [entry]).body
    (b'1706|98000', b'{"response":[{"messageid":"","mobileno":"98000","status":"1706"}]}')
    >>> answer(Ask(code="1703"), []).body
    b'1703'
    """
    if ask.shape is not AnswerShape.TEXT:
        rows = [_row(entry) for entry in _entries(ask, entries)]
        value = rows[0] if ask.shape is AnswerShape.FLAT and len(rows) == 1 else {"response": rows}
        return Reply(body=orjson.dumps(value), content_type="application/json")
    return Reply(body=(ask.code or ",".join(map(_line, entries))).encode("utf-8", "replace"))


def _entries(ask: Ask, entries: Iterable[SandboxEntry]) -> Iterable[SandboxEntry]:
    return [SandboxEntry(destination="", code=ask.code)] if ask.code else entries


def _line(entry: SandboxEntry) -> str:
    line = f"{entry.code}|{entry.destination}"
    return f"{line}|{entry.gateway_message_id}" if entry.gateway_message_id else line


def _row(entry: SandboxEntry) -> dict[str, str]:
    return {"messageid": entry.gateway_message_id, "mobileno": entry.destination, "status": entry.code}
