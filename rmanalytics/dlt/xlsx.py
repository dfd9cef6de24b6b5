"""The first sheet of an XLSX workbook as rows of text: enough for a registry's export, with no dependency."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from rmanalytics.errors import BadInput

_MOST_BYTES = 256 << 20
_MOST_COLUMNS = 1 << 14
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)


def rows(path: Path) -> Iterator[list[str]]:
    """Yield the rows of the first sheet, empty cells as empty text.

    Raises BadInput when it is no workbook, or when a long id was kept as a number and lost digits.
    """
    try:
        with ZipFile(path) as book:
            shared = _shared(book) if "xl/sharedStrings.xml" in book.namelist() else []
            sheet = _parsed(book, _first_sheet(book))
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}") from None
    except (BadZipFile, KeyError, EOFError, RuntimeError, zlib.error, ElementTree.ParseError) as error:
        raise BadInput(f"{path}: not readable as XLSX ({error}): export it again, or as CSV") from None
    for row in _named(sheet, "row"):
        yield _cells(row, shared, path)


def _cells(row: ElementTree.Element, shared: list[str], path: Path) -> list[str]:
    found: list[str] = []
    for cell in _named(row, "c"):
        place = cell.get("r", "")
        if _column(place) >= _MOST_COLUMNS:
            raise BadInput(f"{path}:{place}: no workbook has such a column: export it again, or as CSV")
        found += [""] * (_column(place) - len(found) if place else 0)
        found.append(_value(cell, shared, f"{path}:{place}"))
    return found


def _value(cell: ElementTree.Element, shared: list[str], place: str) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell)
    value = next((found.text or "" for found in _named(cell, "v")), "")
    if kind == "s":
        if value and not (value.isdecimal() and int(value) < len(shared)):
            raise BadInput(f"{place}: its text is not in the workbook: export it again, or as CSV")
        return shared[int(value)] if value else ""
    if kind == "n" and (_SCIENTIFIC.fullmatch(value) or len(value.strip("-")) > 15):
        raise BadInput(
            f"{place}: {value} is a number that has lost digits: format the column as text and export again"
        )
    return value


def _column(place: str) -> int:
    number = 0
    for letter in re.match("[A-Z]*", place)[0]:  # type: ignore[index]
        number = number * 26 + ord(letter) - 64
    return number - 1


def _shared(book: ZipFile) -> list[str]:
    return [_text(item) for item in _named(_parsed(book, "xl/sharedStrings.xml"), "si")]


def _first_sheet(book: ZipFile) -> str:
    sheets = [name for name in book.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]
    return min(sheets, key=lambda name: (len(name), name), default="xl/worksheets/sheet1.xml")


def _parsed(book: ZipFile, name: str) -> ElementTree.Element:
    if book.getinfo(name).file_size > _MOST_BYTES:
        raise BadZipFile(f"{name} is too large")
    return ElementTree.fromstring(book.read(name))  # noqa: S314 (expat itself limits entity expansion)


def _named(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (found for found in element.iter() if found.tag.rpartition("}")[2] == name)


def _text(element: ElementTree.Element) -> str:
    return "".join(found.text or "" for found in _named(element, "t"))
