"""Message ids of rows that bring none: made from what a row is, so it keeps its id wherever it is in the file.

A row is its number, campaign and text. Rows that are the same in all three are counted: the second one ends in `-2`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

SIZE = 21
"""Characters of an id before its count: `m` and 20 hexadecimal digits; `sql/old.sql` makes the same."""

_MADE = f"^m[0-9a-f]{{{SIZE - 1}}}(-[0-9]+)?$"

Numbers = npt.NDArray[np.int64]


def made(numbers: Any, campaign_ids: Any, bodies: Any) -> Any:
    """Return an id for each row; the campaign's length keeps it apart from the text."""
    campaigns = pc.fill_null(campaign_ids, "")
    length = pc.binary_length(campaigns).cast(pa.string())
    rows = pc.binary_join_element_wise(pc.fill_null(numbers, ""), length, campaigns, bodies, " ")
    digests = [hashlib.sha256(row).hexdigest() for row in rows.cast(pa.binary()).to_pylist()]
    return pa.array([f"m{digest[: SIZE - 1]}" for digest in digests], pa.string())


def with_suffix(message_ids: Any, suffix: str) -> Any:
    """Return the ids with a suffix, except those that the file gave."""
    longer = pc.binary_join_element_wise(message_ids, suffix, "")
    return pc.if_else(pc.match_substring_regex(message_ids, _MADE), longer, message_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetitions:
    """Lines (ascending) whose row was in the file before, and how often with this one."""

    lines: Numbers
    counts: Numbers

    def counted(self, lines: Numbers, message_ids: Any) -> Any:
        """Return the ids of the lines, the repeated ones with their count."""
        if not len(self.lines):
            return message_ids
        at = np.searchsorted(self.lines, lines).clip(max=len(self.lines) - 1)
        is_repeated = self.lines[at] == lines
        if not is_repeated.any():
            return message_ids
        mask = pa.array(is_repeated)
        counts = pa.array(self.counts[at[is_repeated]]).cast(pa.string())
        longer = pc.binary_join_element_wise(message_ids.filter(mask), counts, "-")
        return pc.replace_with_mask(message_ids, mask, longer)


NONE = Repetitions(lines=np.empty(0, np.int64), counts=np.empty(0, np.int64))


class Counter:
    """Counts equal ids over all chunks of a file, in 16 bytes each."""

    def __init__(self) -> None:
        self._lines: list[Numbers] = []
        self._keys: list[npt.NDArray[np.uint64]] = []

    def add(self, lines: Any, message_ids: Any) -> None:
        """Take in the made ids of a chunk."""
        digits = "".join(pc.utf8_slice_codeunits(message_ids, 1, 17).to_pylist())
        self._lines.append(lines.to_numpy())
        self._keys.append(np.frombuffer(bytes.fromhex(digits), ">u8").astype(np.uint64))

    def repetitions(self) -> Repetitions:
        """Return which lines repeat an earlier one."""
        if not self._lines:
            return NONE
        lines, keys = np.concatenate(self._lines), np.concatenate(self._keys)
        order = np.argsort(keys, kind="stable")  # equal ones stay in the file's order
        is_first = np.r_[True, np.diff(keys[order]) != 0]
        starts = np.flatnonzero(is_first)
        counts = np.arange(len(order)) - starts[np.cumsum(is_first) - 1] + 1
        found, counts = lines[order][counts > 1], counts[counts > 1]
        by_line = np.argsort(found)
        return Repetitions(lines=found[by_line], counts=counts[by_line])
