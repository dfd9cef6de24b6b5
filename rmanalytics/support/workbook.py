"""A sheet of an XLSX workbook as batches of text; numbers that a spreadsheet has damaged are named, never rounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile
from zlib import error as zlib_error

import pyarrow as pa
import python_calamine

from rmanalytics.errors import BadInput
from rmanalytics.support.cells import text
from rmanalytics.support.table_model import MOST_COLUMNS, Table, of_rows
from rmanalytics.support.wording import first_line

MOST_BYTES = 1 << 30
"""Unpacked size beyond which a workbook is refused; a full sheet of messages has half of it."""

MOST_CELLS = 100_000_000
"""Cells of the rectangle that a sheet spans: it is held whole, empty cells too."""

_EXACT = 1e15
"""From here on a number of a spreadsheet may have lost digits: they keep 15."""

_CELL = re.compile(rb"<(?:\w+:)?c [^>]*?r=[\"']([A-Z]+)([0-9]+)[\"']")
_PIECE = 1 << 20
_OVERLAP = 200


def open_table(path: Path, sheet: str | None = None, skip_rows: int = 0) -> Table:
    """Return the sheet, or the first, ready to be read; raise BadInput naming the fix when it cannot be."""
    try:
        _refuse_absurd(path)
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        found = book.get_sheet_by_name(_sheet(path, book, sheet))
    except (
        BadZipFile,
        python_calamine.CalamineError,
        OSError,
        RuntimeError,
        NotImplementedError,
        zlib_error,
    ) as error:
        reason = first_line(error)
        raise BadInput(f"{path}: is not a readable workbook: {reason}: export it again, or as CSV") from None
    names_line, names = next(((n, row) for n, row in _cells(found, skip_rows) if any(row)), (0, []))
    if not names_line:
        raise BadInput(f"{path}: sheet {found.name}: has no rows")
    columns = tuple(text(cell).strip() for cell in names)
    return Table(
        path=path, columns=columns, rows=lambda: _rows(found, names_line, len(columns)), names_line=names_line
    )


def _sheet(path: Path, book: Any, name: str | None) -> str:
    names = [
        sheet.name for sheet in book.sheets_metadata if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]
    if name is None:
        return next(iter(names), "")
    if name not in names:
        raise BadInput(f"{path}: has no sheet {name}: it has {', '.join(names)}")
    return name


def _refuse_absurd(path: Path) -> None:
    """Unpack every part without keeping it; raise BadInput for sizes that would not fit into memory."""
    size = 0
    with ZipFile(path) as archive:
        if (said := sum(entry.file_size for entry in archive.infolist())) > MOST_BYTES:
            raise BadInput(f"{path}: unpacks to {said:,} bytes: export it as CSV")
        for entry in archive.infolist():
            widest = tallest = 0
            with archive.open(entry) as part:
                tail = b""
                while piece := part.read(_PIECE):
                    size += len(piece)
                    found = set(_CELL.findall(tail + piece))  # a sheet may lie in any part
                    widest = max([widest, *(_number(letters) for letters in {a for a, _ in found})])
                    tallest = max([tallest, *(int(row) for _, row in found)])
                    tail = piece[-_OVERLAP:]
            if widest > MOST_COLUMNS or widest * tallest > MOST_CELLS:
                raise BadInput(
                    f"{path}: a sheet spans {widest:,} columns and {tallest:,} rows: "
                    "remove cells far from the table, or export it as CSV"
                )


def _number(letters: bytes) -> int:
    """Return the number of a column from 1."""
    number = 0
    for letter in letters[:6]:
        number = number * 26 + letter - 64
    return number


def _cells(sheet: Any, skip_rows: int) -> Iterator[tuple[int, list[Any]]]:
    """Yield the rows with their numbers in the sheet, from its first row and column on."""
    return islice(enumerate(sheet.iter_rows(), 1), skip_rows, None) if sheet.start else iter(())


def _rows(sheet: Any, names_line: int, width: int) -> Iterator[pa.RecordBatch]:
    return of_rows(
        width,
        (
            (line, [text(cell) for cell in row], _broken(row))
            for line, row in _cells(sheet, names_line)
            if any(cell != "" for cell in row)
        ),
    )


def _broken(row: list[Any]) -> str | None:
    for cell in row:
        if isinstance(cell, int | float) and abs(cell) >= _EXACT:
            return (
                f"holds the number {cell:.0f}, which lost digits: format the column as text and export again"
            )
    return None
