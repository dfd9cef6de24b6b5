"""The kinds of variable a template may hold, and what each may contain."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import cache
from typing import NamedTuple


class Tag(StrEnum):
    """What a slot takes: the tags of the Direction of 18 Nov 2025, and `var` of before."""

    VAR = "var"
    NUMERIC = "numeric"
    ALPHANUMERIC = "alphanumeric"
    URL = "url"
    URLOTT = "urlott"
    CBN = "cbn"
    EMAIL = "email"


ALIASES = {
    "number": Tag.NUMERIC,
    "num": Tag.NUMERIC,
    "alp": Tag.ALPHANUMERIC,
    "uro": Tag.URLOTT,
    "urg": Tag.URL,
}
"""Jio writes `{#number#}` where Vi writes `{#numeric#}`; portals' exports of 2026 have tags of three letters."""

SHORT = frozenset({"num", "alp", "uro", "urg"})
"""Tags whose portals approve more than the Direction's words say: see `SHORT_CLASSES`."""

SHORT_CLASSES = {
    Tag.NUMERIC: "0-9,.",
    Tag.URL: r"^\s",
    Tag.URLOTT: r"^\s",
}
"""An amount such as 1,50,000; a link that goes on in a second variable. Of `alp`: letters, digits and `VI_ALSO`."""

VI_ALSO = " ._/"
"""What a Vi sample check takes in an alphanumeric value beside letters and digits."""

_NAMES = {**{tag.value: tag for tag in Tag}, **ALIASES}

LINKS = frozenset({Tag.URL, Tag.URLOTT})


class Shape(NamedTuple):
    """A value: the expression `head`, then at least `least` characters that `more` matches."""

    head: str
    more: str
    least: int


SHAPES = {
    Tag.URL: Shape(r"(?:https://|http://|www\.)", r"\S", 1),
    Tag.URLOTT: Shape(r"(?:https://|http://|www\.)", r"\S", 1),
    Tag.CBN: Shape(r"\+?[0-9]", r"[0-9 -]", 0),
    Tag.EMAIL: Shape(r"[^\s@]{1,64}+@[^\s@.]{1,63}+\.", r"[^\s@]", 1),
}
"""Once the head is there, every longer value is one too: so the ends that a start allows are an interval."""

EXAMPLES = {
    Tag.VAR: "any text",
    Tag.NUMERIC: "digits only",
    Tag.ALPHANUMERIC: "letters and digits only",
    Tag.URL: "a link that starts with http://, https:// or www.",
    Tag.URLOTT: "a link that starts with http://, https:// or www.",
    Tag.CBN: "a telephone number",
    Tag.EMAIL: "an e-mail address",
}


def tag_of(name: str) -> Tag | None:
    """Return the tag that a registry means by the name, None when no registry uses it.

    >>> tag_of("number"), tag_of("uro"), tag_of("Var")
    (<Tag.NUMERIC: 'numeric'>, <Tag.URLOTT: 'urlott'>, None)
    """
    return _NAMES.get(name)


@cache
def letters_and_digits() -> str:
    """Return letters, their marks (Indic vowel signs) and digits, as the inside of a class."""
    return _ranges(is_letter_or_digit)


@cache
def special_characters() -> str:
    """Return all that is no letter, mark, digit or white space, as the inside of a class."""
    return (
        _ranges(lambda c: not is_letter_or_digit(c) and not c.isspace()) + f"\U00010000-{chr(sys.maxunicode)}"
    )


def is_letter_or_digit(character: str) -> bool:
    """Return whether it is a letter, a mark or a digit of any script."""
    return character.isalnum() or unicodedata.category(character).startswith("M")


def _ranges(belongs: Callable[[str], bool]) -> str:
    return "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in _runs(belongs))


def _runs(belongs: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    first = None
    for code in range(0x10000):
        if belongs(chr(code)):
            first = code if first is None else first
        elif first is not None:
            yield first, code - 1
            first = None
    if first is not None:
        yield first, 0xFFFF
