"""The table from a gateway's words and codes to CleverTap's codes: the user's own lines, then the shipped ones.

Columns: `field` (error_code or raw_status), `value`, `code`, `description`. An error code is believed before a
status word; what no line names is 900 with the gateway's own words. Source of the shipped lines: CleverTap's
table of codes, and the mapping of Route Mobile's in `data/reference/clevertap.md`, part 4.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from rmanalytics.errors import BadInput

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
    try:
        return list(_parsed(path.read_text(encoding="utf-8-sig"), str(path)))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is no UTF-8"
        raise BadInput(f"{path}: {reason}: give a CSV with columns {', '.join(COLUMNS)}") from None


def _shipped() -> list[CodeLine]:
    return list(_parsed((resources.files(__package__) / "codes.csv").read_text(), "codes.csv"))


def _parsed(text: str, name: str) -> Iterator[CodeLine]:
    reader = csv.DictReader(io.StringIO(text))
    if missing := set(COLUMNS) - set(reader.fieldnames or ()):
        raise BadInput(f"{name}: line 1: no column {', '.join(sorted(missing))}: add it")
    for row in reader:
        values = [(row[column] or "").strip() for column in COLUMNS]
        found = CodeLine(*values)
        _check(found, f"{name}: line {reader.line_num}")
        yield found._replace(value=found.value.upper()) if found.field == "raw_status" else found


def _check(code: CodeLine, where: str) -> None:
    if code.field not in FIELDS:
        raise BadInput(f"{where}: field {code.field!r}: write {' or '.join(FIELDS)}")
    if not code.value or not code.description:
        raise BadInput(f"{where}: value and description are needed: fill them in")
    if not (code.code.isascii() and code.code.isdigit()):
        raise BadInput(f"{where}: code {code.code!r}: write one of CleverTap's numbers, such as 900")
