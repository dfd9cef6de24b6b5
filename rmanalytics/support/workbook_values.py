"""Cells of a sheet that show something else than what a reader gets: formulas without their value, and errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import join, normpath
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

from rmanalytics.support.workbook_size import pieces

_BOOK, _RELATED = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_MOST_BYTES = 4 << 20
"""Of the parts that list the sheets; they have some hundred bytes for each."""

_CELL = re.compile(rb"<(?:\w+:)?c(?=\s)")
_CELL_END = re.compile(rb"</(?:\w+:)?c>")
_PLACE = re.compile(rb"\sr\s*=\s*[\"']([A-Z]{1,3}([0-9]{1,9}))[\"']")
_TYPE = re.compile(rb"\st\s*=\s*[\"'](\w+)[\"']")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)|<(?:\w+:)?v\s*/>")
_ROW = re.compile(rb"<(?:\w+:)?row\s(?:[^>]*?\s)?r\s*=\s*[\"']([0-9]{1,7})[\"']")
_MOST_ROWS = 1 << 20
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SIGNS = (b"<f", b":f", b'"e"', b"'e'")
_TEXT, _ERROR = b"str", b"e"


def faults(path: Path, sheet: str) -> dict[int, str]:
    """Return the rows of a sheet that hold such a cell, each with what is wrong with the first one.

    So are rows that the sheet has twice: of two cells in one place a reader sees the last.
    """
    found: dict[int, str] = {}
    seen = bytearray(_MOST_ROWS + 1)
    with ZipFile(path) as archive:
        where = part(archive, sheet)
        if where is None:
            return found
        with archive.open(where) as file:
            for data in pieces(file):
                if b"row" in data:
                    _add_twice(found, data, seen)
                if any(sign in data for sign in _SIGNS):
                    _add(found, data)
    return found


def _add_twice(found: dict[int, str], data: bytes, seen: bytearray) -> None:
    for row in map(int, _ROW.findall(data)):
        if row <= _MOST_ROWS and seen[row]:
            found[row] = "is in the sheet twice: remove one of the rows, or save the workbook in Excel"
        seen[min(row, _MOST_ROWS)] = 1


class Decoded:
    """A sheet whose texts have their `_xHHHH_` decoded, each the number of a character."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self.name, self.start = sheet.name, sheet.start

    def iter_rows(self) -> Iterator[list[Any]]:
        """Yield the rows."""
        for row in self._sheet.iter_rows():
            yield [decoded(cell) if isinstance(cell, str) and "_x" in cell else cell for cell in row]


def decoded(text: str) -> str:
    """Return a text with its escapes decoded.

    >>> decoded("_x20B9_5 _xD83D__xDE00_ _x41_")
    '₹5 😀 _x41_'
    """
    signs = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return signs.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _add(found: dict[int, str], data: bytes) -> None:
    for cell in _CELL.split(data)[1:]:
        attributes, _, rest = cell.partition(b">")
        if attributes.endswith(b"/") or not any(sign in cell for sign in _SIGNS):
            continue
        content = _CELL_END.split(rest, 1)[0]
        if (fault := _fault(attributes, content)) and (place := _PLACE.search(attributes)):
            found.setdefault(int(place[2]), f"cell {place[1].decode()} {fault}")


def _fault(attributes: bytes, content: bytes) -> str | None:
    """Return what is wrong with a cell; a formula may well give an empty text."""
    kind, value = _TYPE.search(attributes), _VALUE.search(content)
    if kind and kind[1] == _ERROR:
        word = ((value and value[1]) or b"").decode(errors="replace")[:20]
        return f"holds the error {word}: correct its formula or empty it".replace("  ", " ")
    is_shown = value is not None and bool(value[1] or (kind and kind[1] == _TEXT))
    if _FORMULA.search(content) and not is_shown:
        return "holds a formula without its value: open and save the workbook in Excel"
    return None


def part(archive: ZipFile, sheet: str) -> str | None:
    """Return the part that holds the sheet of that name; None where the workbook does not say."""
    names = set(archive.namelist())
    parts = (_BOOK, _RELATED)
    if not names.issuperset(parts) or any(archive.getinfo(one).file_size > _MOST_BYTES for one in parts):
        return None
    book, related = (ElementTree.fromstring(archive.read(one)) for one in parts)  # noqa: S314 expat bounds entities
    ids = [
        next((value for key, value in one.attrib.items() if key.endswith("}id")), "")
        for one in book.iter()
        if one.tag.endswith("}sheet") and one.get("name") == sheet
    ]
    targets = {one.get("Id"): one.get("Target", "") for one in related}
    found = normpath(join("/xl", targets.get(next(iter(ids), ""), ""))).lstrip("/")
    return found if found in names else None
