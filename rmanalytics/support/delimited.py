"""CSV and its kin as batches of text: any delimiter, encoding and line end, each row with the line it starts on.

`csv` says what a row is. Arrow reads whole blocks, many times as fast, where both are sure to agree: quotes only
around fields, every row as wide as the names. A block with anything odd in it is read by `csv`.
"""

from __future__ import annotations

import codecs
import csv
import functools
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from rmanalytics.errors import BadInput
from rmanalytics.support.table_model import (
    NAMES_WITHIN,
    NONE,
    TOO_LONG,
    Elsewhere,
    Table,
    batch,
    of_rows,
)
from rmanalytics.support.text_files import open_text, recognise
from rmanalytics.support.wording import count

DELIMITERS = ",;\t|"
BLOCK = 4 << 20
_HIGHEST = 200
"""Lines that the column names may take, blank ones above included."""

_DRAWN = re.compile(r"\s*(?=.*---)[-+|: \t]+\s*").fullmatch
"""A line under or above the names that only draws."""

_EXPANDED = re.compile(r"-\[ RECORD \d+ \]").match
_SEP = re.compile(r'"?sep=([^"\r\n\0])"?\s*', re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """What all rows share; `least` fields are needed, further ones up to all names may be empty."""

    path: Path
    encoding: str
    delimiter: str
    names: tuple[str, ...]
    names_line: int
    first_line: int
    at: int

    @property
    def least(self) -> int:
        named = [n for n, name in enumerate(self.names, 1) if name]
        return max(named, default=len(self.names))


def open_table(path: Path, skip_rows: int = 0) -> Table:
    """Return the file ready to be read; raise BadInput naming line and fix when it cannot be."""
    encoding, notes = recognise(path)
    form = _form(path, encoding, skip_rows)
    return Table(
        path=path,
        columns=form.names,
        rows=lambda exact=NONE: _rows(form),
        names_line=form.names_line,
        notes=notes,
        elsewhere=lambda: _elsewhere(form, skip_rows),
    )


def _elsewhere(read: _Form, skip_rows: int) -> Iterator[Elsewhere]:
    """Yield the first lines as if they had the column names."""
    line = 0
    for n in range(skip_rows + NAMES_WITHIN):
        try:
            form = _form(read.path, read.encoding, n)
        except BadInput:
            return
        if form.names_line not in (line, read.names_line):
            yield Elsewhere(names=form.names, line=form.names_line)
        line = form.names_line


def _form(path: Path, encoding: str, skip_rows: int) -> _Form:
    with open_text(path, encoding) as file:
        lines = list(islice(file, skip_rows + _HIGHEST))
    start, delimiters = skip_rows, DELIMITERS
    while start < len(lines) and (found := _SEP.fullmatch(lines[start]) or not lines[start].strip()):
        delimiters = delimiters if found is True else found[1]
        start += 1
    if start >= len(lines):
        raise BadInput(f"{path}: has no line with column names")
    if _EXPANDED(lines[start]):
        raise BadInput(
            f"{path}: is psql's expanded output: turn it off with `\\x off` and export with `\\copy … csv header`"
        )
    delimiter, names, height = _header(lines[start:], delimiters)
    if any(map(_DRAWN, (lines[start], *lines[start + height : start + height + 1]))):
        raise BadInput(
            f"{path}: is a table drawn for reading, as psql, MySQL and Markdown do: export it as CSV, such as with "
            "`\\copy … csv header`"
        )
    return _Form(
        path=path,
        encoding=encoding,
        delimiter=delimiter,
        names=tuple(names),
        names_line=start + 1,
        first_line=start + height + 1,
        at=_mark(path) + sum(len(line.encode("utf-8")) for line in lines[: start + height]),
    )


def _mark(path: Path) -> int:
    with path.open("rb") as file:
        return len(codecs.BOM_UTF8) if file.read(3) == codecs.BOM_UTF8 else 0


def _header(lines: list[str], delimiters: str) -> tuple[str, list[str], int]:
    """Return the delimiter that makes most columns of the names, the names, and their height in lines."""
    splits = {}
    for delimiter in delimiters:
        reader = csv.reader(lines, delimiter=delimiter)
        with suppress(csv.Error):
            splits[delimiter] = [name.strip() for name in next(reader, [])], reader.line_num
    best = max(splits, key=lambda delimiter: len(splits[delimiter][0]), default="")
    return best, *splits.get(best, ([], 1))


def _rows(form: _Form) -> Iterator[pa.RecordBatch]:
    if form.encoding == "utf-8-sig" and form.delimiter.isascii():  # Arrow takes no other delimiter
        yield from _by_blocks(form)
        return
    with open_text(form.path, form.encoding) as file:
        yield from _by_lines(islice(file, form.first_line - 1, None), form.first_line, form)


def _by_blocks(form: _Form) -> Iterator[pa.RecordBatch]:
    """Yield the rows block by block, from the first place on where quotes are not clear line by line."""
    at, line, rest = form.at, form.first_line, b""
    with form.path.open("rb") as file:
        file.seek(at)
        while data := file.read(BLOCK):
            cut = _cut(rest + data, form.delimiter.encode())
            if not cut:
                break
            block, rest = (rest + data)[:cut], (rest + data)[cut:]
            yield from _block(block, line, form)
            at, line = at + cut, line + _n_ends(block)
        else:
            yield from _block(rest, line, form)
            return
    with open_text(form.path, "utf-8", at) as text:
        yield from _by_lines(text, line, form)


def _cut(data: bytes, delimiter: bytes) -> int:
    """Return where the last whole row ends; 0 when that is unclear: a quote is somewhere inside of a field."""
    pieces = data.split(b'"')
    edges = (delimiter, b"\r", b"\n")
    last = len(pieces) - 1
    for n in range(0, last + 1, 2):
        piece = pieces[n]
        if piece and ((n and not piece.startswith(edges)) or (n < last and not piece.endswith(edges))):
            return 0
    after = sum(map(len, pieces)) + last
    for n in range(last, -1, -1):
        after -= len(pieces[n])
        if n % 2 == 0 and (end := _last_end(pieces[n])):
            return after + end
        after -= 1
    return 0


def _last_end(piece: bytes) -> int:
    """Return the place behind the last line end; one that the next block could continue does not count."""
    return piece.rfind(b"\n") + 1 or piece.rfind(b"\r", 0, -1) + 1


def _n_ends(data: bytes) -> int:
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def _block(data: bytes, line: int, form: _Form) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a block of whole rows that begins on `line`."""
    found = _by_arrow(data, line, form) if data.strip() else None
    if found is not None:
        yield found
    else:
        yield from _by_lines(io.StringIO(data.decode("utf-8"), newline=""), line, form)


def _by_arrow(data: bytes, line: int, form: _Form) -> pa.RecordBatch | None:
    """Return the block's rows, None where Arrow is not sure to read them as `csv` does."""
    if data.count(b'"') % 2:  # one is never closed, which Arrow does not mind at the end of a file
        return None
    names = [f"c{n}" for n in range(len(form.names))]
    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(data),
            read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=len(data) + 1),
            parse_options=pyarrow.csv.ParseOptions(delimiter=form.delimiter, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        ).combine_chunks()
    except pa.ArrowInvalid:
        return None
    texts = [column.chunk(0) for column in table.columns]
    heights = _heights(texts, table.num_rows, _n_ends(data) + (not data.endswith((b"\r", b"\n"))))
    if heights is None:
        return None
    lines = np.concatenate(([line], line + np.cumsum(heights)[:-1]))
    whole = batch(lines, texts)
    blank = functools.reduce(np.logical_and, (pc.equal(column, "").to_numpy(False) for column in texts))
    return whole.filter(pa.array(~blank)) if blank.any() else whole


