"""Forms as others write them, as pairs with `&` between them; no I/O.

What separates pairs is known by what follows it: the name of a field of a DLR. Texts are cut out, and decoded only
where they are put into JSON or were encoded twice.
"""

from __future__ import annotations

import binascii
import codecs
import json
import quopri
import re
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote_plus, unquote, unquote_plus

from rmanalytics import gateways
from rmanalytics.sms.msisdn import normalised

MOST_FIELDS = 1_000
"""Fields of a multipart form, each of which may have a head."""

MOST_LINES = 20_000
_MOST_TIMES = 3
"""That a text is decoded, beside the last time, which readers do."""

BLANKS = " \t\r\n\ufeff"
_AMPERSAND = re.compile(r"&(?:(?:amp|#0*38|#x0*26);)+", re.IGNORECASE)
_SEPARATOR = re.compile(r"([;,|?])\s*([A-Za-z_][\w .-]{0,40})=")
_MOST_OF_ADDRESS = 500
_LINE_END = re.compile(r"[\r\n]+")
_BEGIN = re.compile(r"[ \t]*[A-Za-z_?][\w .-]{0,40}=")
_OTHER = re.compile(r"<|[\w.-]{1,40}=\s*(?:[\[{]|%5B|%7B)", re.IGNORECASE)
"""How XML begins, and a form with JSON in it."""
_HAS_JSON = re.compile(r"=\s*(?:[\[{]|%5B|%7B)", re.IGNORECASE)
_LISTED = re.compile(r"\s*(?:[\[{]|%5B|%7B)", re.IGNORECASE)
_IN_A_LIST = re.compile(r"(?:\[\]|%5B%5D)=", re.IGNORECASE)
"""How PHP writes a field that may occur several times."""
_MEMBER = re.compile(r"(\w{1,40})(?:\[|%5B)(\w{1,40})(?:\]|%5D)=", re.IGNORECASE)
"""How it writes a member of an array."""
_TWICE = re.compile(r"%25[0-9A-Fa-f]{2}")
_ENCODED = re.compile(r"(?:[\w.~*!'()-]|%[0-9A-Fa-f]{2})*", re.ASCII)
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_NAME = re.compile(r';\s*name=(?:"([^"\r\n]*)"|([^\s;"]+))', re.IGNORECASE)
_TRANSFER = re.compile(r"^content-transfer-encoding:[ \t]*([^\s;]+)", re.IGNORECASE | re.MULTILINE)
_CHARSET = re.compile(r'^content-type:.*;\s*charset="?([\w.:-]+)', re.IGNORECASE | re.MULTILINE)


class Unreadable(Exception):
    """Why a callback is kept as it is."""


class Said(NamedTuple):
    """A body as a gateway's reader takes it, and how many items of it are left out, by the reason."""

    text: str
    unread: Mapping[str, int] = MappingProxyType({})


def pairs(text: str) -> str:
    """Return a form, or a query, with nothing but `&` between its pairs, each value encoded once.

    >>> pairs("sMessageId=m1;sStatus=DELIVRD"), pairs("token=x?sStatus=DELIVRD"), pairs("sTagName=a%2520b")
    ('sMessageId=m1&sStatus=DELIVRD', 'token=x&sStatus=DELIVRD', 'sTagName=a%20b')
    """
    if "=" not in text and "%3d" in text.lower():
        text = unquote(text)
    text = _out_of_array(_IN_A_LIST.sub("=", _AMPERSAND.sub("&", text.lstrip("?"))))
    return _encoded_once(_SEPARATOR.sub(_ampersands(text), text))


def _out_of_array(text: str) -> str:
    """Return pairs that are all members of one array, as PHP writes it, by their own names; others as they are."""
    split = text.split("&")
    members = [one for pair in split if (one := _MEMBER.match(pair))]
    is_array = len(members) == len(split) and len({one[1] for one in members}) == 1
    if not is_array or not any(_is_known(one[2]) for one in members):
        return text
    return "&".join(f"{one[2]}={one.string[one.end() :]}" for one in members)


def form(body: str) -> Said:
    """Return the body as pairs; several reports, one on each line, as a list in JSON."""
    body = _IN_A_LIST.sub("=", body.strip(BLANKS))
    if _OTHER.match(body):
        return Said(body)
    lines = [pairs(line) for line in _lines(body)]
    names = [name for line in lines for name in {pair.partition("=")[0] for pair in line.split("&")}]
    if len(set(names)) == len(names):
        return Said("&".join(lines))
    return _reports(lines)


def json_field(body: str) -> str | None:
    """Return the JSON that a form has in its only field of that kind; None where fields of DLRs are beside it.

    >>> json_field("token=x&data=%5B%7B%22a%22%3A1%7D%5D"), json_field("sStatus=DELIVRD&udf1=[x]")
    ('[{"a":1}]', None)
    """
    if not _HAS_JSON.search(body):
        return None
    begin, _, rest = body.partition("=")
    if _LISTED.match(rest) and "=" not in begin and "&" not in begin and not _is_known(begin):
        whole = rest if rest[:1] in ("[", "{") else _decoded(rest)
        if _is_json(whole):  # with & in it that is not encoded
            return whole
    split = [pair.partition("=") for pair in body.split("&")]
    held = [value for value in (_decoded(value) for _, _, value in split) if value[:1] in ("[", "{")]
    is_form = any(_is_known(name) for name, _, _ in split)
    return held[0] if len(held) == 1 and not is_form and _is_json(held[0]) else None


