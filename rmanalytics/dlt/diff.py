"""Two lines, one above the other, that show where a message departs from its template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rmanalytics.dlt.engine.edits import Edit
from rmanalytics.dlt.engine.explain import Explanation
from rmanalytics.dlt.engine.lookalikes import visible

VALUE = "~"
"""Shown in the template's line for each character of a value."""
ABSENT = "·"
OPEN, CLOSE = "⟦", "⟧"


class Piece(NamedTuple):
    """A piece of both lines, of equal length; `differs` where they do not agree."""

    expected: str
    actual: str
    differs: bool


def pieces(explanation: Explanation) -> list[Piece]:
    """Return the two lines in pieces, in order; invisible characters have a sign, absent ones a dot."""
    found: list[Piece] = []
    at = 0
    for edit in explanation.edits:
        found += _same(explanation.text[at : edit.p])
        found.append(_different(explanation, edit))
        at = edit.q
    found += _same(explanation.text[at:])
    return [piece for piece in found if piece.expected or piece.actual]


def lines(explanation: Explanation, around: int | None = None) -> tuple[str, str]:
    """Return the template's line and the message's, differences in brackets; `around` them so many characters.

    >>> from rmanalytics.dlt.engine.explain import explain
    >>> from rmanalytics.dlt.policy import Policy
    >>> from rmanalytics.dlt.template import Template
    >>> template = Template(template_id="1", content="Hi {#var#}, it's here.")
    >>> print(*lines(explain("Hi Ravi, it’s here", template, Policy())), sep="\\n")
    Hi Ravi, it⟦'⟧s here⟦.⟧
    Hi Ravi, it⟦’⟧s here⟦·⟧
    """
    found = pieces(explanation)
    shown = found if around is None else shortened(found, around)
    return _line(shown, 0), _line(shown, 1)


def shortened(found: list[Piece], around: int) -> list[Piece]:
    """Return the pieces with no more than `around` agreeing characters on either side of a difference."""
    return [_short(piece, i, len(found), around) for i, piece in enumerate(found)]


def _same(text: str) -> Iterator[Piece]:
    if text:
        yield Piece(visible(text), visible(text), False)


def _different(explanation: Explanation, edit: Edit) -> Piece:
    actual = visible(explanation.text[edit.p : edit.q])
    if edit.gap is not None:
        return Piece(*_padded(VALUE * max(1, len(actual)), actual), True)
    fixed = explanation.template.literals[edit.literal].text
    return Piece(*_padded(visible(fixed[edit.a : edit.b]), actual), True)


def _padded(expected: str, actual: str) -> tuple[str, str]:
    size = max(len(expected), len(actual))
    return expected.ljust(size, ABSENT), actual.ljust(size, ABSENT)


def _short(piece: Piece, number: int, n: int, around: int) -> Piece:
    if piece.differs or len(piece.actual) <= 2 * around + 1:
        return piece
    left = "" if number == 0 else piece.actual[:around]
    right = "" if number == n - 1 else piece.actual[-around:]
    text = f"{left}…{right}"
    return Piece(text, text, False)


def _line(found: list[Piece], which: int) -> str:
    return "".join(f"{OPEN}{piece[which]}{CLOSE}" if piece.differs else str(piece[which]) for piece in found)
