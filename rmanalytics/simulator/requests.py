"""Requests in Route Mobile's formats, read and checked.

Parameters and rules are those of the SMSPLUS bulk HTTP specification and of the OpenAPI file of
developer.rmlconnect.net. Neither says in which order a request is checked: the order here is ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from string import whitespace
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson

from rmanalytics.simulator.protocol import (
    ACCEPTED,
    BLANK,
    CREDENTIALS,
    DESTINATION,
    DLR,
    MESSAGE,
    SOURCE,
    TYPE,
    Account,
    AnswerShape,
    Ask,
    Received,
    Reply,
    SandboxEndpoint,
    SandboxEntry,
)
from rmanalytics.sms import segments

PLAIN_TYPES = frozenset("0157")
HEX_TYPES = frozenset("26")
WAP_PUSH = "4"
_FORM = "application/x-www-form-urlencoded"
_BETWEEN = "," + whitespace
"""What stands between numbers, and is nothing at the ends of their list."""

_NUMBER = re.compile(r"(?!91|0)[0-9]{8,15}|91[6-9][0-9]{9}|91[0-9]{8}").fullmatch
_NUMERIC_SOURCE = re.compile(r"\+?[0-9]{1,18}").fullmatch
_WORD_SOURCE = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,10}").fullmatch
_HEX = re.compile(r"(?:[0-9A-Fa-f]{4})+").fullmatch
_COMMON = ("username", "password", "source", "destination", "message")
REQUIRED = {
    SandboxEndpoint.BULK: (*_COMMON, "type", "dlr"),
    SandboxEndpoint.PERSONALIZED: _COMMON,
    SandboxEndpoint.SEPARATE: (*_COMMON, "type", "dlr"),
    SandboxEndpoint.JSON: (*_COMMON, "type", "dlr"),
}
WITH_WAP_PUSH = frozenset({SandboxEndpoint.BULK, SandboxEndpoint.SEPARATE})


class _Text(NamedTuple):
    text: str
    n_segments: int


def read(
    endpoint: SandboxEndpoint,
    query: str,
    content_type: str,
    body: bytes,
    account: Account,
    *,
    is_exact: bool = False,
) -> Ask:
    """Return what the request asks for, checked for blanks, credentials, type, dlr, source, message.

    With `is_exact` a body that is JSON is read as JSON only where its Content-Type says so.
    """
    if is_exact and "json" not in content_type.lower():
        return _read_fields(endpoint, _parameters(query, content_type, body), account)
    if endpoint is SandboxEndpoint.JSON:
        return _read_json(body, account)
    if records := _batched_json(content_type, body):
        entries = tuple(entry for given in records for entry in _batched_entry(given, account))
        return Ask(shape=account.flat_shape, entries=entries)
    flat = _flat_json(content_type, body)
    if flat is None:
        return _read_fields(endpoint, _parameters(query, content_type, body), account)
    ask = _read_fields(SandboxEndpoint.PERSONALIZED, parse_pairs(query) | flat, account)
    return replace(ask, shape=account.flat_shape)


def credit(query: str, body: bytes, account: Account, credits_left: int) -> Reply:
    """Return `Credits: n`, or 1702 or 1703."""
    given = parse_pairs(query) | parse_pairs(body.decode("utf-8", "replace"))
    username, password = given.get("username") or given.get("user", ""), given.get("password", "")
    if not username or not password:
        return Reply(body=BLANK.encode())
    if not account.knows(username, password):
        return Reply(body=CREDENTIALS.encode())
    return Reply(body=f"Credits: {credits_left}".encode())


def parse_pairs(text: str) -> dict[str, str]:
    """Return the parameters of a query or form; the first of a name counts.

    >>> parse_pairs("a=1&b=&a=2&c=%C3%A9+x")
    {'c': 'é x', 'a': '1', 'b': ''}
    """
    return dict(reversed(parse_qsl(text, keep_blank_values=True)))


def _parameters(query: str, content_type: str, body: bytes) -> dict[str, str]:
    given = parse_pairs(query) if query else {}
    if body and (not content_type or content_type.lower().startswith(_FORM)):
        given = parse_pairs(body.decode("utf-8", "replace")) | given
    return given


def _flat_json(content_type: str, body: bytes) -> dict[str, str] | None:
    """Return CleverTap's flat object as parameters; None when the body is none."""
    if "json" not in content_type.lower() and body[:1] != b"{":
        return None
    value = _loads(body)
    return _strings(value) if isinstance(value, dict) else {}


def _batched_json(content_type: str, body: bytes) -> list[dict[str, str]]:
    """Return CleverTap's batched payload, a list of objects beside constants, as one object per record.

    What Route Mobile makes of it is documented nowhere: here a record is a flat payload of its own.
    """
    if "json" not in content_type.lower() and body[:1] != b"{":
        return []
    value = _loads(body)
    if not isinstance(value, dict):
        return []
    lists = [
        key
        for key, inner in value.items()
        if isinstance(inner, list) and inner and all(map(_is_object, inner))
    ]
    if len(lists) != 1:
        return []
    shared = _strings({key: inner for key, inner in value.items() if key != lists[0]})
    return [shared | _strings(record) for record in value[lists[0]]]


