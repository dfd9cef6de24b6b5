"""Submit responses: one per message of the request, whatever was answered, as text or as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rmanalytics.gateways.answers import AnswerEntry, claims, quoted, said, unreadable
from rmanalytics.gateways.contract import Cause
from rmanalytics.gateways.gupshup.codes import ACCEPTED, CODES
from rmanalytics.models import Consequence, Message, Result, SubmitResponse

_ERROR = "error"


class GupshupEntry(AnswerEntry):
    """One line of an answer: `success` with number and id, or an error's code and words."""

    __slots__ = ()
    codes = CODES


def submit_responses(
    batch: Sequence[Message], content: bytes, http_status: int, clean: Callable[[str], str] = str
) -> list[SubmitResponse]:
    """Return one response per message, in order; `clean` takes secrets out of texts that are quoted.

    Accepted is only what an entry says so about; what an answer leaves open is unclear.
    """
    entries = read(content)
    if not entries:
        quote = quoted(content, clean)
        return [unreadable(message, http_status, quote) for message in batch]
    taken = _assigned(batch, entries)
    return [
        said(message, entry, http_status, clean) if entry else _unsaid(message, http_status)
        for message, entry in zip(batch, taken, strict=True)
    ]


def read(content: bytes) -> list[GupshupEntry]:
    """Return the entries of an answer; none where it cannot be read.

    >>> [entry.code for entry in read(b"success | 919800000001 | 72-27\\nerror | 105 | not valid")]
    ['success', '105']
    """
    text = content.decode("utf-8-sig", "replace").strip()
    if text.startswith(("{", "[")):
        return list(_from_json(text))
    return [entry for line in text.splitlines() if (entry := _entry(*_parts(line)))]


def _parts(line: str) -> tuple[str, str, str]:
    status, second, rest = ([part.strip() for part in line.split("|", 2)] + ["", ""])[:3]
    return status, second, rest


def _entry(status: str, second: str, rest: str) -> GupshupEntry | None:
    """`success | number | id` or `error | code | words`; without its id, or its code, a line is none."""
    if status.lower() == ACCEPTED and re.fullmatch(r"[\w-]+", rest):
        return GupshupEntry(code=ACCEPTED, number=re.sub(r"\D", "", second), gateway_message_id=rest)
    if status.lower() == _ERROR and re.fullmatch(r"\d{3,4}", second):
        return GupshupEntry(code=second, text=rest)
    return None


def _from_json(text: str) -> Iterator[GupshupEntry]:
    try:
        value = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return
    for item in _items(value):
        given = {name: str(item.get(name) or "").strip() for name in ("status", "id", "phone", "details")}
        is_error = given["status"].lower() == _ERROR
        fields = (given["id"], given["details"]) if is_error else (given["phone"], given["id"])
        if entry := _entry(given["status"], *fields):
            yield entry


def _items(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects that have a status: under `response`, in a list, or alone."""
    inner = value.get("response", value) if isinstance(value, dict) else value
    for item in inner if isinstance(inner, list) else [inner]:
        if isinstance(item, dict):
            yield item


def _assigned(batch: Sequence[Message], entries: Sequence[GupshupEntry]) -> list[GupshupEntry | None]:
    """Each message's entry: successes by their number, errors in the order of what is left, if they are as many.

    A lone error is about every message, unless it blames one number.
    """
    only = entries[0]
    if len(entries) == 1 and only.code != ACCEPTED and only.meaning.cause is not Cause.RECIPIENT:
        return [only] * len(batch)
    claim = claims(batch)
    found: list[GupshupEntry | None] = [None] * len(batch)
    for entry in entries:
        if entry.number and (place := claim(entry.number)) is not None:
            found[place] = entry
    nameless = [entry for entry in entries if not entry.number]
    rest = iter(nameless if len(nameless) == found.count(None) else ())
    return [entry or next(rest, None) for entry in found]


def _unsaid(message: Message, http_status: int) -> SubmitResponse:
    return SubmitResponse(
        message_id=message.message_id,
        result=Result.UNCLEAR,
        detail="the answer has no entry for this message",
        http_status=http_status,
        consequence=Consequence.GO_ON,
    )