def _heights(texts: list[Any], n_rows: int, n_lines: int) -> npt.NDArray[np.int64] | None:
    """Return the lines that each row takes, None when blank lines lie between them."""
    heights = np.ones(n_rows, np.int64)
    if n_rows == n_lines:
        return heights
    for column in texts:
        for end, sign in (("\n", 1), ("\r", 1), ("\r\n", -1)):
            heights += sign * pc.count_substring(column, end).to_numpy().astype(np.int64)
    return heights if heights.sum() == n_lines else None


def _by_lines(lines: Iterable[str], first: int, form: _Form) -> Iterator[pa.RecordBatch]:
    """Yield the rows of lines, the first of which is line `first` of the file, as `csv` reads them."""
    return of_rows(len(form.names), _records(lines, first, form))


def _records(lines: Iterable[str], first: int, form: _Form) -> Iterator[tuple[int, list[str], str | None]]:
    reader = csv.reader(lines, delimiter=form.delimiter, strict=True)
    nothing = [""] * len(form.names)
    while True:
        line = first + reader.line_num
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, nothing, _unreadable(error, line, first + reader.line_num - line, form)
            continue
        if any(fields):
            yield line, (fields + nothing)[: len(nothing)], _uneven(fields, form)


def _unreadable(error: csv.Error, line: int, height: int, form: _Form) -> str:
    """Return what is wrong with a row; raise BadInput where it may have swallowed rows below it."""
    if "field limit" in str(error) and height == 1:
        return TOO_LONG
    if height > 1 or "end of data" in str(error):
        raise BadInput(
            f"{form.path}: line {line}: a quote is never closed: close it, or double it inside quotes"
        )
    return "has text after a closing quote: double quotes that are inside quotes"


def _uneven(fields: list[str], form: _Form) -> str | None:
    """Return what is wrong with the number of fields; empty ones at the end, as Excel leaves them, may be."""
    if len(fields) < form.least:
        return f"has {count(len(fields), 'field')} but the first line names {form.least}"
    if any(fields[len(form.names) :]):
        return (
            f"has {count(len(fields), 'field')} but the first line names {form.least}: "
            "put quotes around text that contains a delimiter"
        )
    return None
