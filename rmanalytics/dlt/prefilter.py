"""Keys that every text fitting a template has, so that a few look-ups leave few templates to try."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

Run = tuple[str, ...]
Affix = tuple[int | None, int | None]
LONGEST = 3
"""Words in a run: three in a row are rarely shared, fewer only where fixed text is short."""
AFFIXES = tuple(slice(-size, None) for size in (40, 28, 16)) + tuple(slice(size) for size in (40, 28, 16))
"""Ends and beginnings of a text that are looked up as they are: by far the quickest keys."""
MOST_SHARED = (4, 32)
"""Templates that may share an end or a beginning: few at first, more before runs of words are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Template numbers by an end or a beginning, by a run of words, and those that have neither."""

    by_affix: Mapping[Affix, Mapping[str, list[int]]]
    by_run: Mapping[int, Mapping[Run, list[int]]]
    others: Sequence[int]

    def likely(self, text: str) -> list[int]:
        """Return the numbers of all templates that the text can fit, and of few others, in order."""
        found = [*self.others]
        for (start, stop), by_affix in self.by_affix.items():
            if numbers := by_affix.get(text[start:stop]):
                found += numbers
        if self.by_run:
            words = text.split(" ")
            for size, by_run in self.by_run.items():
                for run in runs(words, size):
                    if run in by_run:
                        found += by_run[run]
        return sorted(set(found)) if len(found) > 1 else found


def keys(templates: Sequence[Sequence[str] | None]) -> Keys:
    """Return the keys of templates given as their fixed texts; None for one whose text tells nothing sure."""
    by_affix, left = _by_affix(templates)
    by_run: dict[int, dict[Run, list[int]]] = {}
    for size in range(LONGEST, 0, -1):
        found = {number: _sure_runs(templates[number] or (), size) for number in left}
        buckets = _rarest(found)
        if buckets:
            by_run[size] = buckets
        left = [number for number in left if not found[number]]
    return Keys(by_affix=by_affix, by_run=by_run, others=left)


def runs(words: Sequence[str], size: int) -> Iterable[Run]:
    """Return the runs of so many neighbouring words."""
    if size == LONGEST:
        return zip(words, words[1:], words[2:], strict=False)
    return zip(*(words[start:] for start in range(size)), strict=False)


def _by_affix(
    templates: Sequence[Sequence[str] | None],
) -> tuple[dict[Affix, dict[str, list[int]]], list[int]]:
    """Return the templates that a beginning or an end tells apart from nearly all others, and the rest."""
    left = list(range(len(templates)))
    kept: dict[Affix, dict[str, list[int]]] = {}
    for most, affix in product(MOST_SHARED, AFFIXES):
        buckets: dict[str, list[int]] = {}
        for number in left:
            if key := _affix(templates[number] or (), affix):
                buckets.setdefault(key, []).append(number)
        rare = {key: numbers for key, numbers in buckets.items() if len(numbers) <= most}
        if rare:
            kept.setdefault((affix.start, affix.stop), {}).update(rare)
        taken = {number for numbers in rare.values() for number in numbers}
        left = [number for number in left if number not in taken]
    return kept, left


def _affix(fixed: Sequence[str], affix: slice) -> str | None:
    if not fixed:
        return None
    at_end = affix.stop is None
    key = fixed[-1 if at_end else 0][affix]
    return key if len(key) == abs(affix.start if at_end else affix.stop) else None


def _sure_runs(fixed: Sequence[str], size: int) -> set[Run]:
    """Return the runs of words that every fitting text has: words at a slot may run into its value."""
    found: set[Run] = set()
    for words in _sure_words(fixed):
        found.update(run for run in runs(words, size) if any(run))
    return found


def _sure_words(fixed: Sequence[str]) -> Iterator[Sequence[str]]:
    for number, text in enumerate(fixed):
        words = text.split(" ")
        yield words[number > 0 : len(words) if number == len(fixed) - 1 else -1]


def _rarest(found: Mapping[int, set[Run]]) -> dict[Run, list[int]]:
    counts = Counter(run for candidates in found.values() for run in candidates)
    buckets: dict[Run, list[int]] = {}
    for number, candidates in found.items():
        if candidates:
            buckets.setdefault(min(candidates, key=lambda run: (counts[run], run)), []).append(number)
    return buckets
