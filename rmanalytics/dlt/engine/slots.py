"""What a run of slots accepts under a policy: from each start, which ends."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from rmanalytics.dlt.engine import positions
from rmanalytics.dlt.engine.skeleton import Gap
from rmanalytics.dlt.engine.text import NEWLINE, SPACE, Reach, Text, run_of
from rmanalytics.dlt.policy import AIRTEL_LIST, Counted, Ignored, Newlines, Policy, Pooling, Spaces
from rmanalytics.dlt.tags import (
    SHAPES,
    Shape,
    Tag,
    is_letter_or_digit,
    letters_and_digits,
    special_characters,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRule:
    """`least` to `most` characters (None: no limit) of a class (None: any), or of a shape."""

    tag: Tag
    least: int
    most: int | None
    inside: str | None = None
    shape: Shape | None = None
    counts_letters: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether length and class say it all."""
        return self.shape is None and not self.counts_letters


def rule(gap: Gap, policy: Policy) -> GapRule:
    """Return what the gap accepts under the policy."""
    limit = policy.limit(gap.tag)
    if policy.pooling is Pooling.TEMPLATE:
        limit = None
    elif limit is not None and policy.pooling is Pooling.ADJACENT:
        limit *= gap.n_slots
    return GapRule(
        tag=gap.tag,
        least=0 if policy.allow_empty else 1,
        most=limit,
        inside=_inside(gap.tag, policy),
        shape=SHAPES.get(gap.tag),
        counts_letters=policy.counted is Counted.LETTERS_AND_DIGITS and limit is not None,
    )


def ignored_class(policy: Policy) -> str:
    """Return the characters that the policy skips, as the inside of a regular expression's class."""
    punctuation = {Ignored.NOTHING: "", Ignored.AIRTEL_LIST: re.escape(AIRTEL_LIST)}
    skipped = punctuation[policy.ignored] if policy.ignored in punctuation else special_characters()
    skipped += SPACE if policy.spaces is Spaces.IGNORE else ""
    return skipped + (NEWLINE if policy.newlines is Newlines.IGNORE else "")


def _inside(tag: Tag, policy: Policy) -> str | None:
    if tag is Tag.NUMERIC:
        return "0-9" + ignored_class(policy)
    if tag is Tag.ALPHANUMERIC and not policy.alphanumeric_any:
        return letters_and_digits() + re.escape(policy.alphanumeric_also) + ignored_class(policy)
    return None


def reaches(gap: GapRule, text: Text) -> list[Reach]:
    """Return every start that allows an end, and its ends; both grow together."""
    if gap not in text.reaches:
        found = _shaped(gap, text.text) if gap.shape else _classed(gap, text.text)
        text.reaches[gap] = list(_limited(gap, text.text, found))
    return text.reaches[gap]


def ends(gap: GapRule, text: Text, starts: int) -> int:
    """Return the positions at which a value may end that began at one of `starts`."""
    if not gap.is_plain:
        return _ends_of_reaches(reaches(gap, text), starts) | (0 if gap.least else starts)
    width = (text.n if gap.most is None else gap.most) - gap.least
    if width < 0:
        return 0
    if gap.inside is None:
        return positions.spread_up(starts << gap.least, min(width, text.n)) & text.all
    inside = text.inside(gap.inside)
    starts = (starts & positions.runs_of(inside, gap.least)) << gap.least if gap.least else starts
    return positions.walk_up(starts, inside, min(width, text.n)) & text.all


def starts(gap: GapRule, text: Text, stops: int) -> int:
    """Return the positions from which a value may lead to one of `stops`."""
    if not gap.is_plain:
        found = (reach for reach in reaches(gap, text) if stops & positions.ones(reach.low, reach.high + 1))
        return sum(1 << reach.start for reach in found) | (0 if gap.least else stops)
    width = (text.n if gap.most is None else gap.most) - gap.least
    if width < 0:
        return 0
    if gap.inside is None:
        return positions.spread_down(stops, min(width, text.n)) >> gap.least
    inside = text.inside(gap.inside)
    reached = positions.walk_down(stops, inside, min(width, text.n))
    return (reached >> gap.least) & positions.runs_of(inside, gap.least) if gap.least else reached


def _ends_of_reaches(found: Iterable[Reach], starts: int) -> int:
    """Return the union of the starts' ends; neighbours that overlap are joined before they become bits."""
    reached, low, high = 0, 0, -1
    for reach in found:
        if not starts >> reach.start & 1:
            continue
        if reach.low > high + 1:
            reached |= positions.ones(low, high + 1)
            low = reach.low
        high = max(high, reach.high)
    return reached | positions.ones(low, high + 1)


def _classed(gap: GapRule, text: str) -> Iterator[Reach]:
    runs = run_of(gap.inside).finditer(text) if gap.inside else [re.match(".*", text, re.DOTALL)]
    for run in runs:
        begin, end = run.span() if run else (0, 0)
        yield from (Reach(start, start + max(1, gap.least), end) for start in range(begin, end))


def _shaped(gap: GapRule, text: str) -> Iterator[Reach]:
    assert gap.shape is not None  # noqa: S101
    more = _more_of(gap.shape)
    for head in _head_of(gap.shape).finditer(text):
        end = head.end(1)
        run = more.match(text, end)
        yield Reach(head.start(), end + gap.shape.least, run.end() if run else end)


def _limited(gap: GapRule, text: str, found: Iterable[Reach]) -> Iterator[Reach]:
    """Yield the reaches within the limit, which counts all characters or only letters and digits."""
    counts = _counts(text) if gap.counts_letters and gap.most is not None else None
    for start, low, high in found:
        if gap.most is not None:
            beyond = bisect_right(counts, counts[start] + gap.most) - 1 if counts else start + gap.most
            high = min(high, beyond)
        if low <= high:
            yield Reach(start, low, high)


def _counts(text: str) -> list[int]:
    """Return how many letters and digits stand before each position."""
    counted = {character: int(is_letter_or_digit(character)) for character in set(text)}
    return [0, *accumulate(map(counted.__getitem__, text))]


@cache
def _head_of(shape: Shape) -> re.Pattern[str]:
    return re.compile(f"(?=({shape.head}))")


@cache
def _more_of(shape: Shape) -> re.Pattern[str]:
    return re.compile(f"(?:{shape.more})*+")
