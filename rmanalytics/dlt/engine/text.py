"""A message's text, and the positions of what is looked for in it."""

from __future__ import annotations

import re
from collections.abc import Hashable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rmanalytics.dlt.engine import positions

SPACE = " \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
NEWLINE = "\n\r\x0b\x0c\x85\u2028\u2029"


Places = NDArray[np.int64]


class Reaches(NamedTuple):
    """The ends that each start allows, from its low to its high, both included; all three never fall."""

    starts: Places
    lows: Places
    highs: Places


class Text:
    """A text with the position sets that several gaps and literals ask for, each made once.

    `reaches` and `cores` keep what rules of slots and of fixed text found in it.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.n = len(text)
        self.all = (1 << (self.n + 1)) - 1
        self._classes: dict[str, int] = {}
        self._occurrences: dict[str, int] = {}
        self._without: dict[str, tuple[str, list[int]]] = {}
        self.reaches: dict[Hashable, Reaches] = {}
        self.cores: dict[re.Pattern[str], dict[int, int]] = {}

    def inside(self, characters: str) -> int:
        """Return the positions whose character is in the class."""
        if characters not in self._classes:
            runs = run_of(characters).finditer(self.text)
            self._classes[characters] = sum(positions.ones(*run.span()) for run in runs)
        return self._classes[characters]

    def without(self, characters: str) -> tuple[str, list[int]]:
        """Return the text without the characters of the class, and the original position of each that is left."""
        if characters not in self._without:
            runs = [run.span() for run in run_of(characters).finditer(self.text)]
            begins, ends = [0, *(end for _, end in runs)], [*(start for start, _ in runs), self.n]
            at = [position for span in zip(begins, ends, strict=True) for position in range(*span)]
            self._without[characters] = (run_of(characters).sub("", self.text), at)
        return self._without[characters]

    def occurrences(self, needle: str) -> int:
        """Return the positions at which the needle occurs; an empty one occurs everywhere."""
        if not needle:
            return self.all
        if needle not in self._occurrences:
            self._occurrences[needle] = self._find(needle)
        return self._occurrences[needle]

    def _find(self, needle: str) -> int:
        find, found = self.text.find, 0
        at = find(needle)
        while at >= 0:
            found |= 1 << at
            at = find(needle, at + 1)
        return found


@cache
def run_of(inside: str) -> re.Pattern[str]:
    """Return the expression of a run of the class's characters, as long as it goes."""
    return re.compile(f"[{inside}]++")
