"""What a run of slots accepts under a policy: from each start, which ends."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate

import numpy as np

from rmanalytics.dlt.engine import positions
from rmanalytics.dlt.engine.skeleton import Gap
from rmanalytics.dlt.engine.text import NEWLINE, SPACE, Places, Reaches, Text, run_of
from rmanalytics.dlt.policy import AIRTEL_LIST, Counted, Ignored, Newlines, Policy, Pooling, Spaces
from rmanalytics.dlt.tags import (
    LINKS,
    SHAPES,
    SHORT_CLASSES,
    VI_ALSO,
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
    is_short = gap.is_short and policy.short_tags_lax
    return GapRule(
        tag=gap.tag,
        least=0 if policy.allow_empty else 1,
        most=limit,
        inside=_short_class(gap.tag, policy) if is_short else _inside(gap.tag, policy),
        shape=None if is_short else SHAPES.get(gap.tag),
        counts_letters=policy.counted is Counted.LETTERS_AND_DIGITS and limit is not None,
    )


def ignored_class(policy: Policy) -> str:
    """Return the characters that the policy skips, as the inside of a regular expression's class."""
    punctuation = {Ignored.NOTHING: "", Ignored.AIRTEL_LIST: re.escape(AIRTEL_LIST)}
    skipped = punctuation[policy.ignored] if policy.ignored in punctuation else special_characters()
    skipped += SPACE if policy.spaces is Spaces.IGNORE else ""
    return skipped + (NEWLINE if policy.newlines is Newlines.IGNORE else "")


def _short_class(tag: Tag, policy: Policy) -> str | None:
    """Return what a tag of three letters takes, at least what the policy lets the long tag take."""
    if tag is Tag.ALPHANUMERIC:
        also = policy.alphanumeric_also + VI_ALSO
        return _inside(tag, replace(policy, alphanumeric_also=also))
    return SHORT_CLASSES[tag] + ("" if tag in LINKS else ignored_class(policy))


def _inside(tag: Tag, policy: Policy) -> str | None:
    if tag is Tag.NUMERIC:
        return "0-9" + ignored_class(policy)
    if tag is Tag.ALPHANUMERIC and not policy.alphanumeric_any:
        return letters_and_digits() + re.escape(policy.alphanumeric_also) + ignored_class(policy)
    return None


def reaches(gap: GapRule, text: Text) -> Reaches:
    """Return every start that allows an end, and its ends; both grow together."""
    if gap not in text.reaches:
        found = _shaped(gap.shape, text) if gap.shape else _classed(gap, text)
        text.reaches[gap] = _limited(gap, text.text, found)
    return text.reaches[gap]


def ends(gap: GapRule, text: Text, starts: int) -> int:
    """Return the positions at which a value may end that began at one of `starts`."""
    if not gap.is_plain:
        return _ends_of_reaches(reaches(gap, text), starts, text.n) | (0 if gap.least else starts)
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
        return _starts_of_reaches(reaches(gap, text), stops, text.n) | (0 if gap.least else stops)
    width = (text.n if gap.most is None else gap.most) - gap.least
    if width < 0:
        return 0
    if gap.inside is None:
        return positions.spread_down(stops, min(width, text.n)) >> gap.least
    inside = text.inside(gap.inside)
    reached = positions.walk_down(stops, inside, min(width, text.n))
    return (reached >> gap.least) & positions.runs_of(inside, gap.least) if gap.least else reached


def _ends_of_reaches(found: Reaches, starts: int, n: int) -> int:
    """Return the union of the ends that these starts allow."""
    chosen = positions.mask(starts, n)[found.starts]
    opened = np.bincount(found.lows[chosen], minlength=n + 2)
    closed = np.bincount(found.highs[chosen] + 1, minlength=n + 2)
    return positions.of_mask(np.cumsum(opened - closed)[: n + 1] > 0)


def _starts_of_reaches(found: Reaches, stops: int, n: int) -> int:
    """Return the starts that allow one of the stops."""
    before = np.concatenate([[0], np.cumsum(positions.mask(stops, n))])
    reached = np.zeros(n + 1, np.bool_)
    reached[found.starts[before[found.highs + 1] > before[found.lows]]] = True
    return positions.of_mask(reached)


def _classed(gap: GapRule, text: Text) -> Reaches:
    spans = _spans(run_of(gap.inside), text.text) if gap.inside else np.array([[0, text.n]])
    starts = (
        np.flatnonzero(positions.mask(text.inside(gap.inside), text.n)) if gap.inside else np.arange(text.n)
    )
    return Reaches(starts, starts + max(1, gap.least), np.repeat(spans[:, 1], spans[:, 1] - spans[:, 0]))


def _shaped(shape: Shape, text: Text) -> Reaches:
    heads = np.array([(head.start(), head.end(1)) for head in _head_of(shape).finditer(text.text)], np.int64)
    starts, ends = heads.reshape(-1, 2).T
    until = np.arange(text.n + 1)
    for begin, end in _spans(_more_of(shape), text.text).tolist():
        until[begin:end] = end
    return Reaches(starts, ends + shape.least, until[ends])


def _limited(gap: GapRule, text: str, found: Reaches) -> Reaches:
    """Return the reaches within the limit, which counts all characters or only letters and digits."""
    starts, lows, highs = found
    if gap.most is not None:
        beyond = _beyond(starts, gap.most, _counts(text)) if gap.counts_letters else starts + gap.most
        highs = np.minimum(highs, beyond)
    kept = lows <= highs
    return Reaches(starts[kept], lows[kept], highs[kept])


def _beyond(starts: Places, most: int, counts: Places) -> Places:
    """Return the last end of each start with no more than `most` that count before it."""
    return np.searchsorted(counts, counts[starts] + most, side="right") - 1


def _counts(text: str) -> Places:
    """Return how many letters and digits there are before each position."""
    counted = {character: int(is_letter_or_digit(character)) for character in set(text)}
    return np.array([0, *accumulate(map(counted.__getitem__, text))], np.int64)


def _spans(pattern: re.Pattern[str], text: str) -> Places:
    """Return begin and end of each match, a row each."""
    return np.array([match.span() for match in pattern.finditer(text)], np.int64).reshape(-1, 2)


@cache
def _head_of(shape: Shape) -> re.Pattern[str]:
    return re.compile(f"(?=({shape.head}))")


@cache
def _more_of(shape: Shape) -> re.Pattern[str]:
    return re.compile(f"(?:{shape.more})++")
