"""Which sheets a workbook has, which of them people see, and which hold anything: before one is read as cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import python_calamine

from rmanalytics.errors import BadInput
from rmanalytics.support.workbook_size import pieces
from rmanalytics.support.workbook_values import part

_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_FILLED = re.compile(rb"<(?:\w+:)?(?:v|f|is)[\s/>]")
_END = re.compile(rb"</(?:\w+:)?sheetData>")
_ENOUGH = 2
"""Rows of a table: its names and one more; a cover sheet may well have but a title."""

_LISTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet of cells; `n_rows` that hold anything are counted up to two."""

    name: str
    is_visible: bool
    n_rows: int


def sheets(path: Path, book: Any) -> list[Sheet]:
    """Return the sheets in their order, without charts and macros."""
    found = [one for one in book.sheets_metadata if one.typ == python_calamine.SheetTypeEnum.WorkSheet]
    with ZipFile(path) as archive:
        return [
            Sheet(
                name=one.name,
                is_visible=one.visible == python_calamine.SheetVisibleEnum.Visible,
                n_rows=_n_rows(archive, one.name),
            )
            for one in found
        ]


def chosen(path: Path, found: Sequence[Sheet], name: str | None, option: str) -> Sheet:
    """Return the sheet of that name, or the first visible one that holds a table; raise BadInput where none does."""
    if name is not None:
        return _named(path, found, name)
    for least in (_ENOUGH, 1):
        for one in found:
            if one.is_visible and one.n_rows >= least:
                return one
    if hidden := [one for one in found if one.n_rows]:
        raise BadInput(
            f"{path}: only hidden sheets have rows ({listed(hidden)}): unhide the one to read, or name it with {option}"
        )
    which = (
        f"sheet {found[0].name}: has no rows" if len(found) == 1 else f"no sheet has rows ({listed(found)})"
    )
    raise BadInput(f"{path}: {which}")


def _named(path: Path, found: Sequence[Sheet], name: str) -> Sheet:
    if of_that_name := [one for one in found if one.name == name]:
        return of_that_name[0]
    raise BadInput(f"{path}: has no sheet {name}: it has {listed(found)}")


def note(found: Sequence[Sheet], read: Sheet, option: str) -> str:
    """Return which sheet is read and which ones are not; empty where no other one holds or could hold the table."""
    place = found.index(read)
    rest = [one for one in found if one is not read and one.n_rows]
    parts = {
        "not read": [one for one in rest if one.is_visible],
        "hidden": [one for one in rest if not one.is_visible],
        "empty": [one for one in found[:place] if one.is_visible and not one.n_rows],
    }
    said = [f"{what}: {listed(some)}" for what, some in parts.items() if some]
    what = f"read sheet {read.name} ({place + 1} of {len(found)}); {'; '.join(said)}"
    return f"{what}; {option} reads another" if rest else what if said else ""


def listed(found: Sequence[Sheet]) -> str:
    """Return the names of the first sheets, and how many more there are."""
    more = f" and {len(found) - _LISTED:,} more" if len(found) > _LISTED else ""
    return ", ".join(one.name for one in found[:_LISTED]) + more


def _n_rows(archive: ZipFile, name: str) -> int:
    """Return how many rows of a sheet hold anything, two for more; also where the workbook does not say."""
    if (where := part(archive, name)) is None:
        return _ENOUGH
    n_rows, is_counted = 0, False
    with archive.open(where) as file:
        for data in pieces(file):
            cells, *after = _END.split(data, 1)
            for n, row in enumerate(_ROW.split(cells)):
                is_counted = is_counted and not n  # the piece begins inside of a row
                if not is_counted and _FILLED.search(row):
                    n_rows, is_counted = n_rows + 1, True
            if after or n_rows >= _ENOUGH:
                break
    return min(n_rows, _ENOUGH)
