"""What matching needs of a template: its fixed text and its slots, in order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rmanalytics.dlt.tags import SHORT, Tag, tag_of

MOST_CHARACTERS = 2000
"""Characters that registries allow in a template."""

LONGEST_TEXT = 2 * MOST_CHARACTERS
"""Beyond it a text is not matched slot by slot: no gateway takes half of it, and a megabyte would take minutes."""

MOST_SLOTS = 100
"""67 values of 30 characters fill 2,000; portals ask a reason for more than 3 (`data/reference/dlt.md`, part 4)."""

SLOT = re.compile(r"\{#([^{}#\n]*)#\}")


class Literal(NamedTuple):
    """Fixed text and where it begins in the content."""

    text: str
    position: int


class Gap(NamedTuple):
    """Adjacent slots of one tag: `first` is the number of the first slot, counted from 1.

    `name` is what is written where no tag is known by it; `is_short`: spelt as in the portals' exports of 2026.
    """

    tag: Tag
    first: int
    n_slots: int
    name: str | None
    position: int
    text: str
    is_short: bool = False


@dataclass(frozen=True, kw_only=True)
class Skeleton:
    """A template read into fixed text and slots; `variable_tags` are the types that a registry keeps beside it.

    >>> skeleton = Skeleton(template_id="1", content="Hi {#var#}{#var#}, OTP {#number#}")
    >>> [literal.text for literal in skeleton.literals]
    ['Hi ', ', OTP ', '']
    """

    template_id: str
    content: str
    variable_tags: tuple[str, ...] = ()

    @property
    def slots(self) -> tuple[Tag, ...]:
        """The tag of each slot."""
        return tuple(slot.tag for slot in self._slots)

    @cached_property
    def literals(self) -> tuple[Literal, ...]:
        """Fixed text before, between and after the gaps, one more than there are gaps."""
        return tuple(self._literals())

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """Runs of adjacent slots of one tag, in order."""
        return tuple(_pooled(self._slots))

    @cached_property
    def _slots(self) -> tuple[Gap, ...]:
        return tuple(_slots(self.content, self.variable_tags))

    def _literals(self) -> Iterator[Literal]:
        start = 0
        for gap in self.gaps:
            yield Literal(self.content[start : gap.position], start)
            start = gap.position + len(gap.text)
        yield Literal(self.content[start:], start)


def _slots(content: str, beside: tuple[str, ...]) -> Iterator[Gap]:
    number = 0
    for match in SLOT.finditer(content):
        name = match[1]
        if (tag := tag_of(name)) is None and is_misspelt(name):
            continue
        number += 1
        if tag in (None, Tag.VAR) and number <= len(beside):
            tag = tag_of(beside[number - 1].strip(" {}#"))
        yield Gap(
            tag=tag or Tag.VAR,
            first=number,
            n_slots=1,
            name=name if tag_of(name) is None else None,
            position=match.start(),
            text=match[0],
            is_short=name in SHORT,
        )


def is_misspelt(name: str) -> bool:
    """Return whether a name is a tag misspelt (`Var`, `var1`) rather than one given by a BSNL owner."""
    stem = name.strip().rstrip("0123456789").lower()
    return not stem or tag_of(stem) is not None


def _pooled(slots: Iterable[Gap]) -> Iterator[Gap]:
    held: Gap | None = None
    for slot in slots:
        if held and _is_next(held, slot):
            held = held._replace(n_slots=held.n_slots + 1, text=held.text + slot.text)
            continue
        if held:
            yield held
        held = slot
    if held:
        yield held


def _is_next(held: Gap, slot: Gap) -> bool:
    """Return whether a slot takes the same values as those before it, and touches them."""
    is_alike = (held.tag, held.is_short) == (slot.tag, slot.is_short)
    return is_alike and held.position + len(held.text) == slot.position
