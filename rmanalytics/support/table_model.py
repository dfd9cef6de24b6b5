"""What every reader of table files gives: columns, and batches of rows as text."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

CHUNK = 5_000
"""Rows of a batch that is made row by row."""

MOST_COLUMNS = 2_000
"""Exports of messages have a hundred; each one costs time in every batch of rows."""

MOST_CELLS = 500_000
"""Cells of a batch that is made row by row: Python's texts take some 60 bytes each."""

LONGEST_FIELD = 131_072
"""Characters of a field beyond which `csv` reads no further, and no message goes."""

TOO_LONG = "is too long for a message"

NAMES_WITHIN = 10
"""Rows in which column names are looked for, to say where they are."""

NONE: frozenset[str] = frozenset()


class Rows(Protocol):
    """What gives the rows of a table."""

    def __call__(self, exact: frozenset[str] = NONE) -> Iterator[pa.RecordBatch]:
        """Yield batches of rows, those without an id in the columns `exact` broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """A row that may have the column names: its `line`, and its `sheet` where that is another one."""

    names: tuple[str, ...]
    line: int
    sheet: str | None = None
    is_visible: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file that can be read: `rows()` gives batches of `schema(len(columns))`, from its first row each time.

    Rows with a number that has a fraction in one of the columns `exact` are broken: that is no id.
    `decimals` are columns of such numbers, `no_ids` of something else that is no id, with its name; `notes` say what
    was guessed about the file. `elsewhere` gives the rows that may have the column names instead.
    """

    path: Path
    columns: tuple[str, ...]
    rows: Rows
    names_line: int = 1
    notes: tuple[str, ...] = ()
    decimals: frozenset[str] = NONE
    no_ids: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Callable[[], Iterator[Elsewhere]] = lambda: iter(())


def no_id(name: str, number: object) -> str:
    """Return why a row is broken that has a number with a fraction in place of an id."""
    return no_id_at_all(name, "the decimal number", number)


def no_id_at_all(name: str, what: str, value: object) -> str:
    """Return why a row is broken that has something else in place of an id."""
    return f"{name} holds {what} {value}, which is no id: format the column as text and export again"


def schema(width: int) -> Any:
    """Return the form of a batch: `line`, a text per column (`c0`, `c1`, …), and why a row is `broken`."""
    texts = [(f"c{n}", pa.string()) for n in range(width)]
    return pa.schema([("line", pa.int64()), *texts, ("broken", pa.string())])


def batch(
    lines: Iterable[int], texts: Sequence[Any], broken: Sequence[str | None] | None = None
) -> pa.RecordBatch:
    """Return a batch of columns of text; without `broken` all of its rows are whole."""
    line = pa.array(lines, pa.int64())
    why = pa.nulls(len(line), pa.string()) if broken is None else pa.array(broken, pa.string())
    arrays = [column if isinstance(column, pa.Array) else pa.array(column, pa.string()) for column in texts]
    return pa.record_batch([line, *arrays, why], schema=schema(len(texts)))


def height(width: int) -> int:
    """Return how many rows of so many columns a batch has that is made row by row."""
    return max(1, min(CHUNK, MOST_CELLS // max(1, width)))


def bounded(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Return the batch, its rows with a field that is too long without their texts, and broken."""
    texts = rows.columns[1:-1]
    long = [column for column in texts if (pc.max(pc.binary_length(column)).as_py() or 0) > LONGEST_FIELD]
    masks = [pc.fill_null(pc.greater(pc.utf8_length(column), LONGEST_FIELD), False) for column in long]
    if not masks or not pc.any(mask := functools.reduce(pc.or_, masks)).as_py():
        return rows
    emptied = [pc.if_else(mask, "", column) for column in texts]
    broken = pc.if_else(mask, TOO_LONG, rows.columns[-1])
    return pa.record_batch([rows.columns[0], *emptied, broken], schema=rows.schema)


def of_rows(
    width: int, rows: Iterable[tuple[int, Sequence[str | None], str | None]]
) -> Iterator[pa.RecordBatch]:
    """Yield batches of rows that are given as line, `width` texts, and what is wrong with them."""
    lines: list[int] = []
    texts: list[Sequence[str | None]] = []
    broken: list[str | None] = []
    most = height(width)
    for line, row, why in rows:
        lines.append(line)
        texts.append(row)
        broken.append(why)
        if len(lines) == most:
            yield batch(lines, list(zip(*texts, strict=True)), broken)
            lines, texts, broken = [], [], []
    if lines:
        yield batch(lines, list(zip(*texts, strict=True)), broken)
