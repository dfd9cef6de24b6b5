"""The forms in which one and the same table reaches us; each writes it and says its file's name."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyarrow as pa
import pyarrow.parquet as pq
from support import workbooks

Rows = Sequence[dict[str, str]]


def text(rows: Rows, *, delimiter: str = ",", end: str = "\n", quoting: Any = csv.QUOTE_MINIMAL) -> str:
    """Return the rows as CSV."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(rows[0])
    writer.writerows(row.values() for row in rows)
    return file.getvalue()


def _padded(rows: Rows) -> str:
    names, _, rest = text(rows).partition("\n")
    return ",".join(f" {name.upper()} " for name in names.split(",")) + "\n" + rest


def _every_line(rows: Rows, change: Callable[[str], str]) -> str:
    return "".join(change(line) + "\n" for line in text(rows).splitlines())


def _csv(change: Callable[[Rows], str], encoding: str = "utf-8") -> Callable[[Path, Rows], Path]:
    def write(folder: Path, rows: Rows) -> Path:
        path = folder / "table.csv"
        path.write_bytes(change(rows).encode(encoding))
        return path

    return write


def _jsonl(folder: Path, rows: Rows) -> Path:
    path = folder / "table.jsonl"
    path.write_text("".join(json.dumps(row) + "\n\n" for row in rows))
    return path


def _parquet(folder: Path, rows: Rows) -> Path:
    path = folder / "table.parquet"
    pq.write_table(pa.Table.from_pylist(list(rows)), path)
    return path


def _packed_parquet(folder: Path, rows: Rows) -> Path:
    path = folder / "table.parquet"
    table = pa.Table.from_pylist(list(rows))
    kinds = [pa.binary(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]
    schema = pa.schema([(name, kinds[n % 3]) for n, name in enumerate(table.column_names)])
    pq.write_table(table.cast(schema), path)
    return path


def _placeless_xlsx(folder: Path, rows: Rows) -> Path:
    path = _xlsx(folder, rows)
    with ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with ZipFile(path, "w") as book:
        for name, data in parts.items():
            book.writestr(name, re.sub(rb'(<(?:c|row)) r="\w+"', rb"\1", data))
    return path


def _xlsx(folder: Path, rows: Rows) -> Path:
    path = folder / "table.xlsx"
    sheet = [list(rows[0]), *(list(row.values()) for row in rows)]
    workbooks.write(path, {"Export": sheet, "Notes": [["nothing", "of", "use"]]})
    return path


FORMS: dict[str, Callable[[Path, Rows], Path]] = {
    "LF": _csv(text),
    "CRLF": _csv(lambda rows: text(rows, end="\r\n")),
    "CR": _csv(lambda rows: text(rows, end="\r")),
    "mixed line ends": _csv(lambda rows: text(rows, end="\r\n").replace("\r\n", "\n", 2)),
    "no end of the last line": _csv(lambda rows: text(rows, end="\r\n").rstrip()),
    "a mark": _csv(text, "utf-8-sig"),
    "UTF-16 with a mark": _csv(lambda rows: text(rows, delimiter="\t", end="\r\n"), "utf-16"),
    "UTF-16 without a mark": _csv(text, "utf-16-le"),
    "UTF-16, high byte first": _csv(lambda rows: "\ufeff" + text(rows), "utf-16-be"),
    "UTF-32": _csv(text, "utf-32"),
    "UTF-32 without a mark": _csv(text, "utf-32-le"),
    "UTF-32, high byte first": _csv(lambda rows: "\ufeff" + text(rows), "utf-32-be"),
    "semicolons": _csv(lambda rows: text(rows, delimiter=";", end="\r\n")),
    "tabs": _csv(lambda rows: text(rows, delimiter="\t")),
    "pipes": _csv(lambda rows: text(rows, delimiter="|")),
    "all in quotes": _csv(lambda rows: text(rows, end="\r\n", quoting=csv.QUOTE_ALL)),
    "blank lines": _csv(lambda rows: "\n\n" + text(rows).replace("\n", "\n\n", 2) + "\n\n"),
    "Excel's sep line": _csv(lambda rows: "sep=;\r\n" + text(rows, delimiter=";", end="\r\n")),
    "empty cells at the end": _csv(lambda rows: _every_line(rows, lambda line: line + ",,")),
    "empty rows at the end": _csv(lambda rows: text(rows) + "," * (len(rows[0]) - 1) + "\n"),
    "upper case and blanks in names": _csv(_padded),
    "JSON lines": _jsonl,
    "Parquet": _parquet,
    "Parquet of bytes and dictionaries": _packed_parquet,
    "a workbook": _xlsx,
    "a workbook whose cells have no place": _placeless_xlsx,
}
"""Rows must have no line breaks: these are the forms of the file, not of its fields."""
