"""A sheet of an XLSX workbook as batches of text; numbers that a spreadsheet has damaged are named, never rounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile
from zlib import error as zlib_error

import pyarrow as pa
import python_calamine

from rmanalytics.errors import BadInput
from rmanalytics.support.cells import text
from rmanalytics.support.table_model import NONE, Table, no_id, of_rows
from rmanalytics.support.wording import first_line
from rmanalytics.support.workbook_size import refuse_absurd
from rmanalytics.support.workbook_values import faults

_EXACT = 1e15
"""From here on a number of a spreadsheet may have lost digits: they keep 15."""


def open_table(path: Path, sheet: str | None = None, skip_rows: int = 0) -> Table:
    """Return the sheet, or the first, ready to be read; raise BadInput naming the fix when it cannot be."""
    try:
        refuse_absurd(path)
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        found = book.get_sheet_by_name(_sheet(path, book, sheet))
        unseen = faults(path, found.name)
    except (
        BadZipFile,
        ParseError,
        python_calamine.CalamineError,
        OSError,
        RuntimeError,
        NotImplementedError,
        zlib_error,
    ) as error:
        reason = first_line(error)
        raise BadInput(f"{path}: is not a readable workbook: {reason}: export it again, or as CSV") from None
    names_line, names = next(
        ((n, row) for n, row in _cells(found, skip_rows) if any(row) or n in unseen), (0, [])
    )
    if not names_line:
        raise BadInput(f"{path}: sheet {found.name}: has no rows")
    if names_line in unseen:
        raise BadInput(f"{path}: line {names_line}: {unseen[names_line]}")
    columns = tuple(text(cell).strip() for cell in names)
    return Table(
        path=path,
        columns=columns,
        rows=lambda exact=NONE: _rows(found, names_line, columns, unseen, exact),
        names_line=names_line,
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


def _cells(sheet: Any, skip_rows: int) -> Iterator[tuple[int, list[Any]]]:
    """Yield the rows with their numbers in the sheet, from its first row and column on."""
    return islice(enumerate(sheet.iter_rows(), 1), skip_rows, None) if sheet.start else iter(())


def _rows(
    sheet: Any, names_line: int, columns: Sequence[str], unseen: Mapping[int, str], exact: frozenset[str]
) -> Iterator[pa.RecordBatch]:
    return of_rows(
        len(columns),
        (
            (line, list(map(_shown, row)), unseen.get(line) or _broken(row, columns, exact))
            for line, row in _cells(sheet, names_line)
            if line in unseen or any(cell != "" for cell in row)
        ),
    )


def _shown(cell: Any) -> str:
    """Return a cell as spreadsheets show it."""
    return text(cell).upper() if isinstance(cell, bool) else text(cell)


def _broken(row: Sequence[Any], columns: Sequence[str], exact: frozenset[str]) -> str | None:
    for name, cell in zip(columns, row, strict=False):
        if name in exact and isinstance(cell, float) and not cell.is_integer():
            return no_id(name, cell)
        if isinstance(cell, int | float) and abs(cell) >= _EXACT:
            return (
                f"{name} holds the number {cell:.0f}, which lost digits: "
                "format the column as text and export again"
            )
    return None
