"""Callbacks as others send them, as the texts that gateways' readers know; no I/O.

Read where it is plain: compressed bodies and those in UTF-16 (`encodings`), forms in other clothes (`forms`), and
`documents` in JSON: lines, a text or a form's field, lists or an object under a key, reports keyed by ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote_plus

from rmanalytics.callbacks import encodings
from rmanalytics.callbacks.documents import document, lines
from rmanalytics.callbacks.encodings import COMPRESSED
from rmanalytics.callbacks.forms import BLANKS, Said, Unreadable, form, json_field, multipart, pairs

__all__ = ["COMPRESSED", "MOST_OF_LIST", "MOST_PARTS", "Unreadable", "Unwrapped", "readings", "too_many"]

MOST_PARTS = 20_000
"""Pairs and members of one callback."""

MOST_OF_LIST = 150_000
"""Members and items of one that is a list in JSON: the shortest DLRs, 1 MB of them, have some 100,000."""

_MAY_BE_LIST = re.compile(r'[{\["]|[\w.-]{1,40}=\s*\[')
_LINE_OF_JSON = re.compile(r"[^=\r\n]*[\r\n](?:.*[\r\n])?[ \t]*\{", re.DOTALL)
"""How lines begin of which the first is none in JSON, and no form either."""


class Unwrapped(NamedTuple):
    """A callback's query and body as a reader may take them, and how many items are left out, by the reason."""

    query: str | None
    body: str | None
    unread: Mapping[str, int]


def too_many(most: int) -> str:
    """Return why a callback is not read that has more fields than are read."""
    return f"more than {most:,} fields"


def readings(
    query: str | None, content_type: str | None, body: str | None, content_encoding: str | None = None
) -> list[Unwrapped]:
    """Return what a callback may say, the first choice first; raise Unreadable, which says why it says nothing.

    Another choice is only for a callback of which the one before it does not say whose status it is.

    >>> readings("a=1&amp;b=2", None, ""), readings("", None, '{"dlrs": [{"a": 1.50}]}')[0].body
    ([Unwrapped(query='a=1&b=2', body='', unread=mappingproxy({}))], '[{"a": 1.50}]')
    """
    charset = encodings.charset(content_type or "")
    plain = pairs(encodings.as_utf8(query, charset)) if query else query
    text = encodings.decoded(body or "", content_encoding or "", charset)
    return [Unwrapped(plain, *one) for one in _texts(content_type or "", text, charset)]


def _texts(content_type: str, body: str, charset: str) -> list[Said]:
    text = body.strip(BLANKS)
    most = MOST_OF_LIST if _MAY_BE_LIST.match(text) else MOST_PARTS
    if sum(map(body.count, "&{[,")) > most:
        raise Unreadable(too_many(most))
    if content_type.lower().lstrip().startswith("multipart/"):
        text = multipart(content_type, body).strip(BLANKS)
    if text[:3].lower() in ("%7b", "%5b"):
        text = unquote_plus(text).strip(BLANKS)
    if text[:1] in ("{", "[", '"'):
        return document(text, MOST_PARTS)
    if text.count("=") > MOST_PARTS:
        raise Unreadable(too_many(MOST_PARTS))
    if _LINE_OF_JSON.match(text) and (said := lines(text)):
        return [said]
    if (field := json_field(text)) is not None:
        return document(field, MOST_PARTS)
    return [form(encodings.as_utf8(text, charset))]
