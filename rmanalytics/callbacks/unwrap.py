"""Callbacks as others send them, as the texts that gateways' readers know; no I/O.

Read where it is plain: compressed bodies and those in UTF-16 (`coded`), forms in other clothes (`forms`), JSON lines,
JSON in a text or a form's field, a JSON list or object under a key, and reports keyed by ids. Texts are cut out, never
written anew, so that each digit stays what it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from rmanalytics import gateways
from rmanalytics.callbacks import coded
from rmanalytics.callbacks.coded import COMPRESSED
from rmanalytics.callbacks.forms import BLANKS, Unreadable, form, json_field, multipart, pairs

__all__ = ["COMPRESSED", "MOST_OF_LIST", "MOST_PARTS", "Unreadable", "Unwrapped", "readings", "too_many"]

MOST_PARTS = 20_000
"""Pairs and members of one callback."""

MOST_OF_LIST = 150_000
"""Members and items of one that is a list in JSON: the shortest DLRs, 1 MB of them, have some 100,000."""

MOST_LEVELS = 3
"""Objects with one member that are unwrapped, each of which is read once more."""

MOST_MEMBERS = 1_000
"""Of an object in which others are looked for."""

MOST_READINGS = 4
"""Of one object: itself and what is in it."""

_HALVES = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)
"""Escapes in JSON, one after the other; a sign beyond 16 bits has two halves."""

_MAY_BE_LIST = re.compile(r'[{\["]|[\w.-]{1,40}=\s*\[')

_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
"""Numbers stay texts: only whether it is JSON matters, and 400 digits are no number."""


class Unwrapped(NamedTuple):
    """A callback's query and body as a reader may take them."""

    query: str | None
    body: str | None


def too_many(most: int) -> str:
    """Return why a callback is not read that has more fields than are read."""
    return f"more than {most:,} fields"


def readings(
    query: str | None, content_type: str | None, body: str | None, content_encoding: str | None = None
) -> list[Unwrapped]:
    """Return what a callback may say, the first choice first; raise Unreadable, which says why it says nothing.

    Another choice is only for a callback of which the one before it does not say whose status it is.

    >>> readings("a=1&amp;b=2", None, ""), readings("", None, '{"dlrs": [{"a": 1.50}]}')[0].body
    ([Unwrapped(query='a=1&b=2', body='')], '[{"a": 1.50}]')
    """
    charset = coded.charset(content_type or "")
    plain = pairs(coded.as_utf8(query, charset)) if query else query
    text = coded.decoded(body or "", content_encoding or "", charset)
    return [Unwrapped(plain, one) for one in _texts(content_type or "", text, charset)]


def _texts(content_type: str, body: str, charset: str) -> list[str]:
    text = body.strip(BLANKS)
    most = MOST_OF_LIST if _MAY_BE_LIST.match(text) else MOST_PARTS
    if sum(map(body.count, "&{[,")) > most:
        raise Unreadable(too_many(most))
    if content_type.lower().lstrip().startswith("multipart/"):
        text = multipart(content_type, body).strip(BLANKS)
    if text[:3].lower() in ("%7b", "%5b"):
        text = unquote_plus(text).strip(BLANKS)
    if text[:1] in ("{", "[", '"'):
        return _json(text)
    if text.count("=") > MOST_PARTS:
        raise Unreadable(too_many(MOST_PARTS))
    if (field := json_field(text)) is not None:
        return _json(field)
    return [form(coded.as_utf8(text, charset))]


def _json(text: str) -> list[str]:
    """Return a list or object in an object instead of it, lines as one list; what is no JSON as it is."""
    text = _HALVES.sub(_whole_sign, text) if "\\u" in text else text
    try:
        if text[0] == '"' and (held := _json_text(_DECODER.decode(text))):
            return _inner(held)
        if (lines := _lines(text)) is not None:
            return [lines]
        return _inner(text)
    except (ValueError, RecursionError):
        return [text]


def _whole_sign(found: re.Match[str]) -> str:
    """Return an escape as it is; the sign of what cannot be read for half of one, which is no text."""
    return "\\ufffd" if found["half"] else found[0]


def _json_text(value: Any) -> str | None:
    """Return a text that is an object or a list in JSON; raise ValueError where it only begins so."""
    text = value.strip(BLANKS) if isinstance(value, str) else ""
    if text[:1] not in ("{", "["):
        return None
    text = _HALVES.sub(_whole_sign, text) if "\\u" in text else text
    _DECODER.decode(text)
    return text


def _lines(text: str) -> str | None:
    """Return JSON lines as one list, None where it is a single document; raise ValueError for no JSON."""
    _, end = _DECODER.raw_decode(text)
    if end == len(text):
        return None
    documents = [line.strip(BLANKS) for line in re.split(r"[\r\n]+", text)]
    items = [item for line in documents if line for item in _items(line)]
    return f"[{','.join(items)}]"


def _items(line: str) -> list[str]:
    value, end = _DECODER.raw_decode(line)
    if end != len(line) or not isinstance(value, dict | list):
        raise ValueError
    return [line] if isinstance(value, dict) else [line[1:-1]] if value else []


def _inner(text: str, n_levels: int = MOST_LEVELS) -> list[str]:
    """Return what an object may be about: itself, unless it is but a cover, and the lists and the object in it."""
    if text[0] != "{" or not n_levels:
        return [text]
    members = [_held(value, inner) for value, inner in islice(_members(text), MOST_MEMBERS + 1)]
    if len(members) > MOST_MEMBERS:
        return [text]
    if keyed := _keyed(members):
        return [keyed]
    lists = [inner for value, inner in members if _is_list(value)]
    objects = [inner for value, inner in members if isinstance(value, dict) and value]
    held = lists + (objects if len(objects) == 1 else [])
    found = [one for inner in held for one in _inner(inner, n_levels - 1)]
    is_cover = len(members) == 1 or sum(map(text.count, "{[,")) > MOST_PARTS
    own = [] if is_cover and held else [text]
    return [*own, *found] if len(found) < MOST_READINGS else [text]


def _held(value: Any, inner: str) -> tuple[Any, str]:
    """Return a member, in place of a text that is JSON what it is."""
    with suppress(ValueError, RecursionError):
        if (text := _json_text(value)) is not None:
            return _DECODER.decode(text), text
    return value, inner


def _keyed(members: list[tuple[Any, str]]) -> str | None:
    """Return reports that are members of an object as a list; each names whose it is, for a key may be anybody's id."""
    is_all = len(members) > 1 and all(isinstance(value, dict) and _has_id(value) for value, _ in members)
    return f"[{','.join(inner for _, inner in members)}]" if is_all else None


def _has_id(report: dict[str, Any]) -> bool:
    names = gateways.id_names()
    return any(name.replace(" ", "").lower() in names for name, value in report.items() if value)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _members(text: str) -> Iterator[tuple[Any, str]]:
    """Yield each value of an object with its own text."""
    at = _after(text, 1)
    while text[at] != "}":
        _, at = _DECODER.raw_decode(text, at)
        start = _after(text, _after(text, at) + 1)
        value, at = _DECODER.raw_decode(text, start)
        yield value, text[start:at]
        at = _after(text, at)
        if text[at] == ",":
            at = _after(text, at + 1)


def _after(text: str, at: int) -> int:
    """Return the place of the first character that is no blank."""
    while text[at] in " \t\r\n":
        at += 1
    return at
