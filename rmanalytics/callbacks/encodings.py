"""Bodies in other bytes than UTF-8: compressed, in UTF-16, percent-encoded in another charset; no I/O.

The journal keeps a body that is no UTF-8 as Latin-1, so its bytes are those of that.
"""

from __future__ import annotations

import codecs
import re
import zlib
from urllib.parse import quote_plus, unquote_to_bytes

from rmanalytics.callbacks.forms import Unreadable

MOST_BYTES = 4 << 20
MOST_TIMES = 100
"""What a compressed body may come to; DLRs in JSON are some 30 times as long as compressed."""

COMPRESSED = ("\x1f\x8b", "x\x01", "x\x9c", "x\xda")
"""How gzip and zlib begin, as Latin-1: no text begins so."""

_GZIP = b"\x1f\x8b"
_MOST_LAYERS = 2
_MOST_MEMBERS = 100
"""Of gzip, of which each is a copy of what is behind it."""

_MARKS = ("\xff\xfe", "\xfe\xff")
_CHARSET = re.compile(r'charset="?([\w.:-]{1,40})', re.IGNORECASE)
_SINGLE = re.compile(r"iso-?8859-\d\d?|latin-?1|(windows-|cp)125\d", re.IGNORECASE).fullmatch
_HIGH = re.compile(r"%[89A-Fa-f][0-9A-Fa-f]")


def charset(content_type: str) -> str:
    """Return the charset that a content type names, in small letters; empty where it names none."""
    found = _CHARSET.search(content_type)
    return found[1].lower() if found else ""


def decoded(body: str, encoding: str, charset: str) -> str:
    """Return a body as text: decompressed, and out of UTF-16; raise Unreadable for one that is damaged or too large."""
    for _ in range(_MOST_LAYERS):
        if body.startswith(COMPRESSED):
            body = _expanded(body, 32 + zlib.MAX_WBITS)
    if "deflate" in encoding.lower():
        body = _deflated(body)
    if body.startswith(_MARKS):
        return _of_utf16(body, "utf-16")
    if charset.startswith("utf-16") and "\0" in body:
        endless = "utf-16-be" if body.startswith("\0") else "utf-16-le"
        return _of_utf16(body, endless)
    return body


def as_utf8(text: str, charset: str) -> str:
    """Return pairs with what is percent-encoded in a charset of single bytes as UTF-8; what is that already stays.

    >>> as_utf8("udf1=caf%E9+x&udf2=%C3%A9", "iso-8859-1")
    'udf1=caf%C3%A9+x&udf2=%C3%A9'
    """
    if not _SINGLE(charset) or not _HIGH.search(text):
        return text
    return "&".join(_pair_as_utf8(pair, charset) for pair in text.split("&"))


def _pair_as_utf8(pair: str, charset: str) -> str:
    name, sign, value = pair.partition("=")
    data = unquote_to_bytes(value.replace("+", " "))
    try:
        data.decode()
    except UnicodeDecodeError:
        return f"{name}{sign}{quote_plus(data.decode(_codec(charset), 'replace'))}"
    return pair


def _codec(charset: str) -> str:
    """Return Python's codec; what browsers mean by ISO-8859-1 is windows-1252, which has the same letters."""
    try:
        return codecs.lookup(charset).name
    except LookupError:
        return "latin-1"


def _of_utf16(body: str, codec: str) -> str:
    try:
        return body.encode("latin-1").decode(codec).removeprefix("\ufeff")
    except UnicodeError:
        raise Unreadable("in UTF-16, but damaged") from None


def _deflated(body: str) -> str:
    """Return what was deflated without the head of zlib, which some send; what is no such thing as it is."""
    try:
        return _expanded(body, -zlib.MAX_WBITS)
    except Unreadable as fault:
        if "more than" in str(fault):
            raise
        return body


def _expanded(body: str, wbits: int) -> str:
    """Return what a compressed body holds."""
    try:
        data = body.encode("latin-1")
        most = min(MOST_BYTES, MOST_TIMES * len(data))
        text, is_whole = _members(data, wbits, most)
    except (UnicodeEncodeError, zlib.error):
        raise Unreadable("compressed, but damaged") from None
    if len(text) > most:
        raise Unreadable(f"compressed, and comes to more than {most:,} bytes")
    if not is_whole:
        raise Unreadable("compressed, but not whole")
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _members(data: bytes, wbits: int, most: int) -> tuple[bytes, bool]:
    """Return what is in compressed data, of several members of gzip one after the other, and whether it is whole."""
    text = b""
    for _ in range(_MOST_MEMBERS):
        one = zlib.decompressobj(wbits=wbits)
        text += one.decompress(data, most + 1 - len(text))
        data = one.unused_data
        if len(text) > most or not one.eof or not data.startswith(_GZIP):
            break
    return text, one.eof and not data
