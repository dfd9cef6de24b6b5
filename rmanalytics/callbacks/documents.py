"""JSON as others write it, as lists and objects that gateways' readers take; no I/O.

Texts are cut out, never written anew, so that each digit stays what it was. Of a list, or of lines, what is an object
is kept, also where it is in a text or in a list of its own; the rest is counted with its reason.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from rmanalytics import gateways
from rmanalytics.callbacks.forms import BLANKS, Said

MOST_LEVELS = 3
"""Objects in objects and lists in lists that are looked into."""

MOST_MEMBERS = 1_000
"""Of an object in which others are looked for."""

MOST_READINGS = 4
"""Of one object: itself and what is in it."""

NO_OBJECT = "an item that is no object"
NO_JSON = "a line that is no JSON"
NO_ID = "a report without an id"

ODD_NUMBER = r'"\s*:\s*-?(?:[0-9]+(?:\.[0-9]+)?[eE]|[0-9]{9,}\.[0-9]{2}|[0-9]+\.[0-9]{8})'
"""A number of which a reader of JSON would make another text: with an exponent, or more digits than a float has."""

_is_odd = re.compile(ODD_NUMBER).search
_NUMBER = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|(?P<whole>-?[0-9]++)(?P<rest>(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+)',
    re.DOTALL,
)
_HALVES = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)
"""Escapes in JSON, one after the other; a sign beyond 16 bits has two halves."""

_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
"""Numbers stay texts: only whether it is JSON matters, and 400 digits are no number."""

_LINE_END = re.compile(r"[\r\n]+")
_ALONE = ("[", "]", "")
"""Lines that hold nothing: a list may have an item on each line, and a comma behind it."""


def document(text: str, most: int) -> list[Said]:
    """Return what a text in JSON may say, the first choice first; what is no JSON as it is.

    An object with more than `most` parts is only a cover of what is in it.
    """
    text = _readable(text.strip(BLANKS))
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return [lines(text) or Said(text)]
    try:
        value, text = _held(value, text)
        if isinstance(value, list):
            return [_list([(value, text)])]
        return _object(text, most) if isinstance(value, dict) else [Said(text)]
    except RecursionError:  # so deep that it is read once, but no further down
        return [Said(text)]


def lines(text: str) -> Said | None:
    """Return JSON lines as one list, without those that are none; None where no line holds an object."""
    found = [
        line for line in (line.strip(f"{BLANKS},") for line in _LINE_END.split(text)) if line not in _ALONE
    ]
    if len(found) < 2:
        return None
    parts: list[str] = []
    unread: Counter[str] = Counter()
    for line in found:
        line = _readable(line)
        try:
            _take(_DECODER.decode(line), line, parts, unread)
        except (ValueError, RecursionError):
            unread[NO_JSON] += 1
    return Said(f"[{','.join(parts)}]", unread) if parts else None


def _readable(text: str) -> str:
    """Return JSON with each half of a sign and each number as a text that all readers read alike."""
    text = _HALVES.sub(_whole_sign, text) if "\\u" in text else text
    return _NUMBER.sub(_spelt, text) if _is_odd(text) else text


def _whole_sign(found: re.Match[str]) -> str:
    """Return an escape as it is; the sign of what cannot be read for half of one, which is no text."""
    return "\\ufffd" if found["half"] else found[0]


def _spelt(found: re.Match[str]) -> str:
    """Return a number with a fraction or an exponent as a text, which nobody takes for an id: 1E5 could be one."""
    if not found["rest"]:
        return found[0]
    point = "" if found["rest"].startswith(".") else ".0"
    return f'"{found["whole"]}{point}{found["rest"]}"'


def _json_text(value: Any) -> str | None:
    """Return a text that is an object or a list in JSON; raise ValueError where it only begins so."""
    text = value.strip(BLANKS) if isinstance(value, str) else ""
    if text[:1] not in ("{", "["):
        return None
    text = _readable(text)
    _DECODER.decode(text)
    return text


def _held(value: Any, inner: str) -> tuple[Any, str]:
    """Return a value, in place of a text that is JSON what it is."""
    with suppress(ValueError, RecursionError):
        if (text := _json_text(value)) is not None:
            return _DECODER.decode(text), text
    return value, inner


def _list(given: list[tuple[list[Any], str]]) -> Said:
    """Return lists as one list of objects."""
    if len(given) == 1 and all(isinstance(item, dict) for item in given[0][0]):
        return Said(given[0][1])
    parts: list[str] = []
    unread: Counter[str] = Counter()
    for value, text in given:
        _take(value, text, parts, unread)
    return Said(f"[{','.join(parts)}]", unread)


def _take(value: Any, text: str, parts: list[str], unread: Counter[str], n_levels: int = MOST_LEVELS) -> None:
    """Add to `parts` the objects that a value is or has; count what is none in `unread`."""
    value, text = _held(value, text)
    if isinstance(value, dict):
        parts.append(text)
    elif isinstance(value, list) and n_levels:
        for item, inner in _items(text):
            _take(item, inner, parts, unread, n_levels - 1)
    else:
        unread[NO_OBJECT] += 1


def _object(text: str, most: int, n_levels: int = MOST_LEVELS) -> list[Said]:
    """Return what an object may be about: itself, unless it is but a cover, and the lists and the objects in it."""
    if not n_levels:
        return [Said(text)]
    members = [_held(value, inner) for value, inner in islice(_members(text), MOST_MEMBERS + 1)]
    if len(members) > MOST_MEMBERS:
        return [Said(text)]
    lists = [(value, inner) for value, inner in members if isinstance(value, list) and _has_items(value)]
    objects = [(value, inner) for value, inner in members if isinstance(value, dict) and value]
    found = [_list(lists)] if lists else []
    found += _object(objects[0][1], most, n_levels - 1) if len(objects) == 1 else _keyed(objects)
    is_cover = len(members) in (1, len(lists) + len(objects)) or sum(map(text.count, "{[,")) > most
    own = [] if is_cover and found else [Said(text)]
    return [*own, *found] if len(found) < MOST_READINGS else [Said(text)]


def _keyed(objects: list[tuple[dict[str, Any], str]]) -> list[Said]:
    """Return reports that are members of an object; each names whose it is, for a key may be anybody's id."""
    named = [inner for value, inner in objects if _has_id(value)]
    n_other = len(objects) - len(named)
    return [Said(f"[{','.join(named)}]", {NO_ID: n_other} if n_other else {})] if named else []


