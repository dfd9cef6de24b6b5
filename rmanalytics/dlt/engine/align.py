"""The least edit of a text against a template with free slots: affine costs, one row per character."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rmanalytics.dlt.engine import positions
from rmanalytics.dlt.engine.edits import ALIKE, CHANGED, EXTEND, MISS, UNIT, VALUE_INVALID, VALUE_LENGTH, Edit
from rmanalytics.dlt.engine.lookalikes import skeleton
from rmanalytics.dlt.engine.slots import GapRule, reaches
from rmanalytics.dlt.engine.text import Places, Text

Costs = NDArray[np.int32]
FAR = 1 << 28
ROWS_OF_GAP = 8
LEAST_ROW = 1500


@dataclass(slots=True)
class _Row:
    """Costs up to here: the `best`, and those that end in no extra text, in missing, in extra text."""

    best: Costs
    closed: Costs
    missing: Costs
    extra: Costs


class _Spans(NamedTuple):
    """Ends of legal values, and of each the first and the last of the `starts` that allow it, by number."""

    starts: Places
    ends: Places
    first: Places
    last: Places


@dataclass(slots=True)
class Aligner:
    """A text against literals and gaps in turn; `exactly`: fixed text must be there as it is."""

    text: Text
    fixed: Sequence[str]
    gaps: Sequence[GapRule]
    exactly: bool = False
    _rows: list[list[_Row]] = field(default_factory=list)
    _substitutions: dict[str, Costs] = field(default_factory=dict)
    _look_numbers: dict[str, int] = field(default_factory=dict)
    _slopes: dict[str | None, Costs] = field(default_factory=dict)
    _spans_of: dict[GapRule, _Spans] = field(default_factory=dict)
    _where: Costs = field(init=False)
    _extended: Costs = field(init=False)
    _looks: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        self._where = np.arange(self.text.n + 1, dtype=np.int32)
        self._extended = EXTEND * self._where

    @property
    def work(self) -> int:
        """How many numbers `edits` computes at most; a row of few takes as long as one of `LEAST_ROW`."""
        n_steps = 0 if self.exactly else sum(map(len, self.fixed))
        return (n_steps + ROWS_OF_GAP * len(self.gaps)) * (self.text.n + LEAST_ROW)

    def edits(self, begins: int = 1, stops: int | None = None) -> list[Edit] | None:
        """Return the least edits in order, None when `exactly` leaves none.

        The fixed text may begin at one of `begins` (a set of positions) and end at one of `stops`.
        """
        far = np.full(self.text.n + 1, FAR, np.int32)
        costs = far.copy()
        costs[list(positions.members(begins))] = 0
        row = _Row(costs, costs, far, far)
        for number, literal in enumerate(self.fixed):
            if number:
                row = self._gap(self.gaps[number - 1], row)
            row = self._literal(literal, row)
        ends = [self.text.n] if stops is None else list(positions.members(stops))
        end = min(ends, key=lambda end: int(row.best[end]))
        return None if row.best[end] >= FAR else self._trace(end)

    def _literal(self, literal: str, row: _Row) -> _Row:
        if self.exactly:
            rows = [row, *self._jump(literal, row.best)]
        else:
            rows = [self._opened(row.closed, row.missing)]
            for character in literal:
                rows.append(self._step(rows[-1], character))
        self._rows.append(rows)
        return rows[-1]

    def _jump(self, literal: str, costs: Costs) -> list[_Row]:
        reached = np.full_like(costs, FAR)
        at = positions.array(self.text.occurrences(literal), self.text.n - len(literal))
        reached[at + len(literal)] = costs[at]
        return [_Row(reached, reached, reached, reached)]

    def _step(self, row: _Row, character: str) -> _Row:
        missing = np.minimum(row.best + UNIT, row.missing + MISS)
        closed = missing.copy()
        np.minimum(closed[1:], row.best[:-1] + self._substitution(character), out=closed[1:])
        return self._opened(closed, missing)

    def _opened(self, closed: Costs, missing: Costs) -> _Row:
        """Return the row with extra text allowed after `closed`."""
        extra = np.empty_like(closed)
        extra[0] = FAR
        np.minimum.accumulate(closed[:-1] - self._extended[:-1], out=extra[1:])
        extra += self._extended
        extra += UNIT - EXTEND
        return _Row(np.minimum(closed, extra), closed, missing, extra)

    def _substitution(self, character: str) -> Costs:
        if character not in self._substitutions:
            if self._looks is None:
                self._looks = np.array([self._look_of(skeleton(c)) for c in self.text.text], np.int64)
            alike = self._looks == self._look_of(skeleton(character))
            costs = np.where(alike, ALIKE, CHANGED).astype(np.int32)
            costs[positions.array(self.text.occurrences(character), self.text.n - 1)] = 0
            self._substitutions[character] = costs
        return self._substitutions[character]

    def _look_of(self, look: str) -> int:
        return self._look_numbers.setdefault(look, len(self._look_numbers))

    def _gap(self, gap: GapRule, row: _Row) -> _Row:
        """Return the row behind the gap; a missing block may run on through it, or begin with it."""
        slope = self._slope(gap)
        bad = np.minimum.accumulate(row.best - slope) + slope + UNIT
        missing = row.missing if self.exactly else np.minimum(row.missing + MISS, row.best + UNIT)
        filled = np.minimum(self._legal(gap, row.best), bad)
        return _Row(filled, np.minimum(filled, missing), missing, filled)

    def _legal(self, gap: GapRule, costs: Costs) -> Costs:
        """Return the least cost of each end under a legal value."""
        if _is_free(gap):
            return _shifted(_window_minimum(costs, self._width(gap)), gap.least)
        spans = self._spans(gap)
        legal = np.full_like(costs, FAR) if gap.least else np.minimum(costs, FAR)
        cheapest = _range_minimum(costs[spans.starts], spans.first, spans.last)
        legal[spans.ends] = np.minimum(legal[spans.ends], cheapest)
        return legal

    def _spans(self, gap: GapRule) -> _Spans:
        """Return for each end the starts that allow it, which follow each other."""
        if gap not in self._spans_of:
            found = reaches(gap, self.text)
            first = np.searchsorted(found.highs, self._where)
            last = np.searchsorted(found.lows, self._where, side="right") - 1
            ends = np.flatnonzero(first <= last)
            self._spans_of[gap] = _Spans(found.starts, ends, first[ends], last[ends])
        return self._spans_of[gap]

    def _origin(self, gap: GapRule, costs: Costs, q: int) -> int:
        """Return the start of the cheapest legal value that ends at q, -1 when there is none."""
        if _is_free(gap):
            low, high = max(0, q - gap.least - self._width(gap)), q - gap.least + 1
            return low + int(np.argmin(costs[low:high])) if high > low else -1
        found = reaches(gap, self.text)
        starts = found.starts[np.searchsorted(found.highs, q) : np.searchsorted(found.lows, q, side="right")]
        starts = starts if gap.least else np.append(starts, q)
        return int(starts[np.argmin(costs[starts])]) if len(starts) else -1

    def _width(self, gap: GapRule) -> int:
        return (self.text.n if gap.most is None else min(gap.most, self.text.n)) - gap.least

    def _slope(self, gap: GapRule) -> Costs:
        if gap.inside not in self._slopes:
            slope = VALUE_LENGTH * self._where
            if gap.inside is not None:
                invalid = ~positions.mask(self.text.inside(gap.inside), self.text.n)[:-1]
                slope[1:] += VALUE_INVALID * np.cumsum(invalid, dtype=np.int32)
            self._slopes[gap.inside] = slope
        return self._slopes[gap.inside]

    def _trace(self, q: int) -> list[Edit]:
        found: list[Edit] = []
        missing = False
        for number in range(len(self.fixed) - 1, -1, -1):
            q, missing = self._trace_literal(number, q, missing, found)
            if number and missing:
                found.append(Edit(number - 1, 0, 0, q, q, gap=number - 1))
                missing = self._rows[number][0].missing[q] != self._rows[number - 1][-1].best[q] + UNIT
            elif number:
                q = self._trace_gap(number - 1, q, self._rows[number - 1][-1].best, found)
        return found[::-1]

    def _trace_gap(self, number: int, q: int, costs: Costs, found: list[Edit]) -> int:
        gap, slope = self.gaps[number], self._slope(self.gaps[number])
        bad = (costs - slope)[: q + 1]
        p, origin = int(np.argmin(bad)), self._origin(gap, costs, q)
        if origin >= 0 and costs[origin] <= bad[p] + slope[q] + UNIT:
            return origin
        found.append(Edit(number, 0, 0, p, q, gap=number))
        return p

    def _trace_literal(self, number: int, q: int, missing: bool, found: list[Edit]) -> tuple[int, bool]:
        """Return where the literal begins, and whether a missing block runs on to the left of it."""
        rows = self._rows[number]
        if self.exactly:
            return q - len(self.fixed[number]), False
        i = len(rows) - 1
        while True:
            if not missing:
                q = self._trace_extra(rows[i], number, i, q, found)
            missing = missing or bool(i and rows[i].closed[q] == rows[i].missing[q])
            if i and not missing and (changed := self._trace_diagonal(rows, number, i, q)) is not None:
                found.extend(changed)
                i, q = i - 1, q - 1
                continue
            if i == 0 and not missing and (number == 0 or rows[0].closed[q] != rows[0].missing[q]):
                return q, False
            i, missing = self._trace_missing(rows, number, i, q, found)
            if missing:
                return q, True

    def _trace_extra(self, row: _Row, number: int, i: int, q: int, found: list[Edit]) -> int:
        """Return where extra text before q begins: as late as possible, where a reader notices it."""
        if row.best[q] != row.extra[q]:
            return q
        opened = row.closed[:q] + UNIT + EXTEND * (q - self._where[:q] - 1)
        p = int(np.flatnonzero(opened == row.best[q])[-1])
        found.append(Edit(number, i, i, p, q))
        return p

    def _trace_diagonal(self, rows: Sequence[_Row], number: int, i: int, q: int) -> list[Edit] | None:
        """Return the edit that replaces character i - 1 by text character q - 1, None when another is the least."""
        character = self.fixed[number][i - 1]
        if not q or rows[i].closed[q] != rows[i - 1].best[q - 1] + self._substitution(character)[q - 1]:
            return None
        return [] if self.text.text[q - 1] == character else [Edit(number, i - 1, i, q - 1, q)]

    def _trace_missing(
        self, rows: Sequence[_Row], number: int, i: int, q: int, found: list[Edit]
    ) -> tuple[int, bool]:
        """Return where a missing block begins, and whether it began in an earlier literal."""
        end = i
        while i and rows[i].missing[q] != rows[i - 1].best[q] + UNIT:
            i -= 1
        begins_here = i > 0
        start = i - 1 if begins_here else 0
        if end > start:
            found.append(Edit(number, start, end, q, q))
        return start, not begins_here


def _is_free(gap: GapRule) -> bool:
    return gap.is_plain and gap.inside is None


def _range_minimum(costs: Costs, first: Places, last: Places) -> Costs:
    """Return the least cost from each first to its last, both included."""
    widths = last - first + 1
    levels = [costs]
    while 2 << (len(levels) - 1) <= widths.max(initial=0):
        step, least = 1 << (len(levels) - 1), levels[-1].copy()
        np.minimum(least[:-step], levels[-1][step:], out=least[:-step])
        levels.append(least)
    level = np.frexp(widths)[1] - 1
    table = np.stack(levels)
    least_of: Costs = np.minimum(table[level, first], table[level, last + 1 - (1 << level)])
    return least_of


def _window_minimum(costs: Costs, width: int) -> Costs:
    """Return at each position the least of it and the `width` before it."""
    least, done = costs.copy(), 1
    while done <= width:
        step = min(done, width + 1 - done)
        least[step:] = np.minimum(least[step:], least[:-step])
        done += step
    return least


def _shifted(costs: Costs, by: int) -> Costs:
    return np.concatenate([np.full(by, FAR, np.int32), costs])[: len(costs)] if by else costs
