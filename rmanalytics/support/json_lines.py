"""JSON lines as batches of text, numbers digit by digit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from rmanalytics.errors import BadInput
from rmanalytics.support.table_model import CHUNK, MOST_COLUMNS, Table, batch, height
from rmanalytics.support.text_files import open_text, recognise

_BROKEN = "is not a JSON object"


def open_table(path: Path) -> Table:
    """Return the file ready to be read, its columns the keys of all lines; raise BadInput for what is none."""
    encoding, notes = recognise(path)
    names: dict[str, None] = {}
    n_rows = 0
    with open_text(path, encoding) as file:
        while lines := list(islice(file, CHUNK)):
            if not n_rows:
                _refuse_array(path, lines)
            n_rows += sum(1 for line in lines if line.strip())
            for record in map(_record, lines):
                names.update(dict.fromkeys(record or ()))
            if len(names) > MOST_COLUMNS:
                raise BadInput(f"{path}: has more than {MOST_COLUMNS:,} keys: at most that many can be read")
    if not n_rows:
        raise BadInput(f"{path}: has no rows: write one object per line")
    if not names:
        raise BadInput(f"{path}: line 1: {_BROKEN}: write one object per line")
    return Table(
        path=path,
        columns=tuple(name.strip() for name in names),
        rows=lambda: _rows(path, encoding, tuple(names)),
        notes=notes,
    )


def _refuse_array(path: Path, lines: Iterable[str]) -> None:
    number, text = next(((n, line.strip()) for n, line in enumerate(lines, 1) if line.strip()), (1, ""))
    if text.startswith("["):
        raise BadInput(f"{path}: line {number}: is a JSON array: write one object per line")


def _rows(path: Path, encoding: str, names: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    first, most = 1, height(len(names))
    with open_text(path, encoding) as file:
        while lines := list(islice(file, most)):
            kept = [(n, _record(line)) for n, line in enumerate(lines, first) if line.strip()]
            broken = [None if record is not None else _BROKEN for _, record in kept]
            texts = [[_text((record or {}).get(name)) for _, record in kept] for name in names]
            yield batch([n for n, _ in kept], texts, broken)
            first += len(lines)


def _record(line: str) -> dict[str, Any] | None:
    """Return the line's object with its numbers as they are written, None when it holds no object."""
    try:
        record = orjson.loads(line)
        if isinstance(record, dict) and {float, list, dict} & set(map(type, record.values())):
            record = json.loads(line, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
