"""What every reader of table files gives: columns, and batches of rows as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

CHUNK = 5_000
"""Rows of a batch that is made row by row."""

MOST_COLUMNS = 16_384
"""As many as a spreadsheet has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file that can be read: `rows()` gives batches of `schema(len(columns))`, from its first row each time.

    `decimals` are columns of floating numbers, `notes` say what was guessed about the file.
    """

    path: Path
    columns: tuple[str, ...]
    rows: Callable[[], Iterator[pa.RecordBatch]]
    names_line: int = 1
    notes: tuple[str, ...] = ()
    decimals: frozenset[str] = frozenset()


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


def of_rows(
    width: int, rows: Iterable[tuple[int, Sequence[str | None], str | None]]
) -> Iterator[pa.RecordBatch]:
    """Yield batches of rows that are given as line, `width` texts, and what is wrong with them."""
    lines: list[int] = []
    texts: list[Sequence[str | None]] = []
    broken: list[str | None] = []
    for line, row, why in rows:
        lines.append(line)
        texts.append(row)
        broken.append(why)
        if len(lines) == CHUNK:
            yield batch(lines, list(zip(*texts, strict=True)), broken)
            lines, texts, broken = [], [], []
    if lines:
        yield batch(lines, list(zip(*texts, strict=True)), broken)
