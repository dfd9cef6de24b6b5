"""The one reader of table files: CSV, JSON lines, Parquet and XLSX as Arrow batches of text, each row with its line.

Everything is text from the start: a 19-digit id does not survive a number. All commands read through here, so that
a file has the same rows everywhere, or is refused with what to change.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from rmanalytics.errors import BadInput
from rmanalytics.support import columns, delimited, json_lines, parquet, workbook
from rmanalytics.support.columns import Spellings
from rmanalytics.support.files import no_file
from rmanalytics.support.table_model import MOST_COLUMNS, NONE, Elsewhere, Table, bounded, schema

_WORKBOOK = "an XLSX workbook: name it .xlsx"
_MAGIC = {
    b"PK\x03\x04": _WORKBOOK,
    b"PAR1": "a Parquet file: name it .parquet",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save it as .xlsx",
    b"%PDF": "a PDF: export the table as CSV",
    b"\x1f\x8b": "a gzip file: unpack it",
}
"""What binary files begin with, what they are, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How a file is read; `columns` maps our names to the file's, `values` are columns that the file lacks.

    `skip_rows` lines are above the names; without a `sheet` the first visible one with rows is read. `say` gets what
    was guessed. `flags` is how the options of the command line for this begin; None: there are none.
    """

    sheet: str | None = None
    skip_rows: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    say: Callable[[str], None] = field(default=lambda _text: None, compare=False)
    flags: str | None = field(default=None, compare=False)

    def as_list(self) -> list[Any]:
        """Return what makes it other rows of the same file, names apart; empty when nothing was asked for."""
        asked = [self.sheet, self.skip_rows, sorted(self.values.items())]
        return asked if any(asked) else []

    def flag(self, name: str) -> str:
        """Return what the command line calls an option."""
        return f"{self.flags or '--'}{name}"


PLAIN = ReadOptions()


def open_table(path: Path, reading: ReadOptions = PLAIN) -> Table:
    """Return the file ready to be read; raise BadInput naming file, line and fix.

    So does iterating over its batches, for what only shows further down in the file.
    """
    kind = _kind(path)
    if reading.sheet is not None and kind is not _xlsx:
        raise BadInput(
            f"{path}: {reading.flag('sheet')} {reading.sheet}: only a workbook (.xlsx) has sheets: remove the option"
        )
    table = kind(path, reading)
    if len(table.columns) > MOST_COLUMNS:
        raise BadInput(f"{path}: has {len(table.columns):,} columns: at most {MOST_COLUMNS:,} can be read")
    if not any(table.columns):
        raise BadInput(
            f"{path}: line {table.names_line}: has no column names: skip a title with {reading.flag('skip-rows')} N"
        )
    for note in table.notes:
        reading.say(f"{path}: {note}")
    rows = table.rows
    whole_rows = replace(table, rows=lambda exact=NONE: map(bounded, rows(exact)))
    return _with_values(whole_rows, reading.values)


def recognise(
    table: Table,
    spellings: Spellings,
    reading: ReadOptions,
    *,
    required: tuple[str, ...] = (),
    is_strict: bool = False,
) -> dict[str, str]:
    """Return the file's name of each of our columns that it has; raise BadInput naming file, line and fix."""
    try:
        return columns.recognise(
            table.columns, spellings, reading.columns, required=required, is_strict=is_strict
        )
    except BadInput as error:
        said = str(error)
        if isinstance(error, columns.NoColumn):
            found = _elsewhere(table, spellings, reading, required, is_strict)
            n, row = min(found, key=lambda one: one[0], default=(error.n, None))
            said = said if row is None or n >= error.n else f"{error.text}: {_instead(row, n, reading)}"
        said = said.replace("--map ", f"{reading.flag('map')} ")
        raise BadInput(f"{table.path}: line {table.names_line}: {said}") from None


def _elsewhere(
    table: Table, spellings: Spellings, reading: ReadOptions, required: tuple[str, ...], is_strict: bool
) -> Iterator[tuple[int, Elsewhere]]:
    """Yield the rows that may have the column names instead, each with how many columns it lacks."""
    for row in table.elsewhere():
        names = (*row.names, *reading.values)
        try:
            columns.recognise(names, spellings, reading.columns, required=required, is_strict=is_strict)
            yield 0, row
        except columns.NoColumn as error:
            yield error.n, row
        except BadInput:
            continue


def _instead(row: Elsewhere, n_missing: int, reading: ReadOptions) -> str:
    """Return where the column names are, and what makes them be read."""
    where = f"line {row.line}" if row.sheet is None else f"sheet {row.sheet}"
    where += f" has {'more of ' if n_missing else ''}them"
    where += f" on line {row.line}" if row.sheet and row.line > 1 else ""
    if reading.flags is None:
        return f"{where}: {'remove the lines above' if row.sheet is None else 'save that sheet as a file of its own'}"
    asked = [] if row.sheet is None else [reading.flag("sheet"), shlex.quote(row.sheet)]
    if row.line > 1 or reading.skip_rows:
        asked += [reading.flag("skip-rows"), str(row.line - 1)]
    return f"{where}: use {' '.join(asked)}"


def exact(table: Table, found: Mapping[str, str], ours: Iterable[str]) -> frozenset[str]:
    """Return the file's names of our columns that hold ids; raise BadInput where one of them is of no such type."""
    names = [found[name] for name in ours if name in found]
    if decimals := [name for name in names if name in table.decimals]:
        raise BadInput(
            f"{table.path}: column {', '.join(decimals)}: holds decimal numbers, which lose digits: make it text"
        )
    if wrong := [name for name in names if name in table.no_ids]:
        raise BadInput(
            f"{table.path}: column {wrong[0]}: holds {table.no_ids[wrong[0]]}, which are no ids: make it text"
        )
    return frozenset(names)


