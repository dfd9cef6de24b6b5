"""The common mistakes, found from both ends: what fits up to them, and what fits behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rmanalytics.dlt.engine import positions
from rmanalytics.dlt.engine.edits import Edit
from rmanalytics.dlt.engine.lookalikes import skeleton
from rmanalytics.dlt.engine.text import Text

Steps = list[int]
FEW = 6
"""Places up to which each is followed by itself; more are followed all at once, as a set."""
SURE = 3
"""Characters that must match right beside a missing or an extra piece for it to count without alignment."""


def from_left(fixed: str, text: Text, begins: int) -> Steps:
    """Return the positions reachable before character 0, 1, … of the fixed text, and behind the last."""
    here = begins & text.occurrences(fixed[:1])
    if not fixed or here.bit_count() > FEW:
        return _sets_from_left(fixed, text, begins)
    steps = [begins] + [0] * len(fixed)
    for at in positions.members(here):
        for i in range(1, _agreement(fixed, text.text[at : at + len(fixed)]) + 1):
            steps[i] |= 1 << (at + i)
    return steps


def from_right(fixed: str, text: Text, stops: int) -> Steps:
    """Return the positions from which character 0, 1, … of the fixed text and all behind it fit."""
    here = (stops >> 1) & text.occurrences(fixed[-1:])
    if not fixed or here.bit_count() > FEW:
        return _sets_from_right(fixed, text, stops)
    size = len(fixed)
    steps = [0] * size + [stops]
    for at in positions.members(here):
        before = text.text[max(0, at + 1 - size) : at + 1]
        for i in range(1, _agreement(fixed[::-1], before[::-1]) + 1):
            steps[size - i] |= 1 << (at + 1 - i)
    return steps


def _agreement(first: str, second: str) -> int:
    """Return how many characters two texts have in common at the beginning."""
    for i, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return i
    return min(len(first), len(second))


def _sets_from_left(fixed: str, text: Text, begins: int) -> Steps:
    steps = [begins]
    for character in fixed:
        begins = (begins & text.occurrences(character)) << 1
        steps.append(begins)
    return steps


def _sets_from_right(fixed: str, text: Text, stops: int) -> Steps:
    steps = [stops]
    for character in reversed(fixed):
        stops = (stops >> 1) & text.occurrences(character)
        steps.append(stops)
    return steps[::-1]


class Host(NamedTuple):
    """A literal that may hold the only mistake: what comes before it fits, and what comes behind it."""

    number: int
    literal: str
    left: Steps
    right: Steps


def hosts(fixed: Sequence[str], text: Text, left: Sequence[int], right: Sequence[int]) -> list[Host]:
    """Return the literals that may hold the only mistake, from `matcher.forward` and `backward`."""
    return [
        Host(number, literal, from_left(literal, text, begins), from_right(literal, text, stops))
        for number, literal in enumerate(fixed)
        if (begins := left[2 * number]) and (stops := right[2 * number + 1])
    ]


def single_edits(found: Sequence[Host], text: Text) -> list[Edit]:
    """Return one-character edits that make the whole text fit, the best of each literal."""
    edits = (_single(host.number, host.literal, text.text, host.left, host.right) for host in found)
    return [edit for edit in edits if edit]


def _single(number: int, literal: str, text: str, left: Steps, right: Steps) -> Edit | None:
    """Return the edit furthest to the right: where a reader first sees that something is wrong."""
    doubtful = None
    for i in range(len(left) - 1, -1, -1):
        here = left[i]
        if not here:
            continue
        if i < len(left) - 1:
            if changed := here & (right[i + 1] >> 1):
                p = positions.last(changed)
                edit = Edit(number, i, i + 1, p, p + 1)
                if not _may_be_of_value(literal, i, text[p]):
                    return edit
                doubtful = doubtful or edit
            if missing := here & right[i + 1]:
                p = positions.last(missing)
                return Edit(number, i, i + 1, p, p)
        if extra := here & (right[i] >> 1):
            p = positions.last(extra)
            return Edit(number, i, i, p, p + 1)
    return doubtful


def _may_be_of_value(literal: str, i: int, character: str) -> bool:
    """Return whether a character at the edge of a literal may rather belong to the value beside it."""
    return i in (0, len(literal) - 1) and character.isalnum() and skeleton(character) != skeleton(literal[i])


def single_block(found: Sequence[Host], last: int) -> Edit | None:
    """Return a missing or an extra piece of one literal that has fitting text on both sides.

    Some of the literal must match on either side: otherwise a slot beside it may hold the rest.
    """
    for host in found:
        block = _block(host.number, host.left, host.right)
        if block and _is_sure(block, host.literal, is_first=host.number == 0, is_last=host.number == last):
            return block
    return None


def _block(number: int, left: Steps, right: Steps) -> Edit | None:
    a = max(i for i, here in enumerate(left) if here)
    b = min(i for i, here in enumerate(right) if here)
    if a > b:
        a = b = max((i for i in range(b, a + 1) if left[i] and right[i]), default=a)
    p = positions.last(left[a])
    for later in range(b, len(right)):
        if behind := right[later] >> p:
            return Edit(number, a, later, p, p + positions.first(behind))
    return None


def _is_sure(block: Edit, literal: str, *, is_first: bool, is_last: bool) -> bool:
    begins = block.a >= SURE or (is_first and block.a == block.p)
    ends = len(literal) - block.b >= SURE or is_last
    return begins and ends and (block.a == block.b or block.p == block.q)
