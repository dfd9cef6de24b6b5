"""Segments: how many parts a text takes over the air, and which characters make it dear.

GSM-7 (3GPP TS 23.038): 160 septets in one part, 153 in each of several; UCS-2: 70 or 67 UTF-16 units. A
concatenated text never splits an escape pair or a surrogate pair. National shift tables are not used: no
Indian route is known to use them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from rmanalytics.models import Encoding

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"
MOST_PARTS = 255
"""An 8-bit concatenation header numbers no more."""

LOOKALIKES = {
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\u3000\t", " "),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff", ""),
    **dict.fromkeys("•·", "*"),
    "…": "...",
    "₹": "Rs.",
    "×": "x",
}
"""What can replace a character outside GSM-7 without bothering a reader."""

_ESCAPE = "\x1b"
_basic_only = re.compile(f"[{re.escape(BASIC)}]*+").fullmatch
_gsm7_only = re.compile(f"[{re.escape(BASIC + EXTENSION)}]*+").fullmatch
_outside = re.compile(f"[^{re.escape(BASIC + EXTENSION)}]")
_astral = re.compile("[\U00010000-\U0010ffff]")
_ESCAPED = str.maketrans({character: _ESCAPE + character for character in EXTENSION})


class _Limits(NamedTuple):
    single: int
    part: int


_LIMITS = {Encoding.GSM7: _Limits(160, 153), Encoding.UCS2: _Limits(70, 67)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Culprit:
    """A character that forces UCS-2, its first position, and what may replace it (None: nothing)."""

    character: str
    name: str
    position: int
    n_times: int
    replacement: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """A text over the air: `n_units` are septets or UTF-16 units, `n_saved` the parts a replacing saves."""

    encoding: Encoding
    parts: tuple[str, ...]
    n_units: int
    culprits: tuple[Culprit, ...]
    n_saved: int


def encoding(text: str) -> Encoding:
    """Return GSM-7 when every character is in it or in its extension, else UCS-2.

    >>> encoding("Pay €5 now"), encoding("It’s here")
    (<Encoding.GSM7: 'gsm7'>, <Encoding.UCS2: 'ucs2'>)
    """
    return Encoding.GSM7 if _gsm7_only(text) else Encoding.UCS2


def count(text: str) -> int:
    """Return how many segments the text is billed as; an empty text is one.

    >>> count("a" * 160), count("a" * 161), count("’" + "a" * 70)
    (1, 2, 2)
    """
    if len(text) <= 160 and _basic_only(text):
        return 1
    return _count_any(text)


def measure(text: str) -> Segments:
    """Return the parts of the text, its size, and the characters that force UCS-2 with what they cost.

    >>> found = measure("It’s on its way to you. " * 3)
    >>> found.encoding, len(found.parts), found.n_saved, found.culprits[0].name
    (<Encoding.UCS2: 'ucs2'>, 2, 1, 'RIGHT SINGLE QUOTATION MARK')
    """
    found = encoding(text)
    parts = split(text)
    culprits = _culprits(text)
    return Segments(
        encoding=found,
        parts=parts,
        n_units=len(_units(text, found)),
        culprits=culprits,
        n_saved=len(parts) - count(plain(text)) if culprits else 0,
    )


def split(text: str) -> tuple[str, ...]:
    """Return the text cut into its parts; no part begins with half a character.

    >>> [len(part) for part in split("😀" * 36)]
    [33, 3]
    """
    found = encoding(text)
    units = _units(text, found)
    if found is Encoding.GSM7:
        return tuple(part.replace(_ESCAPE, "") for part in _cut(units, found))
    return tuple(_whole(part) for part in _cut(units, found))


def plain(text: str) -> str:
    """Return the text with look-alikes for the characters that force UCS-2, where all of them have one.

    >>> plain("It’s ₹5"), plain("नमस्ते’")
    ("It's Rs.5", 'नमस्ते’')
    """
    if any(character not in LOOKALIKES for character in _outside.findall(text)):
        return text
    return _outside.sub(lambda match: LOOKALIKES[match[0]], text)


def _count_any(text: str) -> int:
    found = encoding(text)
    limits = _LIMITS[found]
    units = len(text)
    if found is Encoding.GSM7:
        if not _basic_only(text):
            return len(_cut(_units(text, found), found))
    else:
        units = len(text.encode("utf-16-le", "surrogatepass")) // 2
        if units != len(text) and units > limits.single:
            return len(_cut(_units(text, found), found))
    return 1 if units <= limits.single else -(-units // limits.part)


def _units(text: str, found: Encoding) -> str:
    """Return a string with one character per septet or UTF-16 unit."""
    if found is Encoding.GSM7:
        return text.translate(_ESCAPED)
    return _astral.sub(_surrogates, text)


def _surrogates(match: re.Match[str]) -> str:
    high, low = divmod(ord(match[0]) - 0x10000, 0x400)
    return chr(0xD800 + high) + chr(0xDC00 + low)


def _cut(units: str, found: Encoding) -> list[str]:
    limits = _LIMITS[found]
    if len(units) <= limits.single:
        return [units]
    parts, start = [], 0
    while start < len(units):
        end = start + limits.part
        if end < len(units) and _is_first_half(units[end - 1]):
            end -= 1
        parts.append(units[start:end])
        start = end
    return parts


def _whole(part: str) -> str:
    return part.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _is_first_half(unit: str) -> bool:
    return unit == _ESCAPE or "\ud800" <= unit <= "\udbff"


def _culprits(text: str) -> tuple[Culprit, ...]:
    return tuple(
        Culprit(
            character=character,
            name=unicodedata.name(character, f"U+{ord(character):04X}"),
            position=text.index(character),
            n_times=text.count(character),
            replacement=LOOKALIKES.get(character),
        )
        for character in dict.fromkeys(_outside.findall(text))
    )