_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/").match

LeftOut = Callable[[int, str], None]
"""Gets the line of a row that cannot be read, and why."""


def named_rows(
    table: Table, ids: frozenset[str] = NONE, left_out: LeftOut | None = None
) -> Iterator[tuple[int, dict[str, str | None]]]:
    """Yield each row by the file's names with its line.

    Of rows that cannot be read, `left_out` gets each; without it the first one raises BadInput.
    """
    for rows in table.rows(ids):
        texts = [column.to_pylist() for column in rows.columns]
        for line, *row, why in zip(*texts, strict=True):
            if why is None:
                yield line, dict(zip(reversed(table.columns), reversed(row), strict=True))
            elif left_out is None:
                raise BadInput(f"{table.path}: line {line}: {why}")
            else:
                left_out(line, why)


def read_rows(
    path: Path, names: Sequence[str], required: Sequence[str] = ()
) -> list[tuple[int, dict[str, str | None]]]:
    """Return the rows of a small table by our names with their lines; raise BadInput naming line and fix."""
    table = open_table(path)
    spellings = dict.fromkeys(names, ())
    found = recognise(table, spellings, PLAIN, required=tuple(required))
    _refuse_two_sheets(table, spellings, tuple(required))
    rows = [(line, {ours: row.get(found.get(ours, "")) for ours in names}) for line, row in named_rows(table)]
    if not rows:
        raise BadInput(f"{path}: has no rows: add one below the column names")
    return rows


def _refuse_two_sheets(table: Table, spellings: Spellings, required: tuple[str, ...]) -> None:
    """Raise BadInput where another sheet has the columns too: no option says which one is meant."""
    for n_missing, row in _elsewhere(table, spellings, PLAIN, required, is_strict=False):
        if row.sheet is not None and row.is_visible and not n_missing:
            raise BadInput(f"{table.path}: sheet {row.sheet} has these columns too: keep one of the sheets")


def refuse_twice(path: Path, rows: Iterable[tuple[int, str, object]]) -> None:
    """Raise BadInput for the first row (line, what people call it, its key) whose key an earlier one has."""
    lines: dict[object, int] = {}
    for line, name, key in rows:
        if (first := lines.setdefault(key, line)) != line:
            raise BadInput(f"{path}: line {line}: {name} is already on line {first}: remove one of them")


def _kind(path: Path) -> Callable[[Path, ReadOptions], Table]:
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        found = path.suffix or "no extension"
        raise BadInput(f"{path}: has {found}: a table file ends in {', '.join(_KINDS)}")
    if what := no_file(path):
        raise BadInput(f"{path}: is {what}: name a table file")
    if (scheme := _URL(str(path))) and not path.exists():
        raise BadInput(
            f"{path}: is a URL of {scheme[1]}: URLs are not read: download the file and name its path"
        )
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        shell = ", as only a shell expands ~: write the path in full" if path.parts[0].startswith("~") else ""
        raise BadInput(f"{path}: cannot be read: {error.strerror}{shell}") from None
    if not head:
        raise BadInput(f"{path}: is empty")
    if kind in (_csv, _json):
        for magic, name in _MAGIC.items():
            if name == _WORKBOOK and head.startswith(magic) and not workbook.is_workbook(path):
                raise BadInput(f"{path}: is a zip file: unpack it")
            if head.startswith(magic):
                raise BadInput(f"{path}: is not CSV or JSON but {name}")
    return kind


def _csv(path: Path, reading: ReadOptions) -> Table:
    return delimited.open_table(path, reading.skip_rows)


def _json(path: Path, reading: ReadOptions) -> Table:
    _refuse_skip(path, reading)
    return json_lines.open_table(path)


def _parquet(path: Path, reading: ReadOptions) -> Table:
    _refuse_skip(path, reading)
    return parquet.open_table(path)


def _xlsx(path: Path, reading: ReadOptions) -> Table:
    return workbook.open_table(path, reading.sheet, reading.skip_rows, reading.flag("sheet"))


def _refuse_skip(path: Path, reading: ReadOptions) -> None:
    if reading.skip_rows:
        raise BadInput(
            f"{path}: {reading.flag('skip-rows')}: this format has no rows above the column names: remove the option"
        )


def _with_values(table: Table, values: Mapping[str, str]) -> Table:
    """Return the table with columns of one value each at its end."""
    plain = {columns.plain(name) for name in table.columns}
    if twice := [name for name in values if columns.plain(name) in plain]:
        raise BadInput(f"{table.path}: --set {twice[0]}: the file already has this column: remove the option")
    if not values:
        return table
    width, rows = len(table.columns), table.rows

    def extended(exact: frozenset[str] = NONE) -> Iterator[pa.RecordBatch]:
        for batch in rows(exact):
            arrays = batch.columns
            same = [pa.repeat(pa.scalar(value, pa.string()), len(batch)) for value in values.values()]
            yield pa.record_batch([*arrays[:-1], *same, arrays[-1]], schema=schema(width + len(values)))

    return replace(table, columns=(*table.columns, *values), rows=extended)


_KINDS: dict[str, Callable[[Path, ReadOptions], Table]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".txt": _csv,
    ".jsonl": _json,
    ".ndjson": _json,
    ".json": _json,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
}
