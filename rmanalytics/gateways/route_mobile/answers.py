"""What a submit answer says, entry by entry, in any of the spellings Route Mobile and its resellers use."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rmanalytics.gateways.answers import AnswerEntry
from rmanalytics.gateways.route_mobile.codes import CODES

_JUNK = " \t\r\n\"'{}"
_ENTRY = re.compile(r"(\d{3,4})\s*(?:([|:])(.*))?", re.DOTALL)
_BRACED = re.compile(r"\{\s*\d{3,4}\s*[|:]")
_NUMBER = re.compile(r"\+?\d{5,18}")
_CODE_KEYS = ("status", "error", "code")
_ID_KEYS = ("messageid", "message_id", "msgid")
_NUMBER_KEYS = ("mobileno", "destination", "mobile", "recipient")


class Entry(AnswerEntry):
    """One code of an answer, as Route Mobile means it."""

    __slots__ = ()
    codes = CODES


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The entries in their order, and how many parts carried no code and so belong to nothing."""

    entries: tuple[Entry, ...]
    n_stray: int


_UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f<>\ufffd]")
"""Of a page or of noise: an entry with such a character is none."""


def read(content: bytes, http_status: int) -> Answer:
    """Return what the body says, whatever its HTTP status; no entries when it cannot be read.

    >>> read(b"1701|919800000001|{5f0c},\\n1706|98000", 200).entries[0].gateway_message_id
    '5f0c'
    """
    text = content.decode("utf-8-sig", "replace").strip()
    found = list(_found(text))
    entries = tuple(entry for entry in found if entry and not _repeats_http(entry, http_status))
    return Answer(entries=entries, n_stray=len(found) - len(entries))


def _found(text: str) -> Iterator[Entry | None]:
    if text.startswith("<"):
        return iter((None,))
    return _from_json(text) if text.startswith(("{", "[")) else _from_text(text)


def _repeats_http(entry: Entry, http_status: int) -> bool:
    """An error page such as `{"status": 500, ...}` says nothing that the HTTP status does not."""
    return entry.code == str(http_status) and entry.code not in CODES


def _from_text(text: str) -> Iterator[Entry | None]:
    """Entries are joined by commas, with or without blanks; one per line is read too."""
    for part in re.split(r"[,\r\n]", text):
        if stripped := part.strip(_JUNK):
            yield _entry(stripped)


def _entry(part: str) -> Entry | None:
    """`code|number|id`, `code|number:id`, `code|number`, `code|id`, `code:text`, `code`; else None."""
    match = _ENTRY.fullmatch(part)
    if match is None or _UNREADABLE.search(part):
        return None
    code, separator, rest = match[1], match[2] or "|", match[3] or ""
    first, _, second = (field.strip(_JUNK) for field in rest.partition(separator))
    number, colon, after = first.partition(":")
    if colon and _NUMBER.fullmatch(number.strip()):
        first, second = number.strip(), second or after.strip(_JUNK)
    if _NUMBER.fullmatch(first):
        return Entry(code=code, number=first.removeprefix("+"), gateway_message_id=_id(second), text=second)
    return Entry(code=code, gateway_message_id=_id(second or first), text=" ".join([first, second]).strip())


def _id(text: str) -> str:
    text = text.partition("|")[0].strip(_JUNK)
    return "" if text.lower() == "null" else text


def _from_json(text: str) -> Iterator[Entry | None]:
    """Objects under `response`, in a list, or one alone; numbers keep all their digits."""
    try:
        value = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        if _BRACED.match(text):
            yield from _from_text(text)
        return
    if isinstance(value, dict):
        value = next((inner for key, inner in value.items() if key.lower() == "response" and inner), value)
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield _json_entry({str(key).lower(): _scalar(inner) for key, inner in item.items()})
        elif isinstance(item, str):
            yield from _from_text(item)
        else:
            yield None


def _scalar(value: Any) -> str:
    return str(value).strip() if isinstance(value, (str, bool)) else ""


def _json_entry(item: Mapping[str, str]) -> Entry | None:
    """None without a code, and where `success` contradicts the code."""
    said = [item[key] for key in _CODE_KEYS if key in item]
    code = next((text for text in said if re.fullmatch(r"\d{3,4}", text) or text in CODES), None)
    if code is None:
        return None
    number = _first(item, _NUMBER_KEYS)
    entry = Entry(code=code, number=re.sub(r"\D", "", number), gateway_message_id=_id(_first(item, _ID_KEYS)))
    return None if entry.is_accepted and item.get("success", "true").lower() == "false" else entry


def _first(item: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((item[key] for key in keys if item.get(key)), "")
