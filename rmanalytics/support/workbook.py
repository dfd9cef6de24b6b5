"""A sheet of an XLSX workbook as batches of text; numbers that a spreadsheet has damaged are named, never rounded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile
from zlib import error as zlib_error

import pyarrow as pa
import python_calamine

from rmanalytics.errors import BadInput
from rmanalytics.support.cells import text
from rmanalytics.support.table_model import (
    NAMES_WITHIN,
    NONE,
    Elsewhere,
    Table,
    no_id,
    no_id_at_all,
    of_rows,
)
from rmanalytics.support.wording import first_line
from rmanalytics.support.workbook_sheets import Sheet, chosen, note, sheets
from rmanalytics.support.workbook_size import refuse_absurd
from rmanalytics.support.workbook_values import Decoded, faults

_NO_IDS = (date, time, timedelta)
"""What spreadsheets make of a text such as 29/11/26 or 10:20."""

_BOOK = re.compile(r"(?:.*/)?workbook\d*\.(?:xml|bin)", re.IGNORECASE).fullmatch

_EXACT = 1e15
"""From here on a number of a spreadsheet may have lost digits: they keep 15."""


def open_table(path: Path, sheet: str | None = None, skip_rows: int = 0, option: str = "--sheet") -> Table:
    """Return the sheet, or the first visible one with rows, ready to be read; raise BadInput naming the fix.

    `option` is what chooses another one.
    """
    try:
        _refuse_other_zip(path)
        is_escaped = refuse_absurd(path)
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        every = sheets(path, book)
        read = chosen(path, every, sheet, option)
        found: Any = book.get_sheet_by_name(read.name)
        found = Decoded(found) if is_escaped else found
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
        raise BadInput(
            f"{path}: is not a readable workbook, or is damaged: export it again, or as CSV ({reason})"
        ) from None
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
        notes=tuple(filter(None, [note(every, read, option)])) if sheet is None else (),
        elsewhere=lambda: _elsewhere(book, every, found, names_line, skip_rows),
    )


def is_workbook(path: Path) -> bool:
    """Return whether a zip file has a workbook in it; also where it is too damaged to tell."""
    try:
        with ZipFile(path) as archive:
            return any(_BOOK(name) for name in archive.namelist())
    except (BadZipFile, OSError, RuntimeError, NotImplementedError):
        return True


def _refuse_other_zip(path: Path) -> None:
    if not is_workbook(path):
        raise BadInput(f"{path}: is a zip file without a workbook: unpack it, and name the table file in it")


def _elsewhere(
    book: Any, every: Sequence[Sheet], read: Any, names_line: int, skip_rows: int
) -> Iterator[Elsewhere]:
    """Yield the first rows of the sheet, then those of the others, visible ones first."""
    for line, names in _first(read, skip_rows):
        if line != names_line:
            yield Elsewhere(names=names, line=line)
    for one in sorted(every, key=lambda one: not one.is_visible):
        if one.name != read.name and one.n_rows:
            for line, names in _first(book.get_sheet_by_name(one.name), skip_rows):
                yield Elsewhere(names=names, line=line, sheet=one.name, is_visible=one.is_visible)


def _first(sheet: Any, skip_rows: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    for line, row in islice(_cells(sheet, 0), skip_rows + NAMES_WITHIN):
        yield line, tuple(text(cell).strip() for cell in row)


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
        if name in exact and isinstance(cell, _NO_IDS):
            return no_id_at_all(name, "the date" if isinstance(cell, date) else "the time", _shown(cell))
        if name in exact and isinstance(cell, bool):
            return no_id_at_all(name, "the truth value", _shown(cell))
        if isinstance(cell, int | float) and abs(cell) >= _EXACT:
            return (
                f"{name} holds the number {cell:.0f}, which lost digits: "
                "format the column as text and export again"
            )
    return None