def multipart(content_type: str, body: str) -> str:
    """Return a multipart form as pairs; a single field that holds JSON as that."""
    found = _BOUNDARY.search(content_type)
    if not found:
        raise Unreadable("multipart without a boundary")
    text = "\r\n" + (body if "\r\n" in body else body.replace("\n", "\r\n"))
    parts = text.split(f"\r\n--{found[1] or found[2]}")
    if len(parts) > MOST_FIELDS + 2:
        raise Unreadable(f"multipart with more than {MOST_FIELDS:,} fields")
    if not parts[-1].startswith("--"):
        raise Unreadable("multipart without its end")
    fields = [_field(part) for part in parts[1:-1]]
    if len(fields) == 1 and fields[0][1].lstrip(BLANKS)[:1] in ("{", "["):
        return fields[0][1]
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields)


def _lines(body: str) -> list[str]:
    """Return the lines of a body, those that begin with no name joined to the one before."""
    found: list[list[str]] = [[]]
    for line in _LINE_END.split(body, MOST_LINES):
        if _BEGIN.match(line) and found[-1]:
            found.append([])
        found[-1].append(line)
    if sum(map(len, found)) > MOST_LINES:
        raise Unreadable(f"a form of more than {MOST_LINES:,} lines")
    return ["\n".join(lines) for lines in found]


def _ampersands(text: str) -> Callable[[re.Match[str]], str]:
    """Return how each sign before a name is written: `&` where it separates pairs.

    It does where a known name follows it anywhere, or in a text that has no `&`. A question mark in an address
    separates nothing of ours.
    """
    separates = {sign for sign, name in _SEPARATOR.findall(text) if _is_known(name)}
    if "&" not in text:
        separates |= {";", ",", "|"}

    def written(found: re.Match[str]) -> str:
        sign, name = found[1], found[2]
        is_query = sign == "?"
        is_separator = sign in separates and not (is_query and _is_of_address(text, found.start()))
        return f"&{name}=" if is_separator else found[0]

    return written


def _is_of_address(text: str, at: int) -> bool:
    """Return whether the value that is written there is an address so far."""
    first = max(0, at - _MOST_OF_ADDRESS)
    return text.find("://", max(first, text.rfind("&", first, at)), at) >= 0


def _is_known(name: str) -> bool:
    return name.replace(" ", "").lower() in gateways.callback_names()


def _encoded_once(text: str) -> str:
    """Return a form that was encoded twice as one that was encoded once; others as they are.

    Encoding is of all values: one that is plain text when it is decoded once says that the rest is too.
    """
    for _ in range(_MOST_TIMES):
        split = [pair.partition("=") for pair in text.split("&")]
        values = [value for _, _, value in split if "%" in value]
        if not _TWICE.search(text) or not all(_ENCODED.fullmatch(unquote(value)) for value in values):
            break
        text = "&".join(f"{name}{sign}{unquote(value)}" for name, sign, value in split)
    return text


def _reports(lines: list[str]) -> Said:
    """Return lines as a list in JSON, without those that contradict themselves."""
    reports: list[dict[str, str]] = []
    unread: Counter[str] = Counter()
    for line in lines:
        try:
            reports.append(_report(line))
        except Unreadable as error:
            unread[str(error)] += 1
    return Said(json.dumps(reports, ensure_ascii=False), unread)


def _report(line: str) -> dict[str, str]:
    """Return a line as names and decoded values; raise Unreadable for a field with two values."""
    report: dict[str, str] = {}
    for pair in line.split("&"):
        name, _, value = pair.partition("=")
        name, value = _decoded(name), _decoded(value)
        if not _is_same(name, report.setdefault(name, value), value):
            raise Unreadable(f"two different values of {name.lower()}")
    return report


def _is_same(name: str, one: str, other: str) -> bool:
    """Return whether two texts of a field say the same; of a phone number the spelling does not matter."""
    is_number = name.replace(" ", "").lower() in gateways.callback_names("msisdn")
    return one == other or (
        is_number and normalised(one) is not None and normalised(one) == normalised(other)
    )


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


def _decoded(text: str) -> str:
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        return text


def _field(part: str) -> tuple[str, str]:
    head, blank, value = part.partition("\r\n\r\n")
    name = _NAME.search(head)
    if not blank or not name:
        raise Unreadable("multipart with a part that is no field")
    encoding = _TRANSFER.search(head)
    charset = _CHARSET.search(head)
    if encoding and encoding[1].lower() not in ("7bit", "8bit", "binary"):
        value = _transferred(encoding[1].lower(), value, charset[1] if charset else "utf-8")
    return name[1] or name[2] or "", value


def _transferred(encoding: str, value: str, charset: str) -> str:
    """Return the text of a part that was encoded for its way; raise Unreadable where it is not that."""
    try:
        raw = value.encode("ascii")
        if encoding == "base64":
            data = binascii.a2b_base64(b"".join(raw.split()), strict_mode=True)
        elif encoding == "quoted-printable":
            data = quopri.decodestring(raw)
        else:
            raise Unreadable("multipart with a part in an unknown encoding")
        return codecs.decode(data, charset if charset.lower() != "us-ascii" else "utf-8")
    except (ValueError, LookupError):  # binascii's and Unicode's errors are values'
        raise Unreadable(f"multipart with a part that is no {encoding}") from None
