"""What the sheets of a workbook would take in memory, from its parts as text: before anything is read as cells.

A sheet is held whole: the rectangle that it spans, empty cells too, and each text as often as cells show it.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import IO
from zipfile import ZipFile

from rmanalytics.errors import BadInput

MOST_BYTES = 1 << 30
"""Unpacked size beyond which a workbook is refused; a full sheet of messages has half of it."""

MOST_MEMORY = 1_200_000_000
"""What a sheet may take: 1,048,576 rows of six columns take 1 GB, or 20 million cells that are mostly empty."""

_WIDEST = 16_384
_SPANNED, _FILLED, _MARKUP, _COPIES = 32, 80, 60, 3
"""Bytes of a cell of the rectangle, of one that is not empty, and of the tags of one; a text in it is held thrice."""

_PIECE = 1 << 20
_LONGEST_RUN = 4 << 20
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_REFERENCE = re.compile(rb"[<:]c\s(?:[^>]*?\s)?r\s*=\s*[\"']([A-Z]+)([0-9]+)[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_ROW_NUMBER = re.compile(rb"<(?:\w+:)?row\s(?:[^>]*?\s)?r\s*=\s*[\"']([0-9]+)[\"']")
_CELLS = (b"<c ", b"<c>", b"<c/", b":c ", b":c>", b":c/", b"<c\n", b"<c\r", b"<c\t")
_SHARED = (b't="s"', b"t='s'")
"""Counted faster than found, and never too few as writers write them."""

_SHARED_PLACE = re.compile(rb"\st\s*=\s*[\"']s[\"'][^>]*>\s*<(?:\w+:)?v>\s*([0-9]{1,9})\s*<")
_ESCAPE = re.compile(rb"_x(?!00)[0-9A-Fa-f]{4}_")
_LITERAL = re.compile(rb"_x005[Ff]_x(?!00)[0-9A-Fa-f]{4}_")
"""A character by its number, and a text that looks like one; the reader knows only those that begin with 00."""

_TEXT_END = re.compile(rb"</(?:\w+:)?si>|<(?:\w+:)?si\s*/>")


@dataclass(slots=True, kw_only=True)
class _PartSize:
    """What a part of the workbook holds, whether it is a sheet, the shared texts or anything else.

    `widest` and `tallest` are of cells with a reference; the others lie behind those of their row, in rows that may
    have no number either.
    """

    n_bytes: int = 0
    n_cells: int = 0
    n_shared: int = 0
    widest: int = 0
    tallest: int = 0
    n_placeless: int = 0
    most_placeless: int = 0
    last_row: int = 0
    n_numberless: int = 0
    is_escaped: bool = False
    is_literal: bool = False
    texts: array[int] = field(default_factory=lambda: array("Q"))
    _n_in_row: int = 0
    _n_in_text: int = 0

    def add(self, data: bytes) -> None:
        """Take in the next bytes, cut in front of a tag."""
        self.n_bytes += len(data)
        if b"_x" in data:
            self.is_escaped = self.is_escaped or _ESCAPE.search(data) is not None
            self.is_literal = self.is_literal or _LITERAL.search(data) is not None
        n_cells, places = sum(map(data.count, _CELLS)), _REFERENCE.findall(data)
        self.n_cells += n_cells
        self.n_shared += sum(map(data.count, _SHARED))
        self.widest = max([self.widest, *map(_number, {letters for letters, _ in places})])
        self.tallest = max([self.tallest, *map(_row, {row for _, row in places})])
        if n_cells > len(places):
            self._add_placeless(data)
        elif b"row" in data:
            self._n_in_row = 0
        if b"si>" in data or self._n_in_text:
            self._add_texts(data)

    def _add_placeless(self, data: bytes) -> None:
        numbers = list(map(_row, _ROW_NUMBER.findall(data)))
        self.last_row = max([self.last_row, *numbers])
        rows = _ROW.split(data)
        self.n_numberless += len(rows) - 1 - len(numbers)
        for n, row in enumerate(rows):
            found = len(_CELL.findall(row)) - len(_REFERENCE.findall(row))
            self.n_placeless += found
            self._n_in_row = found if n else self._n_in_row + found
            self.most_placeless = max(self.most_placeless, self._n_in_row)

    def _add_texts(self, data: bytes) -> None:
        *ended, rest = _TEXT_END.split(data)
        for text in ended:
            self.texts.append(self._n_in_text + len(text))
            self._n_in_text = 0
        self._n_in_text += len(rest)

    @property
    def n_columns(self) -> int:
        """Columns that the sheet spans at most."""
        return self.widest + self.most_placeless

    @property
    def n_rows(self) -> int:
        """Rows that the sheet spans at most."""
        return max(self.tallest, self.last_row) + self.n_numberless if self.n_placeless else self.tallest

    @property
    def memory(self) -> int:
        """Bytes that the sheet takes, shared texts apart; 0 for a part that is none."""
        spanned, filled = self.n_columns * self.n_rows * _SPANNED, self.n_cells * _FILLED
        texts = max(0, self.n_bytes - self.n_cells * _MARKUP) * _COPIES
        return spanned + filled + texts if self.n_cells else 0


def refuse_absurd(path: Path) -> bool:
    """Unpack every part without keeping it; raise BadInput for a sheet that would not fit into memory.

    Returns whether texts hold `_xHHHH_` that is to be decoded: where Excel writes such a text as it is, none is.
    """
    with ZipFile(path) as archive:
        if (said := sum(entry.file_size for entry in archive.infolist())) > MOST_BYTES:
            raise BadInput(f"{path}: unpacks to {said:,} bytes: export it as CSV")
        parts = {}
        for entry in archive.infolist():  # a sheet may lie in any part, and so may the shared texts
            with archive.open(entry) as file:
                parts[entry] = part = _PartSize()
                for data in pieces(file):
                    part.add(data)
            _refuse_wide(path, part)
        texts = list(map(max, zip_longest(*(part.texts for part in parts.values()), fillvalue=0)))
        n_text_bytes, longest = sum(texts), max(texts, default=0)
        for entry, part in parts.items():
            size = part.memory + n_text_bytes
            if size + part.n_shared * longest > MOST_MEMORY:
                with archive.open(entry) as file:
                    size += _shared_bytes(file, part.n_shared, texts)
            if size > MOST_MEMORY:
                raise BadInput(
                    f"{path}: a sheet takes {size:,} bytes of memory, at most {MOST_MEMORY:,} are read: "
                    "export it as CSV"
                )
    return any(part.is_escaped for part in parts.values()) and not any(
        part.is_literal for part in parts.values()
    )


def _refuse_wide(path: Path, part: _PartSize) -> None:
    if part.n_columns > _WIDEST or part.n_columns * part.n_rows * _SPANNED > MOST_MEMORY:
        raise BadInput(
            f"{path}: a sheet spans {part.n_columns:,} columns and {part.n_rows:,} rows: "
            "remove cells far from the table, or export it as CSV"
        )


def _shared_bytes(file: IO[bytes], n_shared: int, texts: Sequence[int]) -> int:
    """Return the size of all shared texts of a sheet, each as often as it is shown; unclear ones as the longest."""
    size = n_found = 0
    for data in pieces(file):
        found = list(map(int, _SHARED_PLACE.findall(data)))
        n_found += len(found)
        size += sum(texts[place] for place in found if place < len(texts))
    return size + (n_shared - n_found) * max(texts, default=0)


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the bytes in pieces that end in front of a cell or another tag, or inside of a very long text."""
    rest = b""
    while piece := file.read(_PIECE):
        data = rest + piece
        cut = max(data.rfind(b"<c", -_PIECE), 0) or max(data.rfind(b"<", -_PIECE), 0)
        cut = cut or (len(data) if len(data) > _LONGEST_RUN else 0)
        yield data[:cut]
        rest = data[cut:]
    yield rest


def _number(letters: bytes) -> int:
    """Return the number of a column from 1."""
    number = 0
    for letter in letters[:6]:
        number = number * 26 + letter - 64
    return number


def _row(digits: bytes) -> int:
    return int(digits[:9])
