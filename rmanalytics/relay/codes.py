"""The table from a gateway's words and codes to CleverTap's codes: the user's own lines, then the shipped ones.

Columns: `field` (error_code or raw_status), `value`, `code`, `description`. An error code is believed before a
status word; what no line names is 900 with the gateway's own words. Source of the shipped lines: CleverTap's
table of codes, and the mapping of Route Mobile's in `data/reference/clevertap.md`, part 4.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from rmanalytics.errors import BadInput
from rmanalytics.support.ids import why_number
from rmanalytics.support.resources import text
from rmanalytics.support.tables import read_rows, refuse_twice

FIELDS = ("error_code", "raw_status")
COLUMNS = ("field", "value", "code", "description")


class CodeLine(NamedTuple):
    """A line of the table."""

    field: str
    value: str
    code: str
    description: str


def table(path: Path | None = None) -> list[CodeLine]:
    """Return a line per field and value, the user's before the shipped; raise BadInput naming the wrong line."""
    own = _read(path) if path else []
    known = {(code.field, code.value): code for code in (*_shipped(), *own)}
    return list(known.values())


def _read(path: Path) -> list[CodeLine]:
    rows = read_rows(path, COLUMNS, required=COLUMNS)
    codes = [_code(row, f"{path}: line {line}") for line, row in rows]
    named = [(line, f"{one.field} {one.value}", one[:2]) for (line, _), one in zip(rows, codes, strict=True)]
    refuse_twice(path, named)
    return codes


def _shipped() -> list[CodeLine]:
    rows = csv.DictReader(io.StringIO(text("rmanalytics.relay", "codes.csv")))
    return [_code(row, f"codes.csv: line {rows.line_num}") for row in rows]


def _code(row: Mapping[str, str | None], where: str) -> CodeLine:
    found = CodeLine(*((row[column] or "").strip() for column in COLUMNS))
    _check(found, where)
    return found._replace(value=found.value.upper()) if found.field == "raw_status" else found


def _check(code: CodeLine, where: str) -> None:
    if code.field not in FIELDS:
        raise BadInput(f"{where}: field {code.field!r}: write {' or '.join(FIELDS)}")
    if not code.value or not code.description:
        raise BadInput(f"{where}: value and description are required: fill them in")
    if reason := why_number(code.value):
        raise BadInput(f"{where}: value {code.value} {reason}")
    if not (code.code.isascii() and code.code.isdigit()):
        raise BadInput(f"{where}: code {code.code!r}: write one of CleverTap's numbers, such as 900")
