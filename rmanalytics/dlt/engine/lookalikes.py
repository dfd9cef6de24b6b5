"""Which characters look alike: case, quotes, dashes, spaces, compatibility forms, other alphabets' twins."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rmanalytics.dlt.engine.fixed_text import DOUBLE_QUOTES, SINGLE_QUOTES
from rmanalytics.dlt.engine.text import NEWLINE, SPACE

DASHES = "-‐‑‒–—―−"
INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
)
CONTROLS = {"\n": "LINE FEED", "\r": "CARRIAGE RETURN", "\t": "TABULATION"}
VISIBLE = {"\n": "↵", "\r": "␍", "\t": "→", "\u00a0": "⍽", "\u2028": "↵", "\u2029": "↵"}
_TWINS = dict(
    zip(
        "АВЕКМНОРСТХУаеорсухіјѕԁһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοναιρ",
        "ABEKMHOPCTXYaeopcyxijsdhqwABEZHIKMNOPTYXovaip",
        strict=True,
    )
)
_is_space = re.compile(f"[{SPACE}]").fullmatch
_is_newline = re.compile(f"[{NEWLINE}]").fullmatch
_is_invisible = re.compile(f"[{INVISIBLE}]+").fullmatch


@lru_cache(maxsize=4096)
def skeleton(character: str) -> str:
    """Return what the character looks like, carelessly read.

    >>> skeleton("’"), skeleton("А"), skeleton("E"), skeleton("－")
    ("'", 'a', 'e', '-')
    """
    if _is_space(character):
        return " "
    if _is_newline(character):
        return "\n"
    plain = _TWINS.get(character, unicodedata.normalize("NFKC", character))
    for alike in (SINGLE_QUOTES, DOUBLE_QUOTES, DASHES):
        if plain in alike and plain:
            return alike[0]
    return plain.casefold()


def is_invisible(text: str) -> bool:
    """Return whether there is something, and nothing that can be seen."""
    return bool(_is_invisible(text))


def visible(text: str) -> str:
    """Return the text with a sign in place of each character that cannot be seen, code point by code point.

    >>> visible("a\\u00a0b\\n")
    'a⍽b↵'
    """
    return "".join(
        VISIBLE.get(c) or ("∅" if is_invisible(c) or unicodedata.category(c) == "Cc" else c) for c in text
    )


def name(character: str) -> str:
    """Return code point and Unicode name.

    >>> name("’")
    'U+2019 RIGHT SINGLE QUOTATION MARK'
    """
    return f"U+{ord(character):04X} {unicodedata.name(character, CONTROLS.get(character, 'unnamed'))}"