def _batched_entry(given: Mapping[str, str], account: Account) -> tuple[SandboxEntry, ...]:
    ask = _read_fields(SandboxEndpoint.PERSONALIZED, given, account)
    return ask.entries or (SandboxEntry(destination=given.get("destination", ""), code=ask.code or BLANK),)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _read_fields(endpoint: SandboxEndpoint, given: Mapping[str, str], account: Account) -> Ask:
    code = _refusal(endpoint, given, account)
    if code:
        return Ask(code=code)
    destinations = given["destination"].strip(_BETWEEN).split(",")
    texts = _texts(endpoint, given, len(destinations), account.delimiter)
    if texts is None:
        return Ask(code=MESSAGE)
    entries = [_entry(number, text, given) for number, text in zip(destinations, texts, strict=True)]
    return Ask(entries=tuple(entries))


def _read_json(body: bytes, account: Account) -> Ask:
    """Return one entry per item; an error other than a bad number is the last one read."""
    value = _loads(body)
    items = value.get("request") if isinstance(value, dict) else None
    if not isinstance(items, list) or not items:
        return Ask(shape=AnswerShape.LIST, code=BLANK)
    entries: list[SandboxEntry] = []
    for item in items:
        entries.append(_json_entry(_strings(item) if isinstance(item, dict) else {}, account))
        if entries[-1].code not in {ACCEPTED, DESTINATION}:
            break
    return Ask(shape=AnswerShape.LIST, entries=tuple(entries))


def _json_entry(given: Mapping[str, str], account: Account) -> SandboxEntry:
    number = given.get("destination", "")
    code = _refusal(SandboxEndpoint.JSON, given, account)
    texts = None if code else _texts(SandboxEndpoint.JSON, given, 1, None)
    if code or texts is None:
        return SandboxEntry(destination=number, code=code or MESSAGE)
    return _entry(number, texts[0], given)


def _refusal(endpoint: SandboxEndpoint, given: Mapping[str, str], account: Account) -> str | None:
    """Return the code that refuses the whole request, or None."""
    if not all(given.get(name, "").strip() for name in REQUIRED[endpoint]):
        return BLANK
    if not account.knows(given["username"], given["password"]):
        return CREDENTIALS
    kind = given.get("type") or "0"
    if kind == WAP_PUSH and endpoint in WITH_WAP_PUSH:
        if not given.get("url", "").strip():
            return BLANK
    elif kind not in PLAIN_TYPES and kind not in HEX_TYPES:
        return TYPE
    if endpoint is not SandboxEndpoint.PERSONALIZED and given["dlr"] not in {"0", "1"}:
        return DLR
    source = given["source"]
    return None if _source_fits(source) and account.has_header(source) else SOURCE


def _source_fits(source: str) -> bool:
    """Return whether the sender id has at most 18 digits or 11 characters.

    >>> _source_fits("TESTSM"), _source_fits("+919800000001"), _source_fits("MUCHTOOLONGID")
    (True, True, False)
    """
    return bool(_NUMERIC_SOURCE(source) or _WORD_SOURCE(source))


def _texts(
    endpoint: SandboxEndpoint, given: Mapping[str, str], n: int, delimiter: str | None
) -> list[_Text] | None:
    """Return one text per destination; None when they do not fit or are no UTF-16BE hex where hex is due."""
    raw = [given["message"]]
    if endpoint is SandboxEndpoint.SEPARATE:
        raw = raw[0].split(delimiter) if delimiter else raw
        if len(raw) != n:
            return None
    texts = [_text(text, given.get("type")) for text in raw]
    good = [text for text in texts if text is not None]
    return None if len(good) < len(texts) else good * (n // len(good))


def _text(raw: str, kind: str | None) -> _Text | None:
    """Return the decoded text and the parts billed; None for a blank one, bad hex or more than 255 parts.

    Text sent as Unicode counts UTF-16 units, also where GSM-7 would do.

    >>> _text("09280938", "2"), _text("0928093", "2"), _text("Hello", "0")
    (_Text(text='नस', n_segments=1), None, _Text(text='Hello', n_segments=1))
    """
    if kind in HEX_TYPES:
        if not _HEX(raw):
            return None
        units = len(raw) // 4
        text = bytes.fromhex(raw).decode("utf-16-be", "surrogatepass")
        n_segments = 1 if units <= 70 else -(-units // 67)
    else:
        text, n_segments = raw, segments.count(raw)
    return _Text(text, n_segments) if text and n_segments <= segments.MOST_PARTS else None


def _entry(number: str, text: _Text, given: Mapping[str, str]) -> SandboxEntry:
    msisdn = number.strip().removeprefix("+")
    if not _NUMBER(msisdn):
        return SandboxEntry(destination=number.strip().replace("|", ""), code=DESTINATION)
    received = Received(
        msisdn=msisdn,
        source=given["source"],
        text=text.text,
        n_segments=text.n_segments,
        wants_dlr=given.get("dlr") != "0",
        entity_id=given.get("entityid", ""),
        template_id=given.get("tempid", ""),
        tag=given.get("tagname", ""),
        client_message_id=given.get("msgid", ""),
        udf1=given.get("udf1", ""),
    )
    return SandboxEntry(destination=msisdn, received=received)


def _loads(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _strings(item: Mapping[str, Any]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in item.items()}
