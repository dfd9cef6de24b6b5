"""Callbacks as others send them, as the texts that gateways' readers know; no I/O.

Read where it is plain: gzip and zlib bodies, forms in other clothes (`forms`), JSON lines, and a JSON list or object
under a key. Texts are cut out, never written anew, so that each digit stays what it was.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from rmanalytics.callbacks.forms import BLANKS, Unreadable, form, multipart, pairs

__all__ = ["COMPRESSED", "MOST_PARTS", "TOO_MANY", "Unreadable", "Unwrapped", "readings"]

MOST_PARTS = 20_000
"""Pairs, members and list items of one callback: a batch of 1,000 DLRs in JSON has some 12,000."""

TOO_MANY = f"more than {MOST_PARTS:,} fields"

MOST_BYTES = 4 << 20
MOST_TIMES = 100
"""What a compressed body may come to; DLRs in JSON are some 30 times as long as compressed."""

MOST_LEVELS = 3
"""Objects with one member that are unwrapped, each of which is read once more."""

MOST_READINGS = 4
"""Of one object: itself and what is in it."""

COMPRESSED = ("\x1f\x8b", "x\x01", "x\x9c", "x\xda")
"""How gzip and zlib begin, as Latin-1: no text begins so."""

_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
"""Numbers stay texts: only whether it is JSON matters, and 400 digits are no number."""


class Unwrapped(NamedTuple):
    """A callback's query and body as a reader may take them."""

    query: str | None
    body: str | None


def readings(query: str | None, content_type: str | None, body: str | None) -> list[Unwrapped]:
    """Return what a callback may say, the first choice first; raise Unreadable, which says why it says nothing.

    Another choice is only for a callback of which the one before it does not say whose status it is.

    >>> readings("a=1&amp;b=2", None, ""), readings("", None, '{"dlrs": [{"a": 1.50}]}')[0].body
    ([Unwrapped(query='a=1&b=2', body='')], '[{"a": 1.50}]')
    """
    plain = pairs(query) if query else query
    return [Unwrapped(plain, text) for text in _texts(content_type or "", body or "")]


def _texts(content_type: str, body: str) -> list[str]:
    if body.startswith(COMPRESSED):
        body = _expanded(body)
    if sum(map(body.count, "&{[,")) > MOST_PARTS:
        raise Unreadable(TOO_MANY)
    if content_type.lower().lstrip().startswith("multipart/"):
        body = multipart(content_type, body)
    text = body.strip(BLANKS)
    if text[:3].lower() in ("%7b", "%5b"):
        text = unquote_plus(text).strip(BLANKS)
    if text[:1] in ("{", "["):
        return _json(text)
    if text.count("=") > MOST_PARTS:
        raise Unreadable(TOO_MANY)
    return [form(text)]


def _expanded(body: str) -> str:
    """Return what a compressed body holds, which is no compressed body again."""
    try:
        data = body.encode("latin-1")
        one = zlib.decompressobj(wbits=32 + zlib.MAX_WBITS)
        most = min(MOST_BYTES, MOST_TIMES * len(data))
        text = one.decompress(data, most + 1)
    except (UnicodeEncodeError, zlib.error):
        raise Unreadable("compressed, but damaged") from None
    if len(text) > most:
        raise Unreadable(f"compressed, and comes to more than {most:,} bytes")
    if not one.eof or one.unused_data:
        raise Unreadable("compressed, but not whole")
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _json(text: str) -> list[str]:
    """Return a list or object in an object instead of it, lines as one list; what is no JSON as it is."""
    try:
        if (lines := _lines(text)) is not None:
            return [lines]
        return _inner(text)
    except (ValueError, RecursionError):
        return [text]


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
    members = list(_members(text))
    lists = [inner for value, inner in members if _is_list(value)]
    objects = [inner for value, inner in members if isinstance(value, dict) and value]
    held = lists + (objects if len(objects) == 1 else [])
    found = [one for inner in held for one in _inner(inner, n_levels - 1)]
    own = [] if len(members) == 1 and held else [text]
    return [*own, *found] if len(found) < MOST_READINGS else [text]


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