def _has_id(report: dict[str, Any]) -> bool:
    names = gateways.callback_names("gateway_message_id", "client_message_id")
    return any(name.replace(" ", "").lower() in names for name, value in report.items() if value)


def _has_items(values: list[Any]) -> bool:
    """Return whether a list may hold reports; texts and numbers are some value of the object they are in."""
    return any(
        isinstance(one, dict | list) or (isinstance(one, str) and one[:1] in ("{", "[")) for one in values
    )


def _members(text: str) -> Iterator[tuple[Any, str]]:
    """Yield each value of an object with its own text."""
    at = _after(text, 1)
    while text[at] != "}":
        _, at = _DECODER.raw_decode(text, at)
        value, start, at = _value(text, _after(text, at) + 1)
        yield value, text[start:at]
        at = _next(text, at)


def _items(text: str) -> Iterator[tuple[Any, str]]:
    """Yield each item of a list with its own text."""
    at = _after(text, 1)
    while text[at] != "]":
        value, start, at = _value(text, at)
        yield value, text[start:at]
        at = _next(text, at)


def _value(text: str, at: int) -> tuple[Any, int, int]:
    start = _after(text, at)
    value, end = _DECODER.raw_decode(text, start)
    return value, start, end


def _next(text: str, at: int) -> int:
    """Return where the value behind a comma begins, or the end."""
    at = _after(text, at)
    return _after(text, at + 1) if text[at] == "," else at


def _after(text: str, at: int) -> int:
    """Return the place of the first character that is no blank."""
    while text[at] in " \t\r\n":
        at += 1
    return at
