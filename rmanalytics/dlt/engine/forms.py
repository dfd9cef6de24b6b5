"""Texts that differ from their template only in how letters are composed (NFC, NFD): the edits, letter by letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from rmanalytics.dlt.engine.edits import Edit
from rmanalytics.dlt.engine.matcher import Matcher, matcher
from rmanalytics.dlt.engine.skeleton import Skeleton

_MOST_LETTERS = 200
_LONGEST_LETTER = 4
"""Code points of one letter with its marks."""


def edits(text: str, rules: Matcher, departure: Callable[[str], Edit]) -> tuple[Edit, ...] | None:
    """Return what writes the text as the template is written; None where something else is wrong too.

    `departure` is where a text leaves the template: the rest of a literal against the rest of the text.
    """
    if not rules.policy.is_literal or not _fits_composed(text, rules):
        return None
    found: list[Edit] = []
    shift = 0
    while not rules.fits(text) and len(found) < _MOST_LETTERS:
        edit = _letter(departure(text), rules, text)
        if edit is None:
            return None
        found.append(edit._replace(p=edit.p - shift, q=edit.q - shift))
        piece = rules.template.literals[edit.literal].text[edit.a : edit.b]
        text = text[: edit.p] + piece + text[edit.q :]
        shift += len(piece) - (edit.q - edit.p)
    return tuple(found) if rules.fits(text) else None


def _fits_composed(text: str, rules: Matcher) -> bool:
    content = rules.template.content
    if text.isascii() and content.isascii():
        return False
    composed = Skeleton(template_id=rules.template.template_id, content=unicodedata.normalize("NFC", content))
    return matcher(composed, rules.policy).fits(unicodedata.normalize("NFC", text))


def _letter(place: Edit, rules: Matcher, text: str) -> Edit | None:
    """Return the shortest piece at a place that is the same letter, composed otherwise."""
    fixed = rules.template.literals[place.literal].text
    sizes = [(b, q) for b in range(1, _LONGEST_LETTER + 1) for q in range(1, _LONGEST_LETTER + 1)]
    for b, q in sorted(sizes, key=sum):
        ours, theirs = fixed[place.a : place.a + b], text[place.p : place.p + q]
        if ours != theirs and unicodedata.normalize("NFC", ours) == unicodedata.normalize("NFC", theirs):
            return place._replace(b=place.a + b, q=place.p + q)
    return None
