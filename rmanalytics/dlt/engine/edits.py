"""Edits that make a text fit: pieces of fixed text changed, or slots whose value is not allowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

UNIT = 100
"""What one changed character, one missing or extra block, or one bad value costs at least."""
CHANGED = 98
"""A changed character: a little less, so that it is preferred to a missing and an extra one."""
ALIKE = 15
"""A character that only looks like the right one: cheaper than any other change."""
EXTEND = 5
"""Each further character of an extra block."""
MISS = 30
"""Each further character of a missing block: dearer, because slots swallow text for nothing."""
VALUE_LENGTH = 1
VALUE_INVALID = 3
"""Each character of a bad value, and each that is not of its type: so that the shorter one is blamed."""


class Edit(NamedTuple):
    """Characters `a` to `b` of literal `literal` of the template are characters `p` to `q` of the text.

    With `gap` set, the value from `p` to `q` is not what gap number `gap` allows.
    """

    literal: int
    a: int
    b: int
    p: int
    q: int
    gap: int | None = None

    def moved(self, literals: int, positions: int) -> Edit:
        """Return the edit so many literals and text positions further on."""
        gap = None if self.gap is None else self.gap + literals
        return Edit(self.literal + literals, self.a, self.b, self.p + positions, self.q + positions, gap)


def merged(edits: Iterable[Edit]) -> Iterator[Edit]:
    """Yield the edits in order, neighbours of one literal joined."""
    held: Edit | None = None
    for edit in edits:
        if held and held.gap is None and edit.gap is None and _touch(held, edit):
            held = held._replace(b=edit.b, q=edit.q)
            continue
        if held:
            yield held
        held = edit
    if held:
        yield held


def _touch(first: Edit, second: Edit) -> bool:
    return first.literal == second.literal and first.b == second.a and first.q == second.p


def cost(edits: Iterable[Edit]) -> int:
    """Return how big the mistake is, changed characters counted as if none of them looked alike."""
    return sum(_cost(edit) for edit in edits)


def _cost(edit: Edit) -> int:
    missing, extra = edit.b - edit.a, edit.q - edit.p
    if edit.gap is not None:
        return UNIT + VALUE_LENGTH * extra
    apart = (UNIT + MISS * (missing - 1) if missing else 0) + (UNIT + EXTEND * (extra - 1) if extra else 0)
    return min(apart, UNIT * missing) if missing == extra else apart
