"""Export files as a DuckDB query: a row per row of the file, all of it text, with its place in the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb
import orjson

from rmanalytics.errors import BadInput
from rmanalytics.support import workbook

LONGEST_LINE = 4 << 20
_DELIMITERS = ",;\t|"
_BOMS = {b"\xff\xfe": "utf-16", b"\xef\xbb\xbf": "utf-8"}
_HEAD = 1 << 20
_SAMPLED_LINES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that can be read: its columns in order, and the query that gives `n` and `c0`, `c1`, … as text.

    `n` counts rows from 1; `first_line` is the line of the first. `decimals` are columns of floating numbers.
    """

    path: Path
    columns: tuple[str, ...]
    query: str
    first_line: int = 2
    decimals: frozenset[str] = frozenset()

    def place(self, column: str) -> str:
        """Return the query's name of a column."""
        return f"c{self.columns.index(column)}"


def open_source(connection: duckdb.DuckDBPyConnection, path: Path) -> Source:
    """Return the file ready to be queried on the connection; raise BadInput naming file and fix."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        found = path.suffix or "no extension"
        raise BadInput(f"{path}: has {found}: an export ends in {', '.join(_READERS)}")
    try:
        if path.stat().st_size == 0:
            raise BadInput(f"{path}: is empty")
        with path.open("rb"):
            pass
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from None
    source = reader(connection, path)
    if not any(source.columns):
        raise BadInput(f"{path}: line 1: names no columns")
    return source


def _csv(connection: duckdb.DuckDBPyConnection, path: Path) -> Source:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"\xfe\xff"):
        raise BadInput(f"{path}: is UTF-16 with the high byte first: save it as CSV UTF-8")
    if head.startswith((b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise BadInput(f"{path}: is no CSV: give it the extension of what it is")
    encoding = next((name for mark, name in _BOMS.items() if head.startswith(mark)), "utf-8")
    text = head.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace")
    delimiter, names = _header(text)
    columns = ", ".join(f"c{n}: 'VARCHAR'" for n in range(len(names)))
    options = (
        f"header = true, auto_detect = false, delim = {_quoted(delimiter)}, quote = '\"', escape = '\"', "
        f"new_line = {_new_line(text)}, store_rejects = true, rejects_limit = 0, encoding = '{encoding}', "
        f"max_line_size = {LONGEST_LINE}, strict_mode = true, nullstr = '', columns = {{{columns}}}"
    )
    query = f"SELECT row_number() OVER () AS n, * FROM read_csv({_quoted(str(path))}, {options})"
    return Source(path=path, columns=tuple(names), query=query)


def _header(text: str) -> tuple[str, list[str]]:
    """Return the delimiter that makes most columns of the first line, and their names."""
    splits = {d: next(csv.reader(io.StringIO(text), delimiter=d), []) for d in _DELIMITERS}
    delimiter = max(splits, key=lambda d: (len(splits[d]), -_DELIMITERS.index(d)))
    return delimiter, [name.strip() for name in splits[delimiter]]


def _new_line(text: str) -> str:
    first = text.partition("\n")[0]
    return (
        "'\\r\\n'"
        if first.endswith("\r")
        else "'\\n'"
        if "\n" in text
        else "'\\r'"
        if "\r" in text
        else "'\\n'"
    )


def _jsonl(connection: duckdb.DuckDBPyConnection, path: Path) -> Source:
    with path.open("rb") as file:
        lines = list(islice(file, _SAMPLED_LINES))
    if lines[0].lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"[":
        raise BadInput(f"{path}: line 1: is a JSON array: write one object a line")
    names = list(dict.fromkeys(key for line in lines for key in _keys(line)))
    if not names:
        raise BadInput(f"{path}: line 1: is no JSON object: write one object a line")
    fields = ", ".join(f"json ->> {_quoted(_pointer(name))} AS c{n}" for n, name in enumerate(names))
    query = (
        f"SELECT row_number() OVER () AS n, {fields}, "
        "CASE WHEN json IS NULL OR json_type(json) <> 'OBJECT' THEN 'is no JSON object' END AS broken "
        f"FROM read_ndjson_objects({_quoted(str(path))}, ignore_errors = true, maximum_object_size = {LONGEST_LINE})"
    )
    return Source(path=path, columns=tuple(names), query=query, first_line=1)


def _keys(line: bytes) -> Iterable[str]:
    try:
        record = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        return []
    return record if isinstance(record, dict) else []


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> Source:
    scan = f"read_parquet({_quoted(str(path))}, file_row_number = true)"
    try:
        described = connection.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {scan}").fetchall()
    except duckdb.Error as error:
        raise BadInput(f"{path}: is no readable Parquet file: {str(error).splitlines()[0]}") from None
    types = {name: kind for name, kind, *_ in described}
    fields = ", ".join(f"{_as_text(name, kind)} AS c{n}" for n, (name, kind) in enumerate(types.items()))
    return Source(
        path=path,
        columns=tuple(types),
        query=f"SELECT file_row_number + 1 AS n, {fields} FROM {scan}",
        first_line=1,
        decimals=frozenset(name for name, kind in types.items() if kind in {"FLOAT", "DOUBLE"}),
    )


def _as_text(name: str, kind: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP")):
        return f"to_json({column})::VARCHAR"
    return f"{column}::VARCHAR"


def _xlsx(connection: duckdb.DuckDBPyConnection, path: Path) -> Source:
    names, table = workbook.read(path)
    connection.register("workbook", table)
    return Source(path=path, columns=tuple(names), query="SELECT * FROM workbook")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_READERS: dict[str, Callable[[duckdb.DuckDBPyConnection, Path], Source]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".txt": _csv,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
}
