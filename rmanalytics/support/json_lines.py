"""JSON lines as batches of text, numbers digit by digit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from rmanalytics.errors import BadInput
from rmanalytics.support.table_model import (
    CHUNK,
    MOST_COLUMNS,
    NONE,
    Table,
    batch,
    height,
    no_id,
    no_id_at_all,
)
from rmanalytics.support.text_files import open_text, recognise

_BROKEN = "is not a JSON object"
_NO_NUMBER = re.compile(r"-?(NaN|Infinity)\b")
_has_fraction = re.compile(r"-?[0-9]+(?:\.0*[1-9][0-9]*|(?:\.[0-9]+)?[eE][+-]?[0-9]+)").fullmatch
"""Of an exponent too: 1E18 would be read as an id."""
_KEY_END = re.compile(r'"\s*:')


def open_table(path: Path) -> Table:
    """Return the file ready to be read, its columns the keys of all lines; raise BadInput for what is none."""
    encoding, notes = recognise(path)
    names: dict[str, None] = {}
    n_rows, first = 0, None
    with open_text(path, encoding) as file:
        while lines := list(islice(file, CHUNK)):
            if not n_rows:
                _refuse_array(path, lines)
            n_rows += sum(1 for line in lines if line.strip())
            for record in map(_record, lines):
                names.update(dict.fromkeys(record or ()))
                first = record if first is None else first
            if len(names) > MOST_COLUMNS:
                raise BadInput(f"{path}: has more than {MOST_COLUMNS:,} keys: at most that many can be read")
    if not n_rows:
        raise BadInput(f"{path}: has no rows: write one object per line")
    if not names:
        raise BadInput(f"{path}: {_first_fault(path, encoding)}")
    if n_rows == 1 and (name := _nested(first or {})) is not None:
        raise BadInput(f"{path}: has its rows in a list under {name}: write one object per line")
    return Table(
        path=path,
        columns=tuple(name.strip() for name in names),
        rows=lambda exact=NONE: _rows(path, encoding, tuple(names), exact),
        notes=notes,
    )


def _first_fault(path: Path, encoding: str) -> str:
    """Return what is wrong with the first line of a file that has no object."""
    with open_text(path, encoding) as file:
        line, text = next((n, text) for n, text in enumerate(file, 1) if text.strip())
    return f"line {line}: {_unreadable(text)}"


def _unreadable(line: str) -> str:
    """Return why a line holds no object, what people meet most in words of our own."""
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError as error:
        said = str(error).partition(": line")[0]
        if number := _NO_NUMBER.match(line, error.pos):
            return f"holds {number[1]}, which JSON does not have: write null"
        if "surrogate" in said:
            return "holds half of a character (a lone surrogate): write the text again as UTF-8"
        return f"is not JSON from character {error.pos + 1} on ({said}){_OBJECTS}"
    return f"{_BROKEN}{_OBJECTS}"


_OBJECTS = ": write one object per line"


class _Float(str):
    """A number with a fraction or an exponent, as it is written."""

    __slots__ = ()


def _nested(record: dict[str, Any]) -> str | None:
    """Return the key under which an object has a list of objects, None where there is none."""
    lists = ((name, value) for name, value in record.items() if isinstance(value, list))
    return next(
        (name for name, value in lists if value and all(isinstance(one, dict) for one in value)), None
    )


def _refuse_array(path: Path, lines: Iterable[str]) -> None:
    number, text = next(((n, line.strip()) for n, line in enumerate(lines, 1) if line.strip()), (1, ""))
    if text.startswith("["):
        raise BadInput(f"{path}: line {number}: is a JSON array: write one object per line")


def _rows(
    path: Path, encoding: str, names: tuple[str, ...], exact: frozenset[str]
) -> Iterator[pa.RecordBatch]:
    first, most = 1, height(len(names))
    with open_text(path, encoding) as file:
        while lines := list(islice(file, most)):
            kept = [(n, _record(line)) for n, line in enumerate(lines, first) if line.strip()]
            whole = [line for line in lines if line.strip()]
            broken = [_fault(line, record, exact) for line, (_, record) in zip(whole, kept, strict=True)]
            texts = [[_text((record or {}).get(name)) for _, record in kept] for name in names]
            yield batch([n for n, _ in kept], texts, broken)
            first += len(lines)


def _record(line: str) -> dict[str, Any] | None:
    """Return the line's object with its numbers as they are written, None when it holds no object."""
    try:
        record = orjson.loads(line)
        if isinstance(record, dict) and {float, list, dict} & set(map(type, record.values())):
            record = json.loads(line, parse_float=_Float, parse_int=str)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _fault(line: str, record: dict[str, Any] | None, exact: frozenset[str]) -> str | None:
    """Return why a line cannot be read; a reader of JSON keeps the last of two texts under one key."""
    if record is None:
        return _unreadable(line)
    if exact and {_Float, bool, dict, list} & set(map(type, record.values())):
        for name, value in record.items():
            if isinstance(value, _Float) and name.strip() in exact and _has_fraction(value):
                return no_id(name.strip(), value)
            if isinstance(value, bool) and name.strip() in exact:
                return no_id_at_all(name.strip(), "the truth value", str(value).lower())
            if isinstance(value, dict | list) and name.strip() in exact:
                what = "an object" if isinstance(value, dict) else "a list"
                return f"{name.strip()} holds {what}, which is no id: export it as text"
    if len(_KEY_END.findall(line)) <= len(record):
        return None
    names = [name for name, _ in json.loads(line, object_pairs_hook=list)]
    twice = next((name for n, name in enumerate(names) if name in names[:n]), None)
    return None if twice is None else f"has the key {twice} twice: remove one of them"


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
