"""Template and message files: CSV, XLSX, JSON lines and Parquet; ids stay text."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from rmanalytics.dlt import xlsx
from rmanalytics.dlt.registry import Registry
from rmanalytics.dlt.template import Category, Template
from rmanalytics.errors import BadInput
from rmanalytics.support import columns

ALIASES = {
    "template_id": ("dlt_template_id", "dlt_te_id", "te_id", "tempid", "dlt_id", "templateid"),
    "content": ("template_content", "template", "template_message", "message", "text", "body"),
    "header": ("headers", "sender", "sender_id", "senderid", "header_name", "source", "cli"),
    "entity_id": ("pe_id", "peid", "entityid", "principal_entity_id"),
    "category": ("template_type", "type", "communication_type", "template_category"),
    "variable_tags": ("tags", "variable_types", "variables"),
    "status": ("template_status", "approval_status"),
    "links": ("whitelisted_links", "cta", "urls", "links_whitelisted"),
}
"""Names that exports use for our columns, compared without case, spaces and punctuation."""

CATEGORIES = {
    "p": Category.PROMOTIONAL,
    "t": Category.TRANSACTIONAL,
    "si": Category.SERVICE_IMPLICIT,
    "se": Category.SERVICE_EXPLICIT,
    "g": Category.GOVERNMENT,
    "implicit": Category.SERVICE_IMPLICIT,
    "explicit": Category.SERVICE_EXPLICIT,
    **{category.value: category for category in Category},
}


def read_templates(path: Path, columns: Mapping[str, str] | None = None) -> Registry:
    """Return the registry of a file; `columns` maps our names to the file's, others are recognised by name.

    Raises BadInput naming file, line, field and fix.
    """
    names, rows = named_rows(path, columns)
    return Registry.of(template_of(row, names, f"{path}:{line}", line) for line, row in rows)


def named_rows(
    path: Path, given: Mapping[str, str] | None = None
) -> tuple[dict[str, str], list[tuple[int, Mapping[str, Any]]]]:
    """Return the file's name of each of our columns, and the rows with their lines.

    Raises BadInput when the file cannot be read, is empty or misses a column.
    """
    rows = list(_rows(path))
    if not rows:
        raise BadInput(f"{path}: no templates in it: it needs the columns template_id and content")
    return _names(rows[0][1], given or {}, path), rows


def read_messages(path: Path, columns: Mapping[str, str] | None = None) -> pa.Table:
    """Return the messages of a CSV, XLSX, JSONL or Parquet file, all columns text except times of Parquet.

    Raises BadInput naming file and fix, also when there is no column `body`.
    """
    table = _table(path)
    table = table.rename_columns({theirs: ours for ours, theirs in (columns or {}).items()})
    if missing := [name for name in ("body", "template_id") if name not in table.column_names]:
        have = ", ".join(table.column_names)
        raise BadInput(f"{path}: no column {', '.join(missing)} (it has {have}): rename it, or map it")
    return table


def _names(row: Mapping[str, Any], given: Mapping[str, str], path: Path) -> dict[str, str]:
    """Return the file's name of each of our columns that it has."""
    try:
        return columns.recognise(list(row), ALIASES, given, required=("template_id", "content"))
    except BadInput as error:
        raise BadInput(f"{path}:1: {error}") from None


def template_of(row: Mapping[str, Any], names: Mapping[str, str], place: str, line: int) -> Template:
    """Return the template of a row; raise BadInput, beginning with `place`, when it is none."""

    def text(name: str) -> str:
        return _as_text(row.get(names.get(name, "")))

    template_id = text("template_id").strip().strip("'\"`")
    if not re.fullmatch(r"[0-9A-Za-z_-]+", template_id):
        fix = "write its digits, with the column formatted as text"
        raise BadInput(f"{place}: template_id {template_id!r} is no id: {fix}")
    if not text("content"):
        raise BadInput(f"{place}: content is empty: give the registered text")
    return Template(
        template_id=template_id,
        content=text("content"),
        headers=tuple(part for part in re.split(r"[\s,;|]+", text("header")) if part),
        entity_id=text("entity_id").strip() or None,
        category=CATEGORIES.get(_plain(text("category"))),
        variable_tags=tuple(tag.strip("{}#") for tag in _list(row.get(names.get("variable_tags", "")))),
        status=text("status").strip() or None,
        links=_list(row.get(names.get("links", ""))),
        line=line,
    )


def _list(value: Any) -> tuple[str, ...]:
    """Return a JSON list, or text separated by commas, as names."""
    if isinstance(value, list | tuple):
        return tuple(map(str, value))
    text = _as_text(value).strip()
    if text.startswith("["):
        try:
            return tuple(map(str, json.loads(text)))
        except (json.JSONDecodeError, TypeError):
            text = text.strip("[]")
    return tuple(part for part in re.split(r"[\s,;|]+", text) if part)


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield each row with its line in the file."""
    if path.suffix.lower() == ".xlsx":
        yield from _headed(xlsx.rows(path))
    elif path.suffix.lower() in {".jsonl", ".ndjson", ".json"}:
        yield from _json_lines(path)
    elif path.suffix.lower() == ".parquet":
        yield from enumerate(_table(path).to_pylist(), 1)
    else:
        yield from _csv_rows(path)


def _csv_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            for row in reader:
                if None in row:
                    fix = "put quotes around text that holds a comma"
                    raise BadInput(f"{path}:{reader.line_num}: more fields than columns: {fix}")
                yield reader.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path}: {_why(error)}: it must be a readable CSV file in UTF-8") from None


def _headed(rows: Iterable[list[str]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    names: list[str] | None = None
    for line, row in enumerate(rows, 1):
        if names is None:
            names = row
        elif any(row):
            yield line, dict(zip(names, row + [""] * (len(names) - len(row)), strict=False))


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise BadInput(f"{path}: {_why(error)}") from None
    for line, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            row = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise BadInput(f"{path}:{line}: no JSON ({error}): one object a line") from None
        if not isinstance(row, dict):
            raise BadInput(f"{path}:{line}: no JSON object: one object a line")
        yield line, row


def _table(path: Path) -> pa.Table:
    suffix = path.suffix.lower()
    try:
        if suffix == ".parquet":
            return pyarrow.parquet.read_table(path)
        if suffix in {".jsonl", ".ndjson", ".json", ".xlsx"}:
            return _text_table([row for _, row in _rows(path)])
        return _csv_table(path)
    except (OSError, UnicodeDecodeError, pa.ArrowInvalid) as error:
        raise BadInput(
            f"{path}: {_why(error)}: it must be a readable CSV (UTF-8), JSONL or Parquet file"
        ) from None


def _csv_table(path: Path) -> pa.Table:
    with path.open("rb") as lines:
        header = lines.readline().decode("utf-8-sig").rstrip("\r\n")
    names = next(csv.reader([header]), [])
    return pyarrow.csv.read_csv(
        path,
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )


def _text_table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {
        name: [None if row.get(name) is None else _as_text(row[name]) for row in rows] for name in names
    }
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return (
        value
        if isinstance(value, str)
        else orjson.dumps(value).decode()
        if isinstance(value, list | dict)
        else str(value)
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _why(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error).splitlines()[0]
