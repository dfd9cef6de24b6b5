"""The first sheet of an XLSX workbook as text; numbers that a spreadsheet has spoilt are named, never rounded."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import pyarrow as pa
import python_calamine

from rmanalytics.errors import BadInput

MOST_BYTES = 512 << 20
"""Unpacked size beyond which a workbook is refused: a bomb, or better a CSV."""

_EXACT = 1e15
"""From here on a number of a spreadsheet may have lost digits: they keep 15."""


def read(path: Path) -> tuple[list[str], pa.Table]:
    """Return the names in the first row and the rows below: `n` from 1, `c0`, `c1`, … and `broken`.

    Raises BadInput when it is no workbook, has no rows, or unpacks to more than `MOST_BYTES`.
    """
    rows = _rows(path)
    if not rows:
        raise BadInput(f"{path}: has no rows")
    names = [_text(cell) for cell in rows[0]]
    numbered = [(n, row) for n, row in enumerate(rows[1:], 1) if any(cell != "" for cell in row)]
    columns = list(zip(*(row for _, row in numbered), strict=True)) or [()] * len(names)
    texts = {f"c{n}": pa.array(map(_text, cells), pa.string()) for n, cells in enumerate(columns)}
    broken = pa.array((_broken(row) for _, row in numbered), pa.string())
    return names, pa.table({"n": pa.array([n for n, _ in numbered], pa.int64()), **texts, "broken": broken})


def _rows(path: Path) -> list[list[Any]]:
    try:
        with ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if size > MOST_BYTES:
                raise BadInput(f"{path}: unpacks to {size:,} bytes: export it as CSV")
            if spoilt := archive.testzip():
                raise BadInput(f"{path}: is no readable workbook: {spoilt} is damaged: export it again")
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        return book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (BadZipFile, python_calamine.CalamineError, OSError, RuntimeError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise BadInput(f"{path}: is no readable workbook: {reason}: export it again, or as CSV") from None


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if not isinstance(cell, timedelta) else str(cell.total_seconds())


def _broken(row: list[Any]) -> str | None:
    for cell in row:
        if isinstance(cell, int | float) and abs(cell) >= _EXACT:
            return (
                f"holds the number {cell:.0f}, which lost digits: format the column as text and export again"
            )
    return None
